/**
 * Decimal text to exact units: one pass over at most 128 characters, nothing rounded, nothing guessed.
 *
 * @module
 */
import { DecimalError, type DecimalReason, type DecimalRefusal, refuse } from './errors.ts'
import { kindOf } from './misuse.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, type DecimalPolicy, MAX_LENGTH, type UnitsOf } from './policy.ts'
import { checkBounds, refuseLength, refusePrecision, refuseType } from './refusals.ts'

/** The verdict on a value: its exact units, or why it is not an amount. */
export type DecimalResult<Scale extends number = number> =
  | { readonly ok: true; readonly units: UnitsOf<Scale> }
  | DecimalRefusal

/**
 * Reads an amount. Whatever the value, it never throws, and no text costs more than its first 128 characters.
 *
 * The grammar: optionally one `+` or `-`, one or more ASCII digits, optionally a point and one or more ASCII digits.
 * Nothing is trimmed. Decimals beyond the policy's scale must be zeros.
 *
 * @param policy Decimals and bounds; {@link FLUXORA_AMOUNT} by default.
 * @returns `{ ok: true, units }`, or `{ ok: false, code, reason, at?, message }`.
 * @throws DecimalError `DECIMAL_INVALID_POLICY` only: the policy, not the value, makes no sense.
 *
 * @example
 * ```ts
 * parseDecimal('100.50') // { ok: true, units: 1005000000n }
 * parseDecimal(100.5) // { ok: false, code: 'DECIMAL_INVALID_TYPE', reason: 'not_a_string', … }
 * parseDecimal('1,000') // { ok: false, code: 'DECIMAL_INVALID_FORMAT', reason: 'separator', at: 1, … }
 * ```
 */
export function parseDecimal<const Scale extends number = 7>(
  value: unknown,
  policy: DecimalPolicy<Scale> = FLUXORA_AMOUNT as DecimalPolicy<number> as DecimalPolicy<Scale>,
): DecimalResult<Scale> {
  checkPolicy(policy)
  const result = readDecimal(value, policy.scale)
  if (typeof result !== 'bigint') return result
  return checkBounds(result, policy) ?? { ok: true, units: result as UnitsOf<Scale> }
}

/**
 * Reads an amount or throws: for places where a bad amount ends the work anyway.
 *
 * @param field Name of the field, carried by the error.
 * @throws DecimalError with the refusal's code, reason and `at`.
 *
 * @example
 * ```ts
 * toUnits('0.0000001') // 1n
 * toUnits('1.5', evmAmount(18)) // 1500000000000000000n
 * ```
 */
export function toUnits<const Scale extends number = 7>(
  value: unknown,
  policy?: DecimalPolicy<Scale>,
  field?: string,
): UnitsOf<Scale> {
  const result = parseDecimal(value, policy)
  if (!result.ok) throw new DecimalError(result, field)
  return result.units
}

const MINUS = 45
const PLUS = 43
const POINT = 46
const ZERO = 48

/**
 * The units of a value at a scale, without bounds.
 *
 * @internal
 */
export function readDecimal(value: unknown, scale: number): bigint | DecimalRefusal {
  if (typeof value !== 'string') {
    return value === null || value === undefined ? refuseMissing() : refuseType(kindOf(value))
  }
  const length = value.length
  if (length > MAX_LENGTH) return refuseLength()
  if (length === 0) return refuseBlank()

  const sign = value.charCodeAt(0)
  const start = sign === MINUS || sign === PLUS ? 1 : 0
  // The digits so far. A double, hence exact up to 2^53; rounding is monotone, so it cannot come back below that once above.
  let head = 0
  let at = start
  for (; at < length; at++) {
    const digit = value.charCodeAt(at) - ZERO
    if (digit >>> 0 > 9) break
    head = head * 10 + digit
  }
  const point = at
  let missing = scale // decimals still to come
  let excess = 0 // where the first decimal too many is
  if (point > start && point < length && value.charCodeAt(point) === POINT) {
    for (at++; at < length; at++) {
      const digit = value.charCodeAt(at) - ZERO
      if (digit >>> 0 > 9) break
      if (missing > 0) {
        head = head * 10 + digit
        missing--
      } else if (digit > 0) excess ||= at
    }
  }
  if (at < length || point === start || at === point + 1) return malformed(value, at)
  if (excess > 0) return refusePrecision(scale, excess)

  const units =
    head <= Number.MAX_SAFE_INTEGER
      ? shift(head, missing)
      : BigInt(value.slice(start, point) + value.slice(point + 1, point + 1 + scale) + '0'.repeat(missing))
  return sign === MINUS ? -units : units
}

const powers: bigint[] = []
const word: DataView = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8))

/** `integer * 10^places`, for a non-negative safe integer. */
function shift(integer: number, places: number): bigint {
  let number = integer
  let left = places
  for (; left > 0 && number * 10 <= Number.MAX_SAFE_INTEGER; left--) number *= 10
  // Twice as fast as BigInt(number).
  word.setInt32(0, number / 2 ** 32)
  word.setInt32(4, number)
  const units = word.getBigInt64(0)
  if (left === 0) return units
  powers[left] ??= 10n ** BigInt(left)
  return units * powers[left]!
}

function refuseMissing(): DecimalRefusal {
  return refuse('DECIMAL_EMPTY_VALUE', 'missing', 'The amount is missing.')
}

function refuseBlank(): DecimalRefusal {
  return refuse('DECIMAL_EMPTY_VALUE', 'blank', 'The amount is empty.')
}

/** The refusal of a text that breaks the grammar at index `at`. */
function malformed(text: string, at: number): DecimalRefusal {
  const character = text.charAt(at)
  if (character.trim() === '') {
    if (text.trim() === '') return refuseBlank()
    return character ? refuseFormat('whitespace', at) : refuseFormat('missing_digits', at)
  }
  if (character === '.' && text.indexOf('.') === at) return refuseFormat('missing_digits', at)
  if (",_'".includes(character)) return refuseFormat('separator', at)
  return refuseFormat('eE'.includes(character) ? 'exponent' : 'character', at)
}

const SENTENCES = {
  missing_digits: 'The amount needs digits after its sign and on both sides of its decimal point.',
  whitespace: 'The amount must not contain white space.',
  separator: 'The amount must not contain separators: write 1234.5, not 1,234.5.',
  exponent: 'The amount must be written out in full, without an exponent.',
  character: 'The amount may contain only the digits 0 to 9, one decimal point and a sign in front.',
}

function refuseFormat(reason: DecimalReason & keyof typeof SENTENCES, at: number): DecimalRefusal {
  return refuse('DECIMAL_INVALID_FORMAT', reason, SENTENCES[reason], at)
}
