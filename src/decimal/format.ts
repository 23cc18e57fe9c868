// Writing amounts: exact units to canonical text. And comparing texts by value.

import { checkUnits } from './arguments.ts'
import { refuseOutOfBounds } from './bounds.ts'
import { DecimalError, invalidArgument } from './errors.ts'
import { MAX_LENGTH } from './limits.ts'
import { readDecimal, toUnits } from './parse.ts'
import { DEFAULT_POLICY, FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, checkScale, type DecimalPolicy, type DecimalString, type Units } from './policy.ts'
import { refuseLength } from './refusals.ts'
import { type DecimalStyle, writeUnits } from './write.ts'

/**
 * Writes units as text. Equal units give equal text, and `parseDecimal` of it gives the units back.
 *
 * @param units The amount in its smallest unit.
 * @param policy The policy of the field, whose bounds hold here too; or a bare scale, without bounds. {@link FLUXORA_AMOUNT} by default.
 * @param style `trimmed` by default; `fixed` writes all decimals.
 * @returns The text, at most 128 characters.
 * @throws {DecimalError} `DECIMAL_OUT_OF_RANGE` if the units are outside the policy or take more than 128 characters;
 * `DECIMAL_INVALID_ARGUMENT` if the units are not a bigint or the style is unknown; `DECIMAL_INVALID_POLICY` if the policy or scale makes no
 * sense.
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
  policy: DecimalPolicy<Scale> | Scale = DEFAULT_POLICY,
  style: DecimalStyle = 'trimmed',
): DecimalString {
  checkUnits(units, 'units')
  if (style !== 'trimmed' && style !== 'fixed') {
    throw invalidArgument('style', "style must be 'trimmed' or 'fixed'.")
  }
  const text = writeUnits(units, scaleFor(units, policy), style)
  if (text.length > MAX_LENGTH) throw new DecimalError(refuseLength())
  return text as DecimalString
}

/** The scale to write units at. Throws if the policy makes no sense, or its bounds do not hold the units. */
function scaleFor(units: bigint, policy: DecimalPolicy | number): number {
  if (typeof policy === 'number') {
    checkScale(policy)
    return policy
  }
  checkPolicy(policy)
  const refusal = refuseOutOfBounds(units, policy)
  if (refusal) throw new DecimalError(refusal)
  return policy.scale
}

/**
 * The canonical text of an amount: `'+007.50'` becomes `'7.5'`, and `'-0'` becomes `'0'`. Equal amounts give equal text, so it can be
 * hashed, signed and used as a key.
 *
 * @param value Anything. Only strings can be amounts.
 * @param policy Decimals and bounds; {@link FLUXORA_AMOUNT} by default.
 * @returns The canonical text.
 * @throws {DecimalError} With the code, reason and `at` of the refusal; `DECIMAL_INVALID_POLICY` if the policy makes no sense.
 *
 * @example
 * ```ts
 * normalizeDecimal('+007.50') // '7.5'
 * ```
 */
export function normalizeDecimal(value: unknown, policy: DecimalPolicy = FLUXORA_AMOUNT): DecimalString {
  return formatUnits(toUnits(value, policy), policy)
}

/**
 * Compares two amounts by value. They may have any number of decimals, within the 128 characters of any text.
 *
 * @param a The text of an amount, in any spelling.
 * @param b Another one.
 * @returns -1, 0 or 1: a comparator for `Array.prototype.sort`.
 * @throws {DecimalError} With the code, reason and `at` of the refusal, if either is not an amount.
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
  if (left < right) return -1
  if (left > right) return 1
  return 0
}

/** The units of any text at a scale that holds all its decimals. */
function readAny(value: unknown): bigint {
  const result = readDecimal(value, MAX_LENGTH)
  if (!result.ok) throw new DecimalError(result)
  return result.units
}
