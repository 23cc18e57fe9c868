import { describe, expect, it } from 'vitest'
import { type DecimalPolicy, evmAmount, parseAmountFields, STELLAR_AMOUNT } from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

describe('parseAmountFields', () => {
  it('gives the units of every field, and of no other property', () => {
    const body = { depositAmount: '1000000.0000000', ratePerSecond: '0.0000116', other: 5 }
    expect(parseAmountFields(body, ['depositAmount', 'ratePerSecond'])).toStrictEqual({
      ok: true,
      units: { depositAmount: 10_000_000_000_000n, ratePerSecond: 116n },
    })
  })

  it('gives every error at once, in the order of the fields', () => {
    const body = { a: 1, b: '', c: '1,5', d: '-1', e: '2' }
    expect(parseAmountFields(body, ['a', 'b', 'c', 'd', 'e', 'f'], STELLAR_AMOUNT)).toStrictEqual({
      ok: false,
      errors: [
        { field: 'a', code: 'DECIMAL_INVALID_TYPE', reason: 'not_a_string', message: expect.any(String) },
        { field: 'b', code: 'DECIMAL_EMPTY_VALUE', reason: 'blank', message: expect.any(String) },
        { field: 'c', code: 'DECIMAL_INVALID_FORMAT', reason: 'separator', at: 1, message: expect.any(String) },
        { field: 'd', code: 'DECIMAL_OUT_OF_RANGE', reason: 'below_minimum', message: expect.any(String) },
        { field: 'f', code: 'DECIMAL_EMPTY_VALUE', reason: 'missing', message: expect.any(String) },
      ],
    })
  })

  it('takes a policy for each field', () => {
    const policies = { stellar: STELLAR_AMOUNT, ether: evmAmount(18) }
    expect(parseAmountFields({ stellar: '1', ether: '1' }, policies)).toStrictEqual({
      ok: true,
      units: { stellar: 10_000_000n, ether: 10n ** 18n },
    })
    expect(parseAmountFields({ stellar: '0.00000001', ether: '0.00000001' }, policies)).toMatchObject({
      ok: false,
      errors: [{ field: 'stellar', reason: 'precision' }],
    })
  })

  it('throws for a missing policy instead of using the default one', () => {
    const forgotten = { amount: undefined as unknown as typeof STELLAR_AMOUNT }
    expect(() => parseAmountFields({ amount: '1' }, forgotten)).toThrow(
      expect.objectContaining({ code: 'DECIMAL_INVALID_POLICY' }),
    )
  })

  it('reads own properties only', () => {
    const inherited = Object.create({ amount: '1' })
    expect(parseAmountFields(inherited, ['amount'])).toMatchObject({ ok: false, errors: [{ reason: 'missing' }] })
    expect(parseAmountFields({}, ['toString', 'constructor', '__proto__'])).toMatchObject({
      errors: [{ reason: 'missing' }, { reason: 'missing' }, { reason: 'missing' }],
    })
    const bare = Object.assign(Object.create(null), { amount: '1' })
    expect(parseAmountFields(bare, ['amount'])).toStrictEqual({ ok: true, units: { amount: 10_000_000n } })
  })

  it('takes a field called __proto__ as a field', () => {
    const result = parseAmountFields(JSON.parse('{"__proto__":"1"}'), ['__proto__'])
    expect(result.ok && Object.entries(result.units)).toStrictEqual([['__proto__', 10_000_000n]])
    expect(Object.getPrototypeOf(result.ok && result.units)).toBe(Object.prototype)
  })

  it.each([null, undefined, 1, 'depositAmount', true, [], () => 1])('finds nothing in %s', (body) => {
    expect(parseAmountFields(body, ['depositAmount'])).toMatchObject({
      ok: false,
      errors: [{ field: 'depositAmount', code: 'DECIMAL_EMPTY_VALUE' }],
    })
  })

  it('gives nothing if no field is named', () => {
    expect(parseAmountFields({ a: 'x' }, [])).toStrictEqual({ ok: true, units: {} })
  })

  it.each([null, undefined, 'depositAmount', 5, true, () => ['a'], [undefined], ['a', 1], [{}]])(
    'throws for fields %s',
    (fields) => {
      expect(thrownBy(() => parseAmountFields({ a: '1' }, fields as unknown as string[]))).toMatchObject({
        code: 'DECIMAL_INVALID_ARGUMENT',
        reason: 'fields',
      })
    },
  )

  it('reads any list of names, and never takes one for an object without fields', () => {
    for (const list of [
      new Set(['a', 'b']),
      new Map([
        ['a', 1],
        ['b', 2],
      ]).keys(),
    ]) {
      const result = parseAmountFields({ a: '1', b: 2 }, list as Iterable<string> as string[])
      expect(result).toMatchObject({ ok: false, errors: [{ field: 'b', reason: 'not_a_string' }] })
    }
  })
})

describe('an optional field of parseAmountFields', () => {
  const fields = { amount: STELLAR_AMOUNT, tip: { optional: evmAmount(2) } }

  it('gives units by its policy if there is an amount', () => {
    expect(parseAmountFields({ amount: '1', tip: '0.50' }, fields)).toStrictEqual({
      ok: true,
      units: { amount: 10_000_000n, tip: 50n },
    })
    expect(parseAmountFields({ amount: '1', tip: '0' }, fields)).toMatchObject({ ok: true, units: { tip: 0n } })
  })

  it.each([
    ['missing', {}],
    ['undefined', { tip: undefined }],
    ['null, as JSON says it', { tip: null }],
    ['inherited only', Object.create({ tip: '1' })],
  ])('gives no units and no error where it is %s', (_name, tip) => {
    const result = parseAmountFields(Object.assign(tip, { amount: '1' }), fields)
    expect(result).toStrictEqual({ ok: true, units: { amount: 10_000_000n } })
    expect(result.ok && 'tip' in result.units).toBe(false)
  })

  it.each([
    ['blank', '', 'DECIMAL_EMPTY_VALUE'],
    ['white space', ' ', 'DECIMAL_EMPTY_VALUE'],
    ['a number', 0, 'DECIMAL_INVALID_TYPE'],
    ['false', false, 'DECIMAL_INVALID_TYPE'],
    ['malformed', '1,5', 'DECIMAL_INVALID_FORMAT'],
    ['out of range', '-1', 'DECIMAL_OUT_OF_RANGE'],
    ['too precise', '0.001', 'DECIMAL_OUT_OF_RANGE'],
  ])('is refused like any other where it is %s', (_name, tip, code) => {
    expect(parseAmountFields({ amount: '1', tip }, fields)).toMatchObject({
      ok: false,
      errors: [{ field: 'tip', code }],
    })
  })

  it('excuses no other field, and every field may be optional', () => {
    expect(parseAmountFields({}, fields)).toMatchObject({ errors: [{ field: 'amount', reason: 'missing' }] })
    expect(parseAmountFields(null, { tip: { optional: STELLAR_AMOUNT } })).toStrictEqual({ ok: true, units: {} })
  })

  it('accepts a policy with extra members, but not a policy with a member called optional', () => {
    const forms: unknown[] = [
      { ...STELLAR_AMOUNT, optional: true },
      { optional: true },
      { optional: undefined },
      { optional: null },
      { optional: { optional: STELLAR_AMOUNT } },
      { optional: { scale: -1, min: 0n, max: 1n } },
      { optional: STELLAR_AMOUNT, default: 0n },
    ]
    for (const form of forms) {
      for (const body of [{}, { tip: '1' }]) {
        const error = thrownBy(() => parseAmountFields(body, { tip: form as DecimalPolicy }))
        expect(error).toMatchObject({ code: 'DECIMAL_INVALID_POLICY' })
      }
    }
  })

  it('may be called optional, with or without being optional', () => {
    expect(parseAmountFields({ optional: '1' }, { optional: STELLAR_AMOUNT })).toStrictEqual({
      ok: true,
      units: { optional: 10_000_000n },
    })
    expect(parseAmountFields({}, { optional: { optional: STELLAR_AMOUNT } })).toStrictEqual({ ok: true, units: {} })
  })
})
