import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DecimalPolicy,
  decimalPattern,
  definePolicy,
  evmAmount,
  FLUXORA_AMOUNT,
  parseDecimal,
  SOROBAN_AMOUNT,
  STELLAR_AMOUNT,
} from '../../src/decimal/index.ts'
import { decimalString, invalidDecimalString } from '../../src/testing/index.ts'
import { hostileTexts } from './hostile.ts'
import { label, thrownBy } from './support.ts'

const policies: readonly (readonly [string, DecimalPolicy])[] = [
  ['FLUXORA_AMOUNT', FLUXORA_AMOUNT],
  ['STELLAR_AMOUNT', STELLAR_AMOUNT],
  ['SOROBAN_AMOUNT', SOROBAN_AMOUNT],
  ['ether', evmAmount(18)],
  ['whole numbers', definePolicy({ scale: 0, min: -5n, max: 5n })],
  ['tenths', { scale: 1, min: -50n, max: -5n }],
  ['the longest decimals', evmAmount(126)],
]

/** What the docstring says of a text of at most 128 characters: taken, or refused for its bounds only. */
function matches(text: string, policy: DecimalPolicy): boolean {
  const result = parseDecimal(text, policy)
  return result.ok || result.reason === 'above_maximum' || result.reason === 'below_minimum'
}

describe('decimalPattern', () => {
  it('is the grammar, with the decimals of the policy', () => {
    expect(decimalPattern()).toBe('^[+\\-]?[0-9]+(\\.([0-9]{1,7}|[0-9]{7}0+))?$')
    expect(decimalPattern(evmAmount(18))).toBe('^[+\\-]?[0-9]+(\\.([0-9]{1,18}|[0-9]{18}0+))?$')
    expect(decimalPattern({ scale: 0, min: 0n, max: 1n })).toBe('^[+\\-]?[0-9]+(\\.0+)?$')
  })

  it.each(['', 'u', 'v'])('compiles with flag "%s" and means the same', (flags) => {
    const pattern = new RegExp(decimalPattern(), flags)
    for (const text of ['1', '+1.5', '-007.50000000', '1.1234567']) expect(pattern.test(text), text).toBe(true)
    for (const text of ['', '.5', '1.', '1.12345678', '1\n', ' 1', '\u0661', '+', '1e3', '--1', 'x1', '1x'])
      expect(pattern.test(text), label(text)).toBe(false)
  })

  it('uses only what JSON Schema recommends and RE2 supports: no look-around, back-reference or lazy group', () => {
    for (const [, policy] of policies) {
      expect(decimalPattern(policy)).toMatch(
        /^\^\[\+\\-\]\?\[0-9\]\+\((?:\\\.|[()|]|\[0-9\]|\{(?:1,)?\d+\}|0\+)+\)\?\$$/,
      )
    }
  })

  it.each(policies)(
    'matches exactly what parseDecimal accepts or refuses only for its bounds, under %s',
    (_, policy) => {
      const pattern = new RegExp(decimalPattern(policy))
      const cut = (text: string): string => text.slice(0, 128)
      const near = fc.stringMatching(/^[+-]?[0-9]{0,3}\.?[0-9]{0,130}[0-9.+\-eE ,x\n]?$/)
      const text = fc.oneof(
        decimalString({ policy }),
        decimalString(),
        invalidDecimalString({ policy }).map(cut),
        near.map(cut),
        fc.string({ unit: fc.constantFrom(...'+-.0019 e,\n\u0661'), maxLength: 24 }),
        fc.string({ unit: 'binary', maxLength: 128 }),
      )
      const verdicts = { true: 0, false: 0 }
      fc.assert(
        fc.property(text, (value) => {
          expect(pattern.test(value), label(value)).toBe(matches(value, policy))
          verdicts[`${matches(value, policy)}`]++
        }),
        { numRuns: 2000 },
      )
      expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(200)
    },
  )

  it('does not limit the length', () => {
    const pattern = new RegExp(decimalPattern())
    expect(pattern.test('1'.repeat(129))).toBe(true)
    expect(pattern.test(`${'1'.repeat(129)}x`)).toBe(false)
  })

  it('ends on a million hostile characters, which quadratic backtracking would not', () => {
    const texts = hostileTexts.map(({ name, make }) => [name, make(1_000_000)] as const)
    for (const [, policy] of policies) {
      const pattern = new RegExp(decimalPattern(policy))
      for (const [name, text] of texts) {
        expect(pattern.test(text), name).toBe(/^(digits|zeros|zeros, then a one)$/.test(name))
      }
      expect(pattern.test(`0.${'0'.repeat(1_000_000)}x`)).toBe(false)
    }
  })

  it('throws for a policy that makes no sense', () => {
    for (const policy of [null, 7, {}, { scale: -1, min: 0n, max: 1n }]) {
      expect(thrownBy(() => decimalPattern(policy as DecimalPolicy))).toMatchObject({ code: 'DECIMAL_INVALID_POLICY' })
    }
  })
})
