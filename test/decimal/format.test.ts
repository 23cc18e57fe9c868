import { describe, expect, it } from 'vitest'
import {
  compareDecimals,
  type DecimalStyle,
  evmAmount,
  formatUnits,
  isDecimalError,
  normalizeDecimal,
  parseDecimal,
  SOROBAN_AMOUNT,
  STELLAR_AMOUNT,
} from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

describe('formatUnits', () => {
  it.each([
    [0n, '0', '0.0000000'],
    [1n, '0.0000001', '0.0000001'],
    [-1n, '-0.0000001', '-0.0000001'],
    [10n, '0.000001', '0.0000010'],
    [116n, '0.0000116', '0.0000116'],
    [-5_000_000n, '-0.5', '-0.5000000'],
    [10_000_000n, '1', '1.0000000'],
    [15_000_000n, '1.5', '1.5000000'],
    [100_000_000n, '10', '10.0000000'],
    [10_000_001n, '1.0000001', '1.0000001'],
    [90071992547409930000000n, '9007199254740993', '9007199254740993.0000000'],
    [92233720368547758079999999n, '9223372036854775807.9999999', '9223372036854775807.9999999'],
  ])('writes %s', (units, trimmed, fixed) => {
    expect(formatUnits(units)).toBe(trimmed)
    expect(formatUnits(units, SOROBAN_AMOUNT)).toBe(trimmed)
    expect(formatUnits(units, 7)).toBe(trimmed)
    expect(formatUnits(units, 7, 'trimmed')).toBe(trimmed)
    expect(formatUnits(units, undefined, 'fixed')).toBe(fixed)
    expect(formatUnits(units, 7, 'fixed')).toBe(fixed)
    expect(formatUnits(units, SOROBAN_AMOUNT, 'fixed')).toBe(fixed)
  })

  it('keeps the zeros of whole numbers', () => {
    expect(formatUnits(1000n, 0)).toBe('1000')
    expect(formatUnits(1000n, 0, 'fixed')).toBe('1000')
    expect(formatUnits(-1000n, -0)).toBe('-1000')
    expect(formatUnits(1000n, 2)).toBe('10')
  })

  it('writes all of a uint256', () => {
    const policy = evmAmount(18)
    expect(formatUnits(2n ** 256n - 1n, policy)).toBe(
      '115792089237316195423570985008687907853269984665640564039457.584007913129639935',
    )
    expect(formatUnits(1n, policy)).toBe('0.000000000000000001')
  })

  it('enforces the bounds of a policy when writing too, and has none for a bare scale', () => {
    expect(thrownBy(() => formatUnits(-1n, STELLAR_AMOUNT))).toMatchObject({
      code: 'DECIMAL_OUT_OF_RANGE',
      reason: 'below_minimum',
    })
    expect(thrownBy(() => formatUnits(2n ** 63n, STELLAR_AMOUNT))).toMatchObject({
      code: 'DECIMAL_OUT_OF_RANGE',
      reason: 'above_maximum',
    })
    expect(formatUnits(-1n, 7)).toBe('-0.0000001')
    expect(formatUnits(2n ** 63n, 7)).toBe('922337203685.4775808')
  })

  it('writes no text that could not be read again', () => {
    expect(formatUnits(10n ** 128n - 1n, 0)).toHaveLength(128)
    expect(thrownBy(() => formatUnits(10n ** 128n, 0))).toMatchObject({
      code: 'DECIMAL_OUT_OF_RANGE',
      reason: 'too_long',
    })
    expect(thrownBy(() => formatUnits(-(10n ** 127n), 0))).toMatchObject({ reason: 'too_long' })
    expect(thrownBy(() => formatUnits(-1n, 126))).toMatchObject({ reason: 'too_long' })
  })

  it.each([1, 1.5, '1', null, undefined, Number.NaN, true, {}, Object(1n)])('throws for units %s', (units) => {
    const error = thrownBy(() => formatUnits(units as bigint))
    expect(isDecimalError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'units' })
  })

  it.each(['', 'FIXED', true, null, { fixed: true }])('throws for style %s', (style) => {
    expect(thrownBy(() => formatUnits(1n, 7, style as unknown as DecimalStyle))).toMatchObject({
      code: 'DECIMAL_INVALID_ARGUMENT',
      reason: 'style',
    })
  })

  it.each([-1, 1.5, Number.NaN, 127, 1e9])('throws for scale %s', (scale) => {
    expect(thrownBy(() => formatUnits(1n, scale))).toMatchObject({ code: 'DECIMAL_INVALID_POLICY', reason: 'scale' })
  })
})

describe('normalizeDecimal', () => {
  it.each([
    ['+1', '1'],
    ['007', '7'],
    ['100.50', '100.5'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['+0', '0'],
    ['-01.10', '-1.1'],
    ['1.00000000000', '1'],
  ])('%s becomes %s', (text, canonical) => {
    expect(normalizeDecimal(text)).toBe(canonical)
    expect(normalizeDecimal(canonical)).toBe(canonical)
  })

  it('throws what toUnits throws', () => {
    expect(thrownBy(() => normalizeDecimal(1))).toMatchObject({ code: 'DECIMAL_INVALID_TYPE' })
    expect(thrownBy(() => normalizeDecimal('-1', STELLAR_AMOUNT))).toMatchObject({ code: 'DECIMAL_OUT_OF_RANGE' })
    expect(normalizeDecimal('1.50', evmAmount(2))).toBe('1.5')
  })
})

describe('compareDecimals', () => {
  it.each([
    ['1', '2', -1],
    ['2', '1', 1],
    ['9.5', '10', -1],
    ['1.50', '+1.5', 0],
    ['-0', '0', 0],
    ['-1', '1', -1],
    ['-2', '-1', -1],
    ['0.1', '0.09', 1],
    ['007', '7.000', 0],
    [`0.${'0'.repeat(125)}1`, '0', 1],
    [`0.${'0'.repeat(125)}1`, `0.${'0'.repeat(125)}2`, -1],
    ['9'.repeat(128), `${'9'.repeat(127)}8`, 1],
    [`-${'9'.repeat(127)}`, '9'.repeat(127), -1],
    ['9'.repeat(128), '9'.repeat(128), 0],
    [`${'1'.repeat(126)}.1`, `${'1'.repeat(126)}.2`, -1],
  ] as const)('%s against %s is %d', (a, b, order) => {
    expect(compareDecimals(a, b)).toBe(order)
    expect(compareDecimals(b, a)).toBe(order === 0 ? 0 : -order)
  })

  it('sorts', () => {
    expect(['10', '9', '-1.5', '0.30', '0.3', '-10'].sort(compareDecimals)).toStrictEqual([
      '-10',
      '-1.5',
      '0.30',
      '0.3',
      '9',
      '10',
    ])
  })

  it.each([
    ['1e3', '1', 'DECIMAL_INVALID_FORMAT'],
    ['1', '', 'DECIMAL_EMPTY_VALUE'],
    ['1', 1, 'DECIMAL_INVALID_TYPE'],
    [null, '1', 'DECIMAL_EMPTY_VALUE'],
    ['1'.repeat(129), '1', 'DECIMAL_OUT_OF_RANGE'],
  ])('throws for %s against %s', (a, b, code) => {
    const error = thrownBy(() => compareDecimals(a as string, b as string))
    expect(isDecimalError(error)).toBe(true)
    expect(error).toMatchObject({ code })
  })

  it('accepts everything that formatUnits writes', () => {
    const text = formatUnits(10n ** 128n - 1n, 0)
    expect(compareDecimals(text, text)).toBe(0)
    expect(parseDecimal(text)).toMatchObject({ reason: 'above_maximum' })
  })
})
