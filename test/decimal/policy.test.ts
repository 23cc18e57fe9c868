import { describe, expect, it } from 'vitest'
import {
  type DecimalPolicy,
  decimalSchema,
  definePolicy,
  evmAmount,
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  formatUnits,
  isDecimalError,
  normalizeDecimal,
  parseAmountFields,
  parseDecimal,
  SOROBAN_AMOUNT,
  STELLAR_AMOUNT,
  toUnits,
} from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

describe('policies', () => {
  it('have the documented bounds', () => {
    expect(FLUXORA_AMOUNT).toStrictEqual({
      scale: 7,
      min: -(2n ** 63n * 10n ** 7n - 1n),
      max: 2n ** 63n * 10n ** 7n - 1n,
    })
    expect(FLUXORA_SAFE_INTEGER).toStrictEqual({
      scale: 7,
      min: -(2n ** 53n * 10n ** 7n - 1n),
      max: 2n ** 53n * 10n ** 7n - 1n,
    })
    expect(STELLAR_AMOUNT).toStrictEqual({ scale: 7, min: 0n, max: 2n ** 63n - 1n })
    expect(SOROBAN_AMOUNT).toStrictEqual({ scale: 7, min: -(2n ** 127n), max: 2n ** 127n - 1n })
    expect(evmAmount(18)).toStrictEqual({ scale: 18, min: 0n, max: 2n ** 256n - 1n })
  })

  it.each([FLUXORA_AMOUNT, FLUXORA_SAFE_INTEGER, STELLAR_AMOUNT, SOROBAN_AMOUNT, evmAmount(6)])(
    'are frozen: %o',
    (policy) => {
      expect(Object.isFrozen(policy)).toBe(true)
      expect(() => Object.assign(policy, { scale: 0 })).toThrow(TypeError)
      expect(policy).not.toHaveProperty('scale', 0)
    },
  )

  it('are copied, so the original object may change', () => {
    const mine = { scale: 2, min: 0n, max: 100n }
    const policy = definePolicy(mine)
    mine.max = 1n
    expect(policy).toStrictEqual({ scale: 2, min: 0n, max: 100n })
    mine.scale = -1
    expect(() => parseDecimal('1', mine)).toThrow(/scale/)
    expect(parseDecimal('1', policy)).toStrictEqual({ ok: true, units: 100n })
  })

  it.each([
    ['maxx', { scale: 7, min: 0n, maxx: 1n }],
    ['maxx', { scale: 7, min: 0n, max: 1n, maxx: 2n }],
    ['decimals', { scale: 7, decimals: 7, min: 0n, max: 1n }],
    ['Scale', { Scale: 7, min: 0n, max: 1n }],
    ['toString', { scale: 7, min: 0n, max: 1n, toString: undefined }],
    ['note', { ...STELLAR_AMOUNT, note: 'mine' }],
  ])('are not made with a member that a policy does not have: %s', (reason, policy) => {
    const error = thrownBy(() => definePolicy(policy as unknown as DecimalPolicy))
    expect(isDecimalError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'DECIMAL_INVALID_POLICY', reason })
  })

  it('may have extra members, like a record of a token: no member is optional, so a misspelt one is noticed', () => {
    const token = { symbol: 'USDC', scale: 6, min: 0n, max: 10n ** 12n }
    expect(parseDecimal('1.5', token)).toStrictEqual({ ok: true, units: 1_500_000n })
    expect(formatUnits(1_500_000n, token)).toBe('1.5')
    expect(parseAmountFields({ price: '1.5' }, { price: token })).toStrictEqual({
      ok: true,
      units: { price: 1_500_000n },
    })
    expect(decimalSchema(token)['~standard'].validate('1.5')).toStrictEqual({ value: 1_500_000n })
    expect(
      thrownBy(() => parseDecimal('1', { scale: 6, min: 0n, maxx: 1n } as unknown as DecimalPolicy)),
    ).toMatchObject({
      code: 'DECIMAL_INVALID_POLICY',
      reason: 'bounds',
    })
  })

  it('may be plain objects, which are checked on each call', () => {
    const mine = { scale: 2, min: 0n, max: 100n }
    expect(parseDecimal('1', mine)).toStrictEqual({ ok: true, units: 100n })
    expect(parseDecimal('1.01', mine)).toMatchObject({ ok: false, code: 'DECIMAL_OUT_OF_RANGE' })
    mine.max = 101n
    expect(parseDecimal('1.01', mine)).toStrictEqual({ ok: true, units: 101n })
    mine.scale = -1
    expect(() => parseDecimal('1', mine)).toThrow(expect.objectContaining({ code: 'DECIMAL_INVALID_POLICY' }))
  })

  it('are checked even if they were copied from a checked one', () => {
    expect(() => parseDecimal('1', { ...FLUXORA_AMOUNT, scale: -1 })).toThrow(/scale/)
  })

  it.each([
    ['the greatest scale without a sign', { scale: 126, min: 0n, max: 0n }],
    ['the greatest scale with a sign', { scale: 125, min: -1n, max: 0n }],
    ['128 digits', { scale: 0, min: 0n, max: 10n ** 128n - 1n }],
    ['a sign and 127 digits', { scale: 0, min: 1n - 10n ** 127n, max: 0n }],
    ['127 digits and a point', { scale: 1, min: 0n, max: 10n ** 127n - 1n }],
    ['a sign, 126 digits and a point', { scale: 7, min: 1n - 10n ** 126n, max: 0n }],
    ['a single amount', { scale: 0, min: 5n, max: 5n }],
  ])('may reach %s', (_name, policy) => {
    for (const units of [policy.min, policy.max]) {
      const text = formatUnits(units, policy, 'fixed')
      expect(text.length).toBeLessThanOrEqual(128)
      expect(parseDecimal(text, policy)).toStrictEqual({ ok: true, units })
    }
    expect(definePolicy(policy)).toStrictEqual(policy)
  })

  const nonsense: [string, unknown, string][] = [
    ['null', null, 'scale'],
    ['a number', 7, 'scale'],
    ['a name', 'STELLAR_AMOUNT', 'scale'],
    ['nothing in it', {}, 'scale'],
    ['a negative scale', { scale: -1, min: 0n, max: 1n }, 'scale'],
    ['a fractional scale', { scale: 1.5, min: 0n, max: 1n }, 'scale'],
    ['scale NaN', { scale: Number.NaN, min: 0n, max: 1n }, 'scale'],
    ['an endless scale', { scale: Number.POSITIVE_INFINITY, min: 0n, max: 1n }, 'scale'],
    ['a scale in text', { scale: '7', min: 0n, max: 1n }, 'scale'],
    ['a minimum that is a number', { scale: 7, min: 0, max: 1n }, 'bounds'],
    ['a maximum that is a number', { scale: 7, min: 0n, max: 1 }, 'bounds'],
    ['a bigint scale', { scale: 7n, min: 0n, max: 1n }, 'scale'],
    ['a scale that no text can have', { scale: 127, min: 0n, max: 1n }, 'scale'],
    ['a scale that no text with a sign can have', { scale: 126, min: -1n, max: 1n }, 'bounds'],
    ['min above max', { scale: 7, min: 2n, max: 1n }, 'bounds'],
    ['bounds in numbers', { scale: 7, min: 0, max: 1 }, 'bounds'],
    ['a bound in text', { scale: 7, min: 0n, max: '1' }, 'bounds'],
    ['no max', { scale: 7, min: 0n }, 'bounds'],
    ['129 digits', { scale: 0, min: 0n, max: 10n ** 128n }, 'bounds'],
    ['a sign and 128 digits', { scale: 0, min: -(10n ** 127n), max: 0n }, 'bounds'],
    ['128 digits and a point', { scale: 1, min: 0n, max: 10n ** 127n }, 'bounds'],
    ['a sign, 127 digits and a point', { scale: 7, min: -(10n ** 126n), max: 0n }, 'bounds'],
  ]

  it.each(nonsense)('make no sense with %s: every function that takes one throws', (_name, bad, reason) => {
    const policy = bad as DecimalPolicy
    const calls: (() => unknown)[] = [
      () => definePolicy(policy),
      () => parseDecimal('1', policy),
      () => parseDecimal('not an amount', policy),
      () => toUnits('1', policy),
      () => normalizeDecimal('1', policy),
      () => parseAmountFields({ a: '1' }, ['a'], policy),
      () => decimalSchema(policy),
    ]
    if (typeof bad !== 'number') calls.push(() => formatUnits(1n, policy))
    for (const call of calls) {
      const thrown = thrownBy(call)
      expect(isDecimalError(thrown)).toBe(true)
      expect(thrown).toMatchObject({ code: 'DECIMAL_INVALID_POLICY', reason })
    }
  })

  it.each([-1, 0.5, Number.NaN, 127, 255])('evmAmount(%d) throws', (decimals) => {
    expect(() => evmAmount(decimals)).toThrow(expect.objectContaining({ code: 'DECIMAL_INVALID_POLICY' }))
  })
})
