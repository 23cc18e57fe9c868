import { describe, expect, it } from 'vitest'
import { evmAmount, parseAmountFields, STELLAR_AMOUNT } from '../../src/decimal/index.ts'

describe('parseAmountFields', () => {
  it('gives the units of every field, and of no other', () => {
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

  it('does not take a forgotten policy for the default one', () => {
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

  it('asks for nothing, gets nothing', () => {
    expect(parseAmountFields({ a: 'x' }, [])).toStrictEqual({ ok: true, units: {} })
  })
})
