// The same amount in other units.

import { checkUnits } from './arguments.ts'
import { DecimalError } from './errors.ts'
import { checkScale, type Units, type UnitsOf } from './policy.ts'
import { refusePrecision } from './refusals.ts'
import { powerOfTen } from './units.ts'

/**
 * The same amount at another scale, exactly: 1.5 USDC is 1500000 units at 6 decimals and 15000000 at 7. Nothing is rounded.
 *
 * @param units The amount in units of the scale `from`.
 * @param from The scale of the units, a whole number from 0 to 126, such as `evmAmount(6).scale`.
 * @param to The scale to convert to, likewise.
 * @returns The units at the scale `to`, within no bounds: `formatUnits(units, policy)` checks those.
 * @throws {DecimalError} `DECIMAL_OUT_OF_RANGE` with the reason `precision` if the amount has more decimals than `to`;
 * `DECIMAL_INVALID_POLICY` for a scale out of range; `DECIMAL_INVALID_ARGUMENT` if the units are not a bigint.
 *
 * @example
 * ```ts
 * rescaleUnits(1_500_000n, 6, 7) // 15000000n
 * rescaleUnits(15_000_000n, 7, 0) // throws: 1.5 is not a whole number
 * ```
 */
export function rescaleUnits<const From extends number, const To extends number>(
  units: Units<NoInfer<From>>,
  from: From,
  to: To,
): UnitsOf<To> {
  checkUnits(units, 'units')
  checkScale(to, 'The scale `to`')
  checkScale(from, 'The scale `from`')
  return convert(units, from, to) as UnitsOf<To>
}

function convert(units: bigint, from: number, to: number): bigint {
  if (to >= from) return units * powerOfTen(to - from)
  const factor = powerOfTen(from - to)
  if (units % factor !== 0n) throw new DecimalError(refusePrecision(to))
  return units / factor
}
