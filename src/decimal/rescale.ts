/**
 * The same amount in other units.
 *
 * @module
 */

import { checkUnits } from './arguments.ts'
import { DecimalError } from './errors.ts'
import { checkScale, type Units, type UnitsOf } from './policy.ts'
import { refusePrecision } from './refusals.ts'

/**
 * The same amount at another scale, exactly: 1.5 USDC has 1500000 units at 6 decimals and 15000000 at 7. Nothing is rounded.
 *
 * @param units The amount in units of the scale `from`.
 * @param from The scale that the units have, a whole number from 0 to 126, such as `evmAmount(6).scale`.
 * @param to The scale that they are to have, likewise.
 * @returns The units at the scale `to`. They are held to no bounds; `formatUnits(units, policy)` does that.
 * @throws DecimalError `DECIMAL_OUT_OF_RANGE` with the reason `precision` when the amount has more decimals than `to`;
 * `DECIMAL_INVALID_POLICY` for a bad scale; `DECIMAL_INVALID_ARGUMENT` when the units are not a bigint.
 *
 * @example
 * ```ts
 * rescaleUnits(1_500_000n, 6, 7) // 15000000n
 * rescaleUnits(15_000_000n, 7, 0) // throws: 1.5 is no whole number
 * ```
 */
export function rescaleUnits<const From extends number, const To extends number>(
  units: Units<NoInfer<From>>,
  from: From,
  to: To,
): UnitsOf<To> {
  checkUnits(units, 'units')
  const places = checkScale(to, 'The scale `to`') - checkScale(from, 'The scale `from`')
  const factor = 10n ** BigInt(Math.abs(places))
  if (places >= 0) return (units * factor) as UnitsOf<To>
  if (units % factor !== 0n) throw new DecimalError(refusePrecision(to))
  return (units / factor) as UnitsOf<To>
}
