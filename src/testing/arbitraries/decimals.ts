// Amounts that a policy accepts, as units and as text in every spelling.

import * as fc from 'fast-check'
import { invalidArgument } from '../../decimal/errors.ts'
import { MAX_LENGTH } from '../../decimal/limits.ts'
import { FLUXORA_AMOUNT } from '../../decimal/policies.ts'
import { checkPolicy, type DecimalPolicy } from '../../decimal/policy.ts'
import { rejectUnknownNames } from '../../shared/options.ts'

/** Options of every arbitrary of amounts. */
export interface DecimalConstraints {
  /** Decimals and bounds of the field under test, `FLUXORA_AMOUNT` by default. */
  readonly policy?: DecimalPolicy | undefined
}

/** Options of `decimalString`. */
export interface DecimalStringConstraints extends DecimalConstraints {
  /** `any` (the default) has signs, zeros at both ends and `-0`, as far as the grammar allows. `canonical` is what `formatUnits` writes. */
  readonly spelling?: 'any' | 'canonical' | undefined
}

/**
 * Generates amounts in their smallest unit, within the policy. Its bounds and small amounts come more often than by chance. Shrinks
 * towards zero.
 *
 * @param constraints `policy`: `FLUXORA_AMOUNT` by default.
 * @returns An arbitrary of bigints.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` for a policy that makes no sense, `DECIMAL_INVALID_ARGUMENT` for an unknown option.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(amountUnits(), (units) => toUnits(formatUnits(units)) === units))
 * ```
 */
export function amountUnits(constraints: DecimalConstraints = {}): fc.Arbitrary<bigint> {
  const { min, max } = readPolicy(constraints)
  const nearestToZero = clamp(0n, min, max)
  const near = {
    min: clamp(nearestToZero - 1_000n, min, max),
    max: clamp(nearestToZero + 1_000n, min, max),
  }
  return fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min, max }) },
    { weight: 2, arbitrary: fc.bigInt(near) },
    { weight: 1, arbitrary: fc.constantFrom(...new Set([nearestToZero, min, max])) },
  )
}

/**
 * Generates decimal strings that the policy accepts. Shrinks towards `0`.
 *
 * @param constraints `policy`: `FLUXORA_AMOUNT` by default. `spelling`: `any` by default, or `canonical`.
 * @returns An arbitrary of texts of at most 128 characters.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` for a policy that makes no sense, `DECIMAL_INVALID_ARGUMENT` for an unknown option or
 * spelling.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(decimalString(), (amount) => parseDecimal(amount).ok))
 * ```
 */
export function decimalString(constraints: DecimalStringConstraints = {}): fc.Arbitrary<string> {
  const policy = readPolicy(constraints, ['policy', 'spelling'])
  const { spelling = 'any' } = constraints
  if (spelling !== 'any' && spelling !== 'canonical') {
    throw invalidArgument('spelling', "spelling must be 'any' or 'canonical'.")
  }
  const canonical = amountUnits({ policy }).map((units) => write(units, policy.scale))
  if (spelling === 'canonical') return canonical
  return fc
    .record({ text: canonical, plus: fc.boolean(), leading: zeroCount(), trailing: zeroCount() })
    .map(({ text, plus, leading, trailing }) => {
      const signed = plus ? withSign(text) : text
      return withLeadingZeros(withTrailingZeros(signed, trailing), leading)
    })
}

/** A few zeros, or as many as there may be. */
function zeroCount(): fc.Arbitrary<number> {
  return fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(MAX_LENGTH) })
}

// Each of these adds no more than the longest text has room for.

function withSign(text: string): string {
  if (text.startsWith('-') || text.length === MAX_LENGTH) return text
  if (text === '0') return '-0'
  return `+${text}`
}

function withTrailingZeros(text: string, zeros: number): string {
  const stem = text.includes('.') ? text : `${text}.`
  const count = Math.min(zeros, MAX_LENGTH - stem.length)
  if (count <= 0) return text
  return stem + '0'.repeat(count)
}

function withLeadingZeros(text: string, zeros: number): string {
  const count = Math.min(zeros, MAX_LENGTH - text.length)
  return text.replace(/^[+-]?/, (sign) => sign + '0'.repeat(count))
}

/** Writes the canonical text. Not with `formatUnits`: a fixture must not share its code with what it tests. */
export function write(units: bigint, scale: number): string {
  if (units < 0n) return `-${write(-units, scale)}`
  const digits = String(units).padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = digits.slice(point).replace(/0+$/, '')
  return digits.slice(0, point) + (fraction && `.${fraction}`)
}

/** Reads and checks the policy. An option that is not `known` is refused. */
export function readPolicy(constraints: DecimalConstraints, known: readonly string[] = ['policy']): DecimalPolicy {
  rejectUnknownNames(constraints, known, invalidArgument)
  const { policy = FLUXORA_AMOUNT } = constraints
  checkPolicy(policy)
  return policy
}

function clamp(value: bigint, min: bigint, max: bigint): bigint {
  if (value < min) return min
  if (value > max) return max
  return value
}
