// Values that are not an amount of a policy, in every way that senders, users and attackers find.

import * as fc from 'fast-check'
import { MAX_LENGTH } from '../../decimal/limits.ts'
import type { DecimalPolicy } from '../../decimal/policy.ts'
import type { DecimalErrorCode } from '../../decimal/refusals.ts'
import { type DecimalConstraints, decimalString, readPolicy, write } from './decimals.ts'

/** A value that is not an amount, and the reason. */
export interface InvalidDecimal {
  readonly value: unknown
  /** The code with which `parseDecimal` refuses it. */
  readonly expectedCode: DecimalErrorCode
}

/**
 * Generates text that is not an amount of the policy: blank, malformed, nearly right, out of range, hostile. Shrinks towards empty text.
 *
 * @param constraints `policy`: `FLUXORA_AMOUNT` by default.
 * @returns An arbitrary of texts of up to 20,000 characters.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` for a policy that makes no sense, `DECIMAL_INVALID_ARGUMENT` for an unknown option.
 *
 * @example
 * ```ts
 * await fc.assert(
 *   fc.asyncProperty(invalidDecimalString(), async (amount) => (await post({ amount })).status === 400),
 * )
 * ```
 */
export function invalidDecimalString(constraints: DecimalConstraints = {}): fc.Arbitrary<string> {
  return invalidText(readPolicy(constraints)).map(({ value }) => value)
}

/**
 * Generates values that are not an amount of the policy, texts and other types, with the code that refuses each. Shrinks towards empty
 * text.
 *
 * @param constraints `policy`: `FLUXORA_AMOUNT` by default.
 * @returns An arbitrary of `{ value, expectedCode }`.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` for a policy that makes no sense, `DECIMAL_INVALID_ARGUMENT` for an unknown option.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(invalidDecimal(), ({ value, expectedCode }) => {
 *     expect(parseDecimal(value)).toMatchObject({ ok: false, code: expectedCode })
 *   }),
 * )
 * ```
 */
export function invalidDecimal(constraints: DecimalConstraints = {}): fc.Arbitrary<InvalidDecimal> {
  const text = invalidText(readPolicy(constraints))
  const digits = fc.constantFrom('0', '1.5')
  const mistyped = label(
    'DECIMAL_INVALID_TYPE',
    fc.oneof(
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.boolean(),
      digits.map((value) => [value]),
      digits.map((value) => ({ value })),
      digits.map((value): unknown => Object(value)),
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

interface InvalidText extends InvalidDecimal {
  readonly value: string
}

/** Text that is refused, for every reason. The simplest comes first, since counterexamples shrink towards it. */
function invalidText(policy: DecimalPolicy): fc.Arbitrary<InvalidText> {
  return fc.oneof(
    { withCrossShrink: true },
    label('DECIMAL_EMPTY_VALUE', fc.string({ unit: fc.constantFrom(...BLANKS), maxLength: 16 })),
    ...malformed(policy),
    ...outOfRange(policy),
  )
}

const BLANKS = [' ', '\t', '\n', '\r', '\u00a0', '\u2003', '\u3000', '\ufeff'] as const

function malformed(policy: DecimalPolicy): fc.Arbitrary<InvalidText>[] {
  const valid = decimalString({ policy, spelling: 'canonical' })
  const digits = fc.stringMatching(/^[0-9]{1,20}$/)
  return [
    fc.constantFrom('.', '-', '+', '.5', '1.', '--1', '+-1', '1.2.3', '1e5', '1E-7', '0x10', '0b1', '1n'),
    fc.constantFrom('NaN', 'Infinity', '-Infinity', 'null', 'undefined', '1/2', '٣', '５', '²', '1%', '$1'),
    // A letter, a separator, a blank, a digit of another script or a control character, anywhere in the text.
    insertedInto(
      valid,
      fc.constantFrom('x', ',', '_', "'", ' ', '\u00a0', '\u2212', '\u0661', '\uff15', '\u0000', '\ud800'),
    ),
    fc.tuple(valid, fc.constantFrom('\n', '\r\n', ' ', '\t', '\ufeff')).map(([text, end]) => text + end),
    fc.tuple(valid, fc.constantFrom('\n', ' ', '\t', '\ufeff')).map(([text, start]) => start + text),
    fc.tuple(valid, fc.constantFrom('e', 'E'), fc.integer({ min: -400, max: 400 })).map((parts) => parts.join('')),
    // Grouped thousands, and a decimal comma: correct for the person who wrote them, wrong on the wire.
    fc
      .tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom(',', '_', ' ', "'"))
      .map((parts) => `${parts.join('')}000`),
    fc.tuple(digits, digits).map((parts) => parts.join(',')),
  ].map((texts) => texts.map((value) => ({ value, expectedCode: codeOfMalformed(value) })))
}

/** A text that is too long is refused unread, so its form does not matter. */
function codeOfMalformed(value: string): DecimalErrorCode {
  if (value.length > MAX_LENGTH) return 'DECIMAL_OUT_OF_RANGE'
  return 'DECIMAL_INVALID_FORMAT'
}

function outOfRange(policy: DecimalPolicy): fc.Arbitrary<InvalidText>[] {
  const valid = decimalString({ policy, spelling: 'canonical' })
  const tooLong = fc.integer({ min: MAX_LENGTH + 1, max: 20_000 })
  return [
    fc.bigInt({ min: 1n, max: 1_000n }).map((more) => write(policy.max + more, policy.scale)),
    fc.bigInt({ min: 1n, max: 1_000n }).map((more) => write(policy.min - more, policy.scale)),
    // One decimal too many, however small, on an amount that is otherwise valid.
    fc.tuple(valid, fc.nat(40), fc.constantFrom('1', '5', '9')).map(([text, zeros, digit]) => {
      const [whole, fraction = ''] = text.split('.')
      return `${whole}.${fraction.padEnd(policy.scale + zeros, '0')}${digit}`
    }),
    // From just above the longest length to one that keeps a naive parser busy.
    tooLong.map((length) => '9'.repeat(length)),
    tooLong.map((length) => `0.${'0'.repeat(length - 3)}1`),
    fc.tuple(fc.constantFrom('-', ' ', '.', '١', 'x'), tooLong).map(([character, length]) => character.repeat(length)),
  ].map((texts) => label('DECIMAL_OUT_OF_RANGE', texts))
}

function insertedInto(texts: fc.Arbitrary<string>, parts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(texts, parts, fc.nat(MAX_LENGTH)).map(([text, part, at]) => {
    const index = at % (text.length + 1)
    return text.slice(0, index) + part + text.slice(index)
  })
}

function label<Value>(
  expectedCode: DecimalErrorCode,
  values: fc.Arbitrary<Value>,
): fc.Arbitrary<{ readonly value: Value; readonly expectedCode: DecimalErrorCode }> {
  return values.map((value) => ({ value, expectedCode }))
}
