// Reading amounts: decimal text in, exact units out. Nothing is rounded and nothing is guessed.

import { refuseOutOfBounds } from './bounds.ts'
import { DecimalError } from './errors.ts'
import { findFault, refuseFault, scan } from './grammar.ts'
import { describeKind } from './kind.ts'
import { MAX_LENGTH } from './limits.ts'
import { DEFAULT_POLICY } from './policies.ts'
import { checkPolicy, type DecimalPolicy, type UnitsOf } from './policy.ts'
import {
  type DecimalRefusal,
  refuseBlank,
  refuseLength,
  refuseMissing,
  refusePrecision,
  refuseType,
} from './refusals.ts'
import { findExcess, unitsOf } from './units.ts'

/** The exact units of a value, or why it is not an amount. */
export type DecimalResult<Scale extends number = number> =
  | { readonly ok: true; readonly units: UnitsOf<Scale> }
  | DecimalRefusal

/**
 * Reads an amount. Never throws because of the value, and never reads more than its first 128 characters.
 *
 * The grammar: optionally one `+` or `-`, one or more ASCII digits, and optionally a point and one or more ASCII digits.
 * Nothing is trimmed. Decimals beyond the policy's scale must be zeros.
 *
 * @param value Anything. Only strings can be amounts.
 * @param policy Decimals and bounds; {@link FLUXORA_AMOUNT} by default.
 * @returns `{ ok: true, units }`, or `{ ok: false, code, reason, at?, message }`.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` if the policy makes no sense.
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
  policy: DecimalPolicy<Scale> = DEFAULT_POLICY,
): DecimalResult<Scale> {
  checkPolicy(policy)
  const result = readDecimal(value, policy.scale)
  if (!result.ok) return result
  return refuseOutOfBounds(result.units, policy) ?? result
}

/**
 * Reads an amount or throws: for places where a bad amount ends the work anyway.
 *
 * @param value Anything. Only strings can be amounts.
 * @param policy Decimals and bounds; {@link FLUXORA_AMOUNT} by default.
 * @param field Name of the field, which the error will carry.
 * @returns The amount in its smallest unit.
 * @throws {DecimalError} With the code, reason and `at` of the refusal; `DECIMAL_INVALID_POLICY` if the policy makes no sense.
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

/** Reads a value at a scale, without bounds. The scale is not checked. */
export function readDecimal<const Scale extends number>(value: unknown, scale: Scale): DecimalResult<Scale> {
  if (value === null || value === undefined) return refuseMissing()
  if (typeof value !== 'string') return refuseType(describeKind(value))
  if (value === '') return refuseBlank()
  if (value.length > MAX_LENGTH) return refuseLength()

  const parts = scan(value)
  const fault = findFault(value, parts)
  if (fault >= 0) return refuseFault(value, fault)

  const excess = findExcess(value, parts, scale)
  if (excess >= 0) return refusePrecision(scale, excess)
  return { ok: true, units: unitsOf(value, parts, scale) as UnitsOf<Scale> }
}
