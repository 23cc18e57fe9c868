import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareDecimals, evmAmount, formatUnits, isDecimalError, rescaleUnits } from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

describe('rescaleUnits', () => {
  it.each([
    [1_500_000n, 6, 7, 15_000_000n],
    [15_000_000n, 7, 6, 1_500_000n],
    [15_000_000n, 7, 1, 15n],
    [-15_000_000n, 7, 1, -15n],
    [5n, 0, 18, 5n * 10n ** 18n],
    [5n, 7, 7, 5n],
    [0n, 126, 0, 0n],
    [1n, 0, 126, 10n ** 126n],
    [10n ** 126n, 126, 0, 1n],
    [2n ** 256n - 1n, 0, 18, (2n ** 256n - 1n) * 10n ** 18n],
  ])('%s units at %d are those at %d', (units, from, to, expected) => {
    expect(rescaleUnits(units, from, to)).toBe(expected)
  })

  it.each([
    [15_000_000n, 7, 0],
    [-15_000_000n, 7, 0],
    [1n, 18, 17],
    [1n, 126, 0],
    [10n ** 18n + 1n, 18, 7],
  ])('%s units at %d cannot be written at %d: it throws and rounds nothing', (units, from, to) => {
    const error = thrownBy(() => rescaleUnits(units, from, to))
    expect(isDecimalError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'DECIMAL_OUT_OF_RANGE', reason: 'precision' })
    expect(error).not.toHaveProperty('at')
  })

  it.each([-1, 0.5, 127, Number.NaN, Number.POSITIVE_INFINITY, '7', null, undefined, 7n, {}])(
    'throws for scale %s, whichever of the two',
    (scale) => {
      for (const call of [() => rescaleUnits(1n, scale as number, 7), () => rescaleUnits(1n, 7, scale as number)]) {
        expect(thrownBy(call)).toMatchObject({ code: 'DECIMAL_INVALID_POLICY', reason: 'scale' })
      }
    },
  )

  it.each([1, '1', null, undefined, Object(1n)])('throws for units %s', (units) => {
    expect(thrownBy(() => rescaleUnits(units as bigint, 7, 8))).toMatchObject({
      code: 'DECIMAL_INVALID_ARGUMENT',
      reason: 'units',
    })
  })

  it('keeps the amount there and back, and throws exactly if its text has more decimals', () => {
    const scale = fc.nat(30)
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), scale, scale, (units, from, to) => {
        const text = formatUnits(units, from)
        if ((text.split('.')[1] ?? '').length > to) {
          expect(thrownBy(() => rescaleUnits(units, from, to))).toMatchObject({ reason: 'precision' })
          return
        }
        const rescaled = rescaleUnits(units, from, to)
        expect(compareDecimals(formatUnits(rescaled, to), text)).toBe(0)
        expect(rescaleUnits(rescaled, to, from)).toBe(units)
      }),
      { numRuns: 1000 },
    )
  })

  it('has no bounds for the units', () => {
    expect(rescaleUnits(2n ** 256n - 1n, evmAmount(6).scale, 7)).toBe((2n ** 256n - 1n) * 10n)
    expect(rescaleUnits(-1n, 0, 1)).toBe(-10n)
  })
})
