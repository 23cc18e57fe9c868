import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accruedUnits,
  bigintReplacer,
  compareDecimals,
  type DecimalPolicy,
  decimalPattern,
  decimalSchema,
  definePolicy,
  depletesAt,
  evmAmount,
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  findUnsafeAmounts,
  formatUnits,
  parseAmountFields,
  parseDecimal,
  rateOver,
  rescaleUnits,
  STELLAR_AMOUNT,
  type StreamTerms,
  toUnits,
} from '../../src/decimal/index.ts'
import { decimalString, invalidDecimal } from '../../src/testing/index.ts'
import { insertPoint, label, thrownBy } from './support.ts'

const CENTS = definePolicy({ scale: 2, min: 1n, max: 100_000_00n })
const WHOLE = definePolicy({ scale: 0, min: -5n, max: 5n })
const TENTHS = { scale: 1, min: -15n, max: 15n }

describe('the message of a refused amount', () => {
  it.each<[unknown, DecimalPolicy, string]>([
    [null, FLUXORA_AMOUNT, 'The amount is missing.'],
    [undefined, FLUXORA_AMOUNT, 'The amount is missing.'],
    ['', FLUXORA_AMOUNT, 'The amount is empty.'],
    [' \t', FLUXORA_AMOUNT, 'The amount is empty.'],
    [1.5, FLUXORA_AMOUNT, 'The amount must be a string, not a number.'],
    [15n, FLUXORA_AMOUNT, 'The amount must be a string, not a bigint.'],
    [true, FLUXORA_AMOUNT, 'The amount must be a string, not a boolean.'],
    [['1'], FLUXORA_AMOUNT, 'The amount must be a string, not an object.'],
    [Object('1'), FLUXORA_AMOUNT, 'The amount must be a string, not an object.'],
    [() => '1', FLUXORA_AMOUNT, 'The amount must be a string, not a function.'],
    [Symbol('1'), FLUXORA_AMOUNT, 'The amount must be a string, not a symbol.'],
    ['.5', FLUXORA_AMOUNT, 'The amount needs digits after its sign and on both sides of its decimal point.'],
    ['-', FLUXORA_AMOUNT, 'The amount needs digits after its sign and on both sides of its decimal point.'],
    ['1 ', FLUXORA_AMOUNT, 'The amount must not contain white space.'],
    ['1,000', FLUXORA_AMOUNT, 'The amount must not contain separators: write 1234.5, not 1,234.5.'],
    ['1e-7', FLUXORA_AMOUNT, 'The amount must be written out in full, without an exponent.'],
    ['abc', FLUXORA_AMOUNT, 'The amount may contain only the digits 0 to 9, one decimal point and a sign in front.'],
    ['1.00000001', FLUXORA_AMOUNT, 'The amount has more than 7 decimal places.'],
    ['0.0000000000000000001', evmAmount(18), 'The amount has more than 18 decimal places.'],
    ['0.15', TENTHS, 'The amount has more than 1 decimal place.'],
    ['1.5', WHOLE, 'The amount must be a whole number.'],
    ['9223372036854775808', FLUXORA_AMOUNT, 'The amount is above the maximum of 9223372036854775807.9999999.'],
    ['-9223372036854775808', FLUXORA_AMOUNT, 'The amount is below the minimum of -9223372036854775807.9999999.'],
    ['9007199254740992', FLUXORA_SAFE_INTEGER, 'The amount is above the maximum of 9007199254740991.9999999.'],
    ['922337203685.4775808', STELLAR_AMOUNT, 'The amount is above the maximum of 922337203685.4775807.'],
    ['-0.0000001', STELLAR_AMOUNT, 'The amount is below the minimum of 0.'],
    ['0', CENTS, 'The amount is below the minimum of 0.01.'],
    ['100000.01', CENTS, 'The amount is above the maximum of 100000.'],
    ['6', WHOLE, 'The amount is above the maximum of 5.'],
    ['1.6', TENTHS, 'The amount is above the maximum of 1.5.'],
    ['1'.repeat(129), FLUXORA_AMOUNT, 'The amount is longer than 128 characters.'],
  ])('%# %o', (value, policy, message) => {
    expect(parseDecimal(value, policy)).toMatchObject({ ok: false, message })
    expect(thrownBy(() => toUnits(value, policy))).toMatchObject({ message })
    expect(decimalSchema(policy)['~standard'].validate(value)).toMatchObject({ issues: [{ message }] })
    expect(parseAmountFields({ tip: value }, { tip: policy })).toMatchObject({ errors: [{ message }] })
  })

  it('names the present limits of a policy that was written by hand and has changed', () => {
    const mine = { scale: 1, min: 0n, max: 10n }
    expect(parseDecimal('2', mine)).toMatchObject({ message: 'The amount is above the maximum of 1.' })
    Object.assign(mine, { scale: 2, max: 25n })
    expect(parseDecimal('2', mine)).toMatchObject({ message: 'The amount is above the maximum of 0.25.' })
  })

  it('is the same for units that cannot be written', () => {
    expect(thrownBy(() => formatUnits(2n ** 63n, STELLAR_AMOUNT))).toMatchObject({
      message: 'The amount is above the maximum of 922337203685.4775807.',
    })
    expect(thrownBy(() => formatUnits(10n ** 128n, 0))).toMatchObject({
      message: 'The amount is longer than 128 characters.',
    })
    expect(thrownBy(() => rescaleUnits(15n, 1, 0))).toMatchObject({ message: 'The amount must be a whole number.' })
    expect(thrownBy(() => compareDecimals('1', '1,5'))).toMatchObject({
      message: 'The amount must not contain separators: write 1234.5, not 1,234.5.',
    })
  })

  it('is the same for numbers in a payload, and says what could not be searched', () => {
    const payload = JSON.parse(`{"amount":1,"deep":${'['.repeat(70)}${']'.repeat(70)}}`)
    expect(findUnsafeAmounts({ ...payload, list: { amount: 5n } }, ['amount']).map(({ message }) => message)).toEqual([
      'The amount must be a string, not a number.',
      'This part was not searched for amounts: it is too deep, the payload is too large, or reading it threw an error.',
      'The amount must be a string, not a bigint.',
    ])
  })
})

describe('no character of the input is in a message', () => {
  const policies: DecimalPolicy[] = [FLUXORA_AMOUNT, STELLAR_AMOUNT, CENTS, WHOLE, TENTHS, evmAmount(18)]

  /** The sentence, from the policy, the reason and the type alone: what is said by it cannot come from the text. */
  const sentences: Record<string, (policy: DecimalPolicy, kind: string) => string> = {
    missing: () => 'The amount is missing.',
    blank: () => 'The amount is empty.',
    not_a_string: (_, kind) => `The amount must be a string, not ${kind}.`,
    missing_digits: () => 'The amount needs digits after its sign and on both sides of its decimal point.',
    whitespace: () => 'The amount must not contain white space.',
    separator: () => 'The amount must not contain separators: write 1234.5, not 1,234.5.',
    exponent: () => 'The amount must be written out in full, without an exponent.',
    character: () => 'The amount may contain only the digits 0 to 9, one decimal point and a sign in front.',
    too_long: () => 'The amount is longer than 128 characters.',
    precision: ({ scale }) =>
      scale === 0
        ? 'The amount must be a whole number.'
        : `The amount has more than ${scale} decimal place${scale === 1 ? '' : 's'}.`,
    above_maximum: ({ scale, max }) => `The amount is above the maximum of ${trimmed(max, scale)}.`,
    below_minimum: ({ scale, min }) => `The amount is below the minimum of ${trimmed(min, scale)}.`,
  }
  const trimmed = (units: bigint, scale: number): string => {
    const text = insertPoint(units, scale)
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text
  }

  it.each(policies.map((policy) => [policy] as const))('under %o', (policy) => {
    const value = fc.oneof(
      invalidDecimal({ policy }).map((invalid) => invalid.value),
      decimalString().map((text): unknown => text),
      fc.string({ unit: 'binary' }),
      fc.anything({ withBigInt: true, withBoxedValues: true }),
    )
    const seen = new Set<string>()
    fc.assert(
      fc.property(value, (input) => {
        const result = parseDecimal(input, policy)
        if (result.ok) return
        seen.add(result.reason)
        const kind = typeof input === 'object' ? 'an object' : `a ${typeof input}`
        expect(result.message).toBe(sentences[result.reason]?.(policy, kind))
      }),
      { numRuns: 3000 },
    )
    expect([...seen].sort()).toEqual(Object.keys(sentences).sort())
  })
})

describe('the message of a misuse', () => {
  const terms = { rate: rateOver(1n, 1), deposit: 10n, startTime: 0, now: 5 }
  const accrue = (change: object) => (): unknown => accruedUnits({ ...terms, ...change })
  const asAny = <T>(value: unknown): T => value as T

  it.each<[string, () => unknown, string]>([
    [
      'a bad scale',
      () => definePolicy({ scale: 1.5, min: 0n, max: 1n }),
      'The scale of a policy must be a whole number from 0 to 126.',
    ],
    ['a bare bad scale', () => formatUnits(1n, -1), 'The scale must be a whole number from 0 to 126.'],
    [
      'a bad scale to rescale to',
      () => rescaleUnits(1n, 1, 127),
      'The scale `to` must be a whole number from 0 to 126.',
    ],
    [
      'a bad scale to rescale from',
      () => rescaleUnits(1n, 127, 1),
      'The scale `from` must be a whole number from 0 to 126.',
    ],
    [
      'crossed bounds',
      () => decimalPattern({ scale: 7, min: 2n, max: 1n }),
      'The bounds min and max must be bigints, min not above max, and at most 128 characters long when written with all decimals.',
    ],
    [
      'a misspelt bound',
      () => definePolicy(asAny<DecimalPolicy>({ scale: 7, min: 0n, maxx: 1n })),
      'maxx is not an option here. The options are scale, min, max.',
    ],
    ['units in a number', () => formatUnits(asAny(1)), 'units must be a bigint, not a number.'],
    ['no units', () => formatUnits(asAny(undefined)), 'units must be a bigint, not undefined.'],
    ['null for units', () => rescaleUnits(asAny(null), 1, 1), 'units must be a bigint, not null.'],
    ['a style', () => formatUnits(1n, 7, asAny('padded')), "style must be 'trimmed' or 'fixed'."],
    [
      'a bigint without a policy',
      () => JSON.stringify({ total: 1n }, bigintReplacer({ amount: STELLAR_AMOUNT })),
      'The property that holds this bigint has no policy. Give bigintReplacer one for its name.',
    ],
    [
      'fields that are not a list',
      () => parseAmountFields({}, asAny<string[]>('amount')),
      "fields must be a list of names, such as ['depositAmount'].",
    ],
    [
      'a text for fields',
      () => findUnsafeAmounts({}, asAny('amount')),
      "fields must be a list of names, such as ['depositAmount'].",
    ],
    ['a negative deposit', accrue({ deposit: -1n }), 'deposit must be a bigint that is not negative.'],
    [
      'a rate in numbers',
      accrue({ rate: { units: 1, seconds: 1 } }),
      'rate must be { units, seconds } with two bigints: units not negative, seconds above zero. Make it with rateOver.',
    ],
    ['a fraction of a second', accrue({ now: 5.5 }), 'now must be whole seconds, given as an integer or a bigint.'],
    [
      'milliseconds',
      accrue({ startTime: 1_710_000_000_000 }),
      'startTime cannot be in seconds: it is beyond ±100000000000. Divide milliseconds by 1000 and round down.',
    ],
    [
      'milliseconds in a pause',
      accrue({ pause: { since: 1_710_000_000_000n } }),
      'pause.since cannot be in seconds: it is beyond ±100000000000. Divide milliseconds by 1000 and round down.',
    ],
    ['a negative pause', accrue({ pause: { total: -1 } }), 'pause.total must not be negative.'],
    ['a pause that is not an object', accrue({ pause: 5 }), 'pause must be an object: { since, total }.'],
    ['an end before the start', accrue({ endTime: -1 }), 'endTime must not be before startTime.'],
    ['no time at all', () => rateOver(1n, 0), 'seconds must be above zero.'],
    [
      'a misspelt end',
      () => depletesAt(asAny<StreamTerms>({ ...terms, endtime: 9 })),
      'endtime is not an option here. The options are rate, deposit, startTime, endTime, cliff, pause, now.',
    ],
    [
      'an unknown target',
      () => decimalSchema()['~standard'].jsonSchema.input({ target: 'draft-3' }),
      'target must be one of draft-2020-12, draft-2019-09, draft-07, draft-06, draft-04, openapi-3.1, openapi-3.0.',
    ],
    [
      'the schema of a bigint',
      () => decimalSchema()['~standard'].jsonSchema.output({ target: 'draft-07' }),
      'The output is a bigint, which JSON Schema cannot describe. Use jsonSchema.input, which describes the text.',
    ],
  ])('%s', (_name, call, message) => {
    expect(thrownBy(call)).toMatchObject({ name: 'DecimalError', message })
  })

  it('holds nothing of the values that were passed in', () => {
    const secret = 'a-secret'
    for (const value of [secret, [secret], { secret }, Symbol(secret), Object(secret)]) {
      const calls: (() => unknown)[] = [
        () => formatUnits(asAny(value)),
        () => formatUnits(1n, 7, asAny(value)),
        () => formatUnits(1n, asAny<DecimalPolicy>(value)),
        () => rescaleUnits(1n, asAny<number>(value), 7),
        accrue({ now: value }),
        accrue({ deposit: value }),
        accrue({ pause: { total: value } }),
        () => decimalSchema()['~standard'].jsonSchema.input({ target: asAny<string>(value) }),
      ]
      for (const call of calls) {
        expect(String(thrownBy(call)), label(value)).not.toContain(secret)
      }
    }
  })
})
