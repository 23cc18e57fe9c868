// Amounts: valid for a policy in every spelling, and invalid in every way that senders, users and attackers find.

import * as fc from 'fast-check'
import type { StreamTerms } from '../decimal/accrual.ts'
import { invalidArgument } from '../decimal/errors.ts'
import { MAX_LENGTH } from '../decimal/limits.ts'
import { FLUXORA_AMOUNT } from '../decimal/policies.ts'
import { checkPolicy, type DecimalPolicy } from '../decimal/policy.ts'
import { rateOver } from '../decimal/rate.ts'
import type { DecimalErrorCode } from '../decimal/refusals.ts'
import { rejectUnknownNames } from '../shared/options.ts'

/** Options of every arbitrary of amounts. */
export interface DecimalConstraints {
  /**
   * Decimals and bounds of the field under test.
   *
   * @defaultValue `FLUXORA_AMOUNT`
   */
  readonly policy?: DecimalPolicy | undefined
}

/** Options of `decimalString`. */
export interface DecimalStringConstraints extends DecimalConstraints {
  /**
   * `any`: signs, leading and trailing zeros, `-0`, whatever the grammar allows. `canonical`: as `formatUnits` writes it.
   *
   * @defaultValue 'any'
   */
  readonly spelling?: 'any' | 'canonical' | undefined
}

/** A value that is no amount, and why. */
export interface InvalidDecimal {
  readonly value: unknown
  /** The code that `parseDecimal` answers it with. */
  readonly expectedCode: DecimalErrorCode
}

/**
 * Amounts in their smallest unit, within the policy, its bounds more often than chance has it. Shrinks towards zero.
 *
 * @throws DecimalError `DECIMAL_INVALID_POLICY`; `DECIMAL_INVALID_ARGUMENT` for a name that is no option
 * @example
 * fc.property(amountUnits(), (units) => toUnits(formatUnits(units)) === units)
 */
export function amountUnits(constraints: DecimalConstraints = {}): fc.Arbitrary<bigint> {
  const { min, max } = readPolicy(constraints)
  const least = min > 0n ? min : max < 0n ? max : 0n // nearest to zero
  const near = { min: most(min, least - 1_000n), max: fewest(max, least + 1_000n) }
  return fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min, max }) },
    { weight: 2, arbitrary: fc.bigInt(near) },
    { weight: 1, arbitrary: fc.constantFrom(...new Set([least, min, max])) },
  )
}

/**
 * Decimal strings that the policy accepts. Shrinks towards `0`.
 *
 * @throws DecimalError `DECIMAL_INVALID_POLICY`; `DECIMAL_INVALID_ARGUMENT` for a name that is no option, or another spelling
 * @example
 * fc.property(decimalString(), (amount) => expect(parseDecimal(amount).ok).toBe(true))
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
    .record({
      text: canonical,
      plus: fc.boolean(),
      leading: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(MAX_LENGTH) }),
      trailing: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(MAX_LENGTH) }),
    })
    .map(({ text, plus, leading, trailing }) => {
      const [, minus, digits, point] = /^(-?)(\d+)(\.?)/.exec(text) as unknown as [string, string, string, string]
      let left = MAX_LENGTH - text.length
      const sign = minus || (plus && left > 0 ? (text === '0' ? '-' : '+') : '')
      left -= sign.length - minus.length
      const after = Math.min(trailing, left - (point ? 0 : 1))
      const end = after > 0 ? (point ? '' : '.') + '0'.repeat(after) : ''
      left -= end.length
      return sign + '0'.repeat(Math.min(leading, left)) + digits + text.slice(minus.length + digits.length) + end
    })
}

/**
 * Text that is no amount of the policy: blank, malformed, nearly right, out of range, hostile.
 *
 * @throws DecimalError `DECIMAL_INVALID_POLICY`; `DECIMAL_INVALID_ARGUMENT` for a name that is no option
 * @example
 * fc.property(invalidDecimalString(), async (amount) => (await post({ amount })).status === 400)
 */
export function invalidDecimalString(constraints: DecimalConstraints = {}): fc.Arbitrary<string> {
  return invalidText(readPolicy(constraints)).map(({ value }) => value as string)
}

/**
 * Values that are no amount of the policy, texts or of other types, with the code that answers them.
 *
 * @throws DecimalError `DECIMAL_INVALID_POLICY`; `DECIMAL_INVALID_ARGUMENT` for a name that is no option
 * @example
 * fc.property(invalidDecimal(), ({ value, expectedCode }) => expect(parseDecimal(value)).toMatchObject({ code: expectedCode }))
 */
export function invalidDecimal(constraints: DecimalConstraints = {}): fc.Arbitrary<InvalidDecimal> {
  const text = invalidText(readPolicy(constraints))
  const mistyped = label(
    'DECIMAL_INVALID_TYPE',
    fc.oneof(
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.boolean(),
      fc.constantFrom('0', '1.5').map((digits) => [digits]),
      fc.constantFrom('0', '1.5').map((value) => ({ value })),
      fc.constantFrom('0', '1.5').map((value) => Object(value) as unknown),
    ),
  )
  const missing = label('DECIMAL_EMPTY_VALUE', fc.constantFrom(null, undefined))
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 6, arbitrary: text },
    { weight: 2, arbitrary: mistyped },
    { weight: 1, arbitrary: missing },
  )
}

/**
 * Terms of a stream and a moment to ask about, before, within or after it; with cliffs and pauses. `accruedUnits` and
 * `refundableUnits` take it as it is. The deposit is never negative, whatever the policy.
 *
 * @throws DecimalError `DECIMAL_INVALID_POLICY`, also for a policy without an amount above zero; `DECIMAL_INVALID_ARGUMENT`
 * for a name that is no option
 * @example
 * fc.property(streamTerms(), (terms) => accruedUnits(terms) + refundableUnits(terms) === terms.deposit)
 */
export function streamTerms(
  constraints: DecimalConstraints = {},
): fc.Arbitrary<StreamTerms & { readonly now: number }> {
  const { scale, min, max } = readPolicy(constraints)
  const bounds = { scale, min: min > 0n ? min : 0n, max }
  checkPolicy(bounds)
  const deposit = amountUnits({ policy: bounds })
  const seconds = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 400_000_000 }))
  return fc
    .record({
      deposit,
      duration: seconds,
      startTime: fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }),
      // The rate that pays the deposit out exactly, or one that ends early or never.
      period: fc.option(seconds, { freq: 4 }),
      bounded: fc.boolean(),
      cliff: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 3 }),
      paused: fc.option(fc.record({ total: fc.nat(100_000), since: fc.option(fc.nat(1_000_000)) }), { freq: 3 }),
      elapsed: fc.oneof(fc.integer({ min: -10, max: 2_000 }), fc.integer({ min: -10, max: 800_000_000 })),
    })
    .map(({ deposit, duration, startTime, period, bounded, cliff, paused, elapsed }) => ({
      deposit,
      rate: rateOver(deposit, period ?? duration),
      startTime,
      now: startTime + elapsed,
      ...(bounded && { endTime: startTime + duration }),
      ...(cliff !== null && { cliff: startTime + Math.floor(cliff * duration) }),
      ...(paused && { pause: { total: paused.total, since: paused.since === null ? null : startTime + paused.since } }),
    }))
}

/** Every way to be refused that is text. The simplest comes first: that is where a counterexample shrinks to. */
function invalidText(policy: DecimalPolicy): fc.Arbitrary<InvalidDecimal> {
  const valid = decimalString({ policy, spelling: 'canonical' })
  const digits = fc.stringMatching(/^[0-9]{1,20}$/)
  const format = (text: fc.Arbitrary<string>): fc.Arbitrary<InvalidDecimal> =>
    // Whatever is longer is refused unread, be it malformed or not.
    text.map((value) => ({
      value,
      expectedCode: value.length > MAX_LENGTH ? 'DECIMAL_OUT_OF_RANGE' : 'DECIMAL_INVALID_FORMAT',
    }))
  const range = (text: fc.Arbitrary<string>): fc.Arbitrary<InvalidDecimal> => label('DECIMAL_OUT_OF_RANGE', text)
  const within = (part: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.tuple(valid, part, fc.nat(MAX_LENGTH)).map(([text, piece, at]) => {
      const index = at % (text.length + 1)
      return text.slice(0, index) + piece + text.slice(index)
    })
  return fc.oneof(
    { withCrossShrink: true },
    label('DECIMAL_EMPTY_VALUE', fc.string({ unit: fc.constantFrom(...BLANKS), maxLength: 16 })),
    format(fc.constantFrom('.', '-', '+', '.5', '1.', '--1', '+-1', '1.2.3', '1e5', '1E-7', '0x10', '0b1', '1n')),
    format(fc.constantFrom('NaN', 'Infinity', '-Infinity', 'null', 'undefined', '1/2', '٣', '５', '²', '1%', '$1')),
    // A letter, a separator, a blank, another script's digit or a control character, at any place.
    format(
      within(fc.constantFrom('x', ',', '_', "'", ' ', '\u00a0', '\u2212', '\u0661', '\uff15', '\u0000', '\ud800')),
    ),
    format(fc.tuple(valid, fc.constantFrom('\n', '\r\n', ' ', '\t', '\ufeff')).map(([text, end]) => text + end)),
    format(fc.tuple(valid, fc.constantFrom('\n', ' ', '\t', '\ufeff')).map(([text, start]) => start + text)),
    format(
      fc.tuple(valid, fc.constantFrom('e', 'E'), fc.integer({ min: -400, max: 400 })).map((parts) => parts.join('')),
    ),
    // Grouped thousands, and a decimal comma: right where they were written, wrong on the wire.
    format(
      fc
        .tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom(',', '_', ' ', "'"))
        .map((parts) => `${parts.join('')}000`),
    ),
    format(fc.tuple(digits, digits).map((parts) => parts.join(','))),
    range(fc.bigInt({ min: 1n, max: 1_000n }).map((more) => write(policy.max + more, policy.scale))),
    range(fc.bigInt({ min: 1n, max: 1_000n }).map((more) => write(policy.min - more, policy.scale))),
    // One decimal too many, however small, on an amount that is otherwise good.
    range(
      fc.tuple(valid, fc.nat(40), fc.constantFrom('1', '5', '9')).map(([text, zeros, digit]) => {
        const [whole, fraction = ''] = text.split('.')
        return `${whole}.${fraction.padEnd(policy.scale + zeros, '0')}${digit}`
      }),
    ),
    // Long: at the cap and beyond it, up to what would keep a naive reader busy.
    range(fc.integer({ min: MAX_LENGTH + 1, max: 20_000 }).map((length) => '9'.repeat(length))),
    range(fc.integer({ min: MAX_LENGTH + 1, max: 20_000 }).map((length) => `0.${'0'.repeat(length - 3)}1`)),
    range(
      fc
        .tuple(fc.constantFrom('-', ' ', '.', '١', 'x'), fc.integer({ min: MAX_LENGTH + 1, max: 20_000 }))
        .map(([character, length]) => character.repeat(length)),
    ),
  )
}

const BLANKS = [' ', '\t', '\n', '\r', '\u00a0', '\u2003', '\u3000', '\ufeff'] as const

function label(expectedCode: DecimalErrorCode, values: fc.Arbitrary<unknown>): fc.Arbitrary<InvalidDecimal> {
  return values.map((value) => ({ value, expectedCode }))
}

/** The canonical text. Not by `formatUnits`: a fixture must not agree with what it tests by being the same code. */
function write(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const [whole, fraction] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)]
  const rest = fraction.replace(/0+$/, '')
  return (units < 0n ? '-' : '') + whole + (rest && `.${rest}`)
}

function readPolicy(constraints: DecimalConstraints, known: readonly string[] = ['policy']): DecimalPolicy {
  rejectUnknownNames(constraints, known, invalidArgument)
  const { policy = FLUXORA_AMOUNT } = constraints
  checkPolicy(policy)
  return policy
}

function most(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}

function fewest(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
