import { afterEach, describe, expect, it } from 'vitest'
import {
  bigintReplacer,
  type DecimalPolicy,
  evmAmount,
  FLUXORA_AMOUNT,
  isDecimalError,
  STELLAR_AMOUNT,
} from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

describe('bigintReplacer', () => {
  it('writes each bigint by the policy of its property', () => {
    const replacer = bigintReplacer({ depositAmount: FLUXORA_AMOUNT, wei: evmAmount(18) })
    const payload = { id: 's1', depositAmount: 15_000_000n, nested: [{ wei: 10n ** 17n }], n: 1, none: null }
    expect(JSON.stringify(payload, replacer)).toBe(
      '{"id":"s1","depositAmount":"1.5","nested":[{"wei":"0.1"}],"n":1,"none":null}',
    )
  })

  it('writes every bigint by one policy, the default one too', () => {
    expect(JSON.stringify([1n, { a: 10_000_000n }], bigintReplacer(STELLAR_AMOUNT))).toBe('["0.0000001",{"a":"1"}]')
    expect(JSON.stringify(5n, bigintReplacer())).toBe('"0.0000005"')
    expect(JSON.stringify({ a: 5n }, bigintReplacer({ scale: 0, min: 0n, max: 9n }))).toBe('{"a":"5"}')
  })

  it('counts the elements of an array as amounts of its property', () => {
    const replacer = bigintReplacer({ amounts: STELLAR_AMOUNT })
    expect(JSON.stringify({ amounts: [1n, [2n]] }, replacer)).toBe('{"amounts":["0.0000001",["0.0000002"]]}')
    expect(thrownBy(() => JSON.stringify({ amounts: [{ other: 1n }] }, replacer))).toMatchObject({ field: 'other' })
  })

  it('does not guess a scale: a bigint without a policy throws, with the name of the property', () => {
    const replacer = bigintReplacer({ depositAmount: FLUXORA_AMOUNT })
    for (const name of ['total', 'toString', '__proto__']) {
      const payload = Object.fromEntries([[name, 1n]])
      const error = thrownBy(() => JSON.stringify(payload, replacer))
      expect(isDecimalError(error)).toBe(true)
      expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'policies', field: name })
    }
  })

  it('throws for a bigint outside its policy', () => {
    expect(thrownBy(() => JSON.stringify({ a: -1n }, bigintReplacer(STELLAR_AMOUNT)))).toMatchObject({
      code: 'DECIMAL_OUT_OF_RANGE',
    })
  })

  it('leaves everything else as it is', () => {
    const payload = { a: 'x', b: 1.5, c: [true, null], d: new Date(0), e: undefined, f: { toJSON: () => 'own' } }
    expect(JSON.stringify(payload, bigintReplacer())).toBe(JSON.stringify(payload))
    expect(JSON.stringify(payload, bigintReplacer(), 2)).toBe(JSON.stringify(payload, null, 2))
    expect(bigintReplacer().call(undefined, 'a', 'text')).toBe('text')
    expect(bigintReplacer().call(undefined, 'a', 1n)).toBe('0.0000001')
  })

  it.each([
    { scale: -1, min: 0n, max: 1n },
    { a: { scale: 7 } },
    { a: null },
    { a: undefined },
    { a: 7 },
    7,
    '',
    'depositAmount',
    null,
  ])('throws at once for %o', (bad) => {
    expect(thrownBy(() => bigintReplacer(bad as unknown as DecimalPolicy))).toMatchObject({
      code: 'DECIMAL_INVALID_POLICY',
    })
  })

  describe('in an application that has patched BigInt.prototype.toJSON', () => {
    const prototype = BigInt.prototype as { toJSON?: () => string }
    afterEach(() => {
      delete prototype.toJSON
    })

    it('still writes amounts, not raw units', () => {
      prototype.toJSON = function (this: bigint) {
        return this.toString()
      }
      expect(JSON.stringify({ a: 15_000_000n, b: '7', list: [1n] }, bigintReplacer())).toBe(
        '{"a":"1.5","b":"7","list":["0.0000001"]}',
      )
    })
  })
})
