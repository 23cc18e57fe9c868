/**
 * Exact units to canonical text, and comparison of texts.
 *
 * @module
 */

import { checkUnits } from './arguments.ts'
import { refuseOutOfBounds } from './bounds.ts'
import { DecimalError, invalidArgument } from './errors.ts'
import { MAX_LENGTH } from './limits.ts'
import { readDecimal, toUnits } from './parse.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, checkScale, type DecimalPolicy, type DecimalString, type Units } from './policy.ts'
import { refuseLength } from './refusals.ts'
import { type DecimalStyle, writeUnits } from './write.ts'

/**
 * Writes units as text. Equal units give byte-equal text, and `parseDecimal` of it gives the units back.
 *
 * @param units The amount in its smallest unit.
 * @param policy The policy of the field, whose bounds are kept outwards too; or the bare scale, without bounds.
 * @param style `trimmed` by default.
 * @throws DecimalError `DECIMAL_OUT_OF_RANGE` when the units are outside the policy or take more than 128 characters;
 * `DECIMAL_INVALID_ARGUMENT` when the units are not a bigint or the style is unknown; `DECIMAL_INVALID_POLICY`.
 *
 * @example
 * ```ts
 * formatUnits(15_000_000n) // '1.5'
 * formatUnits(15_000_000n, STELLAR_AMOUNT, 'fixed') // '1.5000000'
 * formatUnits(15_000_000n, 6) // '15'
 * ```
 */
export function formatUnits<const Scale extends number = 7>(
  units: Units<NoInfer<Scale>>,
  policy: DecimalPolicy<Scale> | Scale = FLUXORA_AMOUNT as DecimalPolicy<number> as DecimalPolicy<Scale>,
  style: DecimalStyle = 'trimmed',
): DecimalString {
  checkUnits(units, 'units')
  if (style !== 'trimmed' && style !== 'fixed') {
    throw invalidArgument('style', "style must be 'trimmed' or 'fixed'.")
  }
  const text = writeUnits(units, typeof policy === 'number' ? checkScale(policy) : scaleFor(units, policy), style)
  if (text.length > MAX_LENGTH) throw new DecimalError(refuseLength())
  return text as DecimalString
}

/** The scale of a policy that makes sense and whose bounds hold the units. */
function scaleFor(units: bigint, policy: DecimalPolicy): number {
  checkPolicy(policy)
  const refusal = refuseOutOfBounds(units, policy)
  if (refusal) throw new DecimalError(refusal)
  return policy.scale
}

/**
 * The canonical text of an amount: `'+007.50'` becomes `'7.5'`, `'-0'` becomes `'0'`. Equal amounts come out byte-equal, so
 * they can be hashed, signed and used as keys.
 *
 * @throws DecimalError as `toUnits` does.
 */
export function normalizeDecimal(value: unknown, policy: DecimalPolicy = FLUXORA_AMOUNT): DecimalString {
  return formatUnits(toUnits(value, policy), policy)
}

/**
 * Compares two amounts by value, whatever their decimals, up to the 128 characters that any text may have.
 *
 * @returns -1, 0 or 1: a comparator for `Array.prototype.sort`.
 * @throws DecimalError when either is not an amount.
 *
 * @example
 * ```ts
 * compareDecimals('9.5', '10') // -1
 * compareDecimals('1.50', '+1.5') // 0
 * ```
 */
export function compareDecimals(a: DecimalString | string, b: DecimalString | string): -1 | 0 | 1 {
  const left = readAny(a)
  const right = readAny(b)
  return left < right ? -1 : left > right ? 1 : 0
}

function readAny(value: unknown): bigint {
  const result = readDecimal(value, MAX_LENGTH)
  if (!result.ok) throw new DecimalError(result)
  return result.units
}
