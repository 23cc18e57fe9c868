import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accruedUnits,
  type DecimalPolicy,
  decimalSchema,
  definePolicy,
  evmAmount,
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  formatUnits,
  normalizeDecimal,
  parseDecimal,
  refundableUnits,
  SOROBAN_AMOUNT,
  STELLAR_AMOUNT,
  toUnits,
} from '../../../src/decimal/index.ts'
import {
  amountUnits,
  decimalString,
  invalidDecimal,
  invalidDecimalString,
  streamTerms,
} from '../../../src/testing/index.ts'

const policies: readonly (readonly [string, DecimalPolicy])[] = [
  ['FLUXORA_AMOUNT', FLUXORA_AMOUNT],
  ['FLUXORA_SAFE_INTEGER', FLUXORA_SAFE_INTEGER],
  ['STELLAR_AMOUNT', STELLAR_AMOUNT],
  ['SOROBAN_AMOUNT', SOROBAN_AMOUNT],
  ['ether', evmAmount(18)],
  ['the longest decimals', evmAmount(126)],
  ['whole numbers', definePolicy({ scale: 0, min: -5n, max: 5n })],
  ['a price', definePolicy({ scale: 2, min: 1n, max: 100_000_00n })],
  ['debts only', { scale: 2, min: -900n, max: -5n }],
  ['one amount', { scale: 3, min: 42n, max: 42n }],
]

describe.each(policies)('under %s', (_, policy) => {
  it('amounts are within the policy, and survive formatting and parsing', () => {
    fc.assert(
      fc.property(amountUnits({ policy }), (units) => {
        expect(units >= policy.min && units <= policy.max).toBe(true)
        expect(toUnits(formatUnits(units, policy), policy)).toBe(units)
      }),
    )
  })

  it('every decimal string is an amount, and canonical on request', () => {
    fc.assert(
      fc.property(decimalString({ policy }), (text) => {
        expect(parseDecimal(text, policy)).toMatchObject({ ok: true })
        expect(text.length).toBeLessThanOrEqual(128)
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(decimalString({ policy, spelling: 'canonical' }), (text) => {
        expect(normalizeDecimal(text, policy)).toBe(text)
      }),
    )
  })

  it('every invalid decimal is refused with the code of its label', () => {
    fc.assert(
      fc.property(invalidDecimal({ policy }), ({ value, expectedCode }) => {
        expect(parseDecimal(value, policy)).toMatchObject({ ok: false, code: expectedCode })
      }),
      { numRuns: 1_000 },
    )
    const schema = decimalSchema(policy)
    fc.assert(
      fc.property(invalidDecimalString({ policy }), (text) => {
        expect(text).toBeTypeOf('string')
        expect(schema['~standard'].validate(text)).toHaveProperty('issues')
      }),
    )
  })

  it('every stream pays out or refunds its whole deposit', () => {
    if (policy.max < 0n) {
      const refusal = expect.objectContaining({ code: 'DECIMAL_INVALID_POLICY' })
      return expect(() => streamTerms({ policy })).toThrow(refusal)
    }
    fc.assert(
      fc.property(streamTerms({ policy }), (terms) => {
        const accrued = accruedUnits(terms)
        expect(accrued + refundableUnits(terms)).toBe(terms.deposit)
        expect(accrued >= 0n && accrued <= terms.deposit).toBe(true)
        expect(accruedUnits({ ...terms, now: terms.now + 1 }) >= accrued).toBe(true)
      }),
    )
  })
})

describe('the variety of amounts', () => {
  it('has signs, zeros at both ends, the bounds, and the cap of 128 characters', () => {
    const sample = fc.sample(decimalString(), { numRuns: 1_000, seed: 9 })
    for (const form of [
      /^-/,
      /^\+/,
      /^[+-]?00/,
      /\.\d*0$/,
      /^-0(\.0+)?$/,
      /^.{128}$/,
      /9223372036854775807\.9999999/,
    ]) {
      expect(sample.filter((text) => form.test(text)).length, String(form)).toBeGreaterThan(0)
    }
  })

  it('has every reason for a refusal', () => {
    const reasons = fc
      .sample(invalidDecimal(), { numRuns: 3_000, seed: 9 })
      .map(({ value }) => parseDecimal(value))
      .map((result) => (result.ok ? 'accepted' : result.reason))
    expect([...new Set(reasons)].sort()).toEqual([
      'above_maximum',
      'below_minimum',
      'blank',
      'character',
      'exponent',
      'missing',
      'missing_digits',
      'not_a_string',
      'precision',
      'separator',
      'too_long',
      'whitespace',
    ])
  })

  it('has streams that have not begun, are running, are paused, and are over', () => {
    const sample = fc.sample(streamTerms(), { numRuns: 500, seed: 9 })
    const accrued = sample.map((terms) => accruedUnits(terms))
    expect(accrued.filter((units, index) => units > 0n && units < sample[index]!.deposit).length).toBeGreaterThan(50)
    expect(accrued.filter((units, index) => units > 0n && units === sample[index]!.deposit).length).toBeGreaterThan(20)
    expect(sample.filter(({ now, startTime }) => now < startTime).length).toBeGreaterThan(0)
    expect(sample.filter(({ pause }) => pause?.since != null).length).toBeGreaterThan(20)
  })

  it('shrinks to the smallest value that shows a fault', () => {
    const smallest = <Value>(arbitrary: fc.Arbitrary<Value>, holds: (value: Value) => boolean): unknown =>
      fc.check(fc.property(arbitrary, holds), { seed: 42, numRuns: 2_000 }).counterexample?.[0]
    expect(smallest(amountUnits(), () => false)).toBe(0n)
    expect(smallest(decimalString(), () => false)).toBe('0')
    // A consumer that converts to a double.
    const text = smallest(decimalString({ spelling: 'canonical' }), (amount) => String(Number(amount)) === amount)
    expect(text).toMatch(/^-?0\.000000[1-9]$/)
    expect(smallest(invalidDecimalString(), () => false)).toBe('')
    // A consumer that trims.
    expect(smallest(invalidDecimalString(), (amount) => !parseDecimal(amount.trim()).ok)).toMatch(/^(0\s|\s0)$/)
  })

  it('shrinks any invalid value to empty text', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { counterexample } = fc.check(
        fc.property(invalidDecimal(), () => false),
        { seed },
      )
      expect(counterexample).toEqual([{ value: '', expectedCode: 'DECIMAL_EMPTY_VALUE' }])
    }
  })

  it('throws early for a policy that makes no sense', () => {
    const policy = { scale: -1, min: 0n, max: 1n }
    for (const arbitrary of [amountUnits, decimalString, invalidDecimal, invalidDecimalString, streamTerms]) {
      expect(() => arbitrary({ policy })).toThrow(expect.objectContaining({ code: 'DECIMAL_INVALID_POLICY' }))
    }
  })

  it('throws early for an unknown option or spelling', () => {
    for (const arbitrary of [amountUnits, decimalString, invalidDecimal, invalidDecimalString, streamTerms]) {
      const misspelt = { polcy: FLUXORA_AMOUNT } as object
      const refusal = expect.objectContaining({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'polcy' })
      expect(() => arbitrary(misspelt)).toThrow(refusal)
    }
    const spelling = 'cannonical' as 'canonical'
    const refusal = expect.objectContaining({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'spelling' })
    expect(() => decimalString({ spelling })).toThrow(refusal)
    expect(() => amountUnits({ spelling } as object)).toThrow(refusal)
  })
})
