import { describe, expect, it } from 'vitest'
import {
  DecimalError,
  evmAmount,
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  isDecimalError,
  parseDecimal,
  SOROBAN_AMOUNT,
  STELLAR_AMOUNT,
  toUnits,
} from '../../src/decimal/index.ts'
import { insertPoint, label, thrownBy } from './support.ts'

const EMPTY = 'DECIMAL_EMPTY_VALUE'
const TYPE = 'DECIMAL_INVALID_TYPE'
const FORMAT = 'DECIMAL_INVALID_FORMAT'
const RANGE = 'DECIMAL_OUT_OF_RANGE'

describe('parseDecimal', () => {
  // The rows of sources.md 1.7 and 6.30, with the choices of design.md section 4.
  it.each([
    ['0', 0n],
    ['100', 1_000_000_000n],
    ['0.0000116', 116n],
    ['9007199254740993', 90071992547409930000000n],
    ['100.50', 1_005_000_000n],
    ['1.0000000', 10_000_000n],
    ['0.0', 0n],
    ['+1', 10_000_000n],
    ['+1.50', 15_000_000n],
    ['-0', 0n],
    ['-0.0', 0n],
    ['+0', 0n],
    ['00', 0n],
    ['007', 70_000_000n],
    [`${'0'.repeat(127)}1`, 10_000_000n],
    ['1.5', 15_000_000n],
    ['0.0000001', 1n],
    ['-0.5', -5_000_000n],
    ['1.50000000000', 15_000_000n],
    [`1.${'0'.repeat(126)}`, 10_000_000n],
    ['9999999999999.9999999', 99999999999999999999n],
    ['922337203685.4775807', 9223372036854775807n],
    ['922337203685.4775808', 9223372036854775808n],
    ['9223372036854775807', 92233720368547758070000000n],
    ['9223372036854775807.9999999', 92233720368547758079999999n],
    ['-9223372036854775807.9999999', -92233720368547758079999999n],
    ['900719925.4740991', 9007199254740991n],
    ['900719925.4740992', 9007199254740992n],
    ['900719925.4740993', 9007199254740993n],
    ['-900719925.4740993', -9007199254740993n],
    ['429.4967295', 4294967295n],
    ['429.4967296', 4294967296n],
    ['-429.4967296', -4294967296n],
    ['214.7483648', 2147483648n],
    ['-214.7483649', -2147483649n],
  ])('reads %s', (text, units) => {
    expect(parseDecimal(text)).toStrictEqual({ ok: true, units })
    expect(toUnits(text)).toBe(units)
  })

  const refused: [unknown, string, string, number | undefined][] = [
    [null, EMPTY, 'missing', undefined],
    [undefined, EMPTY, 'missing', undefined],
    ['', EMPTY, 'blank', undefined],
    ['   ', EMPTY, 'blank', undefined],
    ['\n', EMPTY, 'blank', undefined],
    ['\u00a0\u2028\ufeff', EMPTY, 'blank', undefined],
    [' '.repeat(128), EMPTY, 'blank', undefined],
    [1, TYPE, 'not_a_string', undefined],
    [1.5, TYPE, 'not_a_string', undefined],
    [Number.NaN, TYPE, 'not_a_string', undefined],
    [0, TYPE, 'not_a_string', undefined],
    [1n, TYPE, 'not_a_string', undefined],
    [true, TYPE, 'not_a_string', undefined],
    [{}, TYPE, 'not_a_string', undefined],
    [[], TYPE, 'not_a_string', undefined],
    [['1'], TYPE, 'not_a_string', undefined],
    [new String('1'), TYPE, 'not_a_string', undefined],
    [Symbol('1'), TYPE, 'not_a_string', undefined],
    [() => '1', TYPE, 'not_a_string', undefined],
    [{ toString: () => '1', valueOf: () => '1' }, TYPE, 'not_a_string', undefined],
    ['.5', FORMAT, 'missing_digits', 0],
    ['-.5', FORMAT, 'missing_digits', 1],
    ['.', FORMAT, 'missing_digits', 0],
    ['1.', FORMAT, 'missing_digits', 2],
    ['+', FORMAT, 'missing_digits', 1],
    ['-', FORMAT, 'missing_digits', 1],
    ['1..2', FORMAT, 'character', 2],
    ['1.2.3', FORMAT, 'character', 3],
    ['1e3', FORMAT, 'exponent', 1],
    ['1E3', FORMAT, 'exponent', 1],
    ['1.5e-7', FORMAT, 'exponent', 3],
    ['0x10', FORMAT, 'character', 1],
    ['0b11', FORMAT, 'character', 1],
    ['1n', FORMAT, 'character', 1],
    ['1,000', FORMAT, 'separator', 1],
    ['1,5', FORMAT, 'separator', 1],
    ['1_000', FORMAT, 'separator', 1],
    ["1'000", FORMAT, 'separator', 1],
    ['--1', FORMAT, 'character', 1],
    ['+-1', FORMAT, 'character', 1],
    ['1-', FORMAT, 'character', 1],
    ['\u22121', FORMAT, 'character', 0],
    ['Infinity', FORMAT, 'character', 0],
    ['NaN', FORMAT, 'character', 0],
    [' 1', FORMAT, 'whitespace', 0],
    ['1 ', FORMAT, 'whitespace', 1],
    ['1\n', FORMAT, 'whitespace', 1],
    ['1.5\r\n', FORMAT, 'whitespace', 3],
    ['- 1', FORMAT, 'whitespace', 1],
    ['1\u0000', FORMAT, 'character', 1],
    ['\ufeff1', FORMAT, 'whitespace', 0],
    ['\u0661', FORMAT, 'character', 0],
    ['\uff11', FORMAT, 'character', 0],
    ['1.\u0665', FORMAT, 'character', 2],
    ['\ud835\udfcf', FORMAT, 'character', 0],
    ['\ud800', FORMAT, 'character', 0],
    ['/', FORMAT, 'character', 0],
    [':', FORMAT, 'character', 0],
    ['1/', FORMAT, 'character', 1],
    ['1:', FORMAT, 'character', 1],
    ['1./', FORMAT, 'character', 2],
    ['1.:', FORMAT, 'character', 2],
    ['abc', FORMAT, 'character', 0],
    ['1.00000001x', FORMAT, 'character', 10],
    ['99999999999999999999x', FORMAT, 'character', 20],
    ['0.00000001', RANGE, 'precision', 9],
    ['1.00000001', RANGE, 'precision', 9],
    ['1.0000000010', RANGE, 'precision', 10],
    ['-1.123456789', RANGE, 'precision', 10],
    [`0.${'1'.repeat(126)}`, RANGE, 'precision', 9],
    ['9223372036854775808', RANGE, 'above_maximum', undefined],
    ['9223372036854775808.0', RANGE, 'above_maximum', undefined],
    ['-9223372036854775808', RANGE, 'below_minimum', undefined],
    ['9'.repeat(128), RANGE, 'above_maximum', undefined],
    [`-${'9'.repeat(127)}`, RANGE, 'below_minimum', undefined],
    ['0'.repeat(129), RANGE, 'too_long', undefined],
    [' '.repeat(129), RANGE, 'too_long', undefined],
    ['x'.repeat(129), RANGE, 'too_long', undefined],
    [`${'9'.repeat(1_000_000)}x`, RANGE, 'too_long', undefined],
  ]

  it.each(refused.map((row) => [label(row[0]), ...row] as const))('refuses %s', (_label, value, code, reason, at) => {
    const expected = { ok: false, code, reason, ...(at === undefined ? {} : { at }) }
    expect(parseDecimal(value)).toStrictEqual({ ...expected, message: expect.any(String) })
    const error = thrownBy(() => toUnits(value, undefined, 'depositAmount'))
    expect(isDecimalError(error)).toBe(true)
    expect(error).toBeInstanceOf(DecimalError)
    expect(error).toMatchObject({ code, reason, field: 'depositAmount', ...(at === undefined ? {} : { at }) })
  })

  it('never reads through a wrapper, a proxy or a getter', () => {
    const loud = new Proxy(
      {},
      {
        get: () => {
          throw new Error('read')
        },
      },
    )
    expect(parseDecimal(loud)).toMatchObject({ ok: false, code: TYPE })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(parseDecimal(proxy)).toMatchObject({ ok: false, code: TYPE })
  })

  it.each([
    ['FLUXORA_AMOUNT', FLUXORA_AMOUNT, '-9223372036854775807.9999999', '9223372036854775807.9999999'],
    ['FLUXORA_SAFE_INTEGER', FLUXORA_SAFE_INTEGER, '-9007199254740991.9999999', '9007199254740991.9999999'],
    ['STELLAR_AMOUNT', STELLAR_AMOUNT, '0', '922337203685.4775807'],
    [
      'SOROBAN_AMOUNT',
      SOROBAN_AMOUNT,
      '-17014118346046923173168730371588.4105728',
      '17014118346046923173168730371588.4105727',
    ],
    ['evmAmount(0)', evmAmount(0), '0', String(2n ** 256n - 1n)],
    ['evmAmount(6)', evmAmount(6), '0', insertPoint(2n ** 256n - 1n, 6)],
    ['evmAmount(18)', evmAmount(18), '0', insertPoint(2n ** 256n - 1n, 18)],
    ['evmAmount(77)', evmAmount(77), '0', insertPoint(2n ** 256n - 1n, 77)],
  ])('keeps both bounds of %s', (_name, policy, least, greatest) => {
    expect(parseDecimal(least, policy)).toStrictEqual({ ok: true, units: policy.min })
    expect(parseDecimal(greatest, policy)).toStrictEqual({ ok: true, units: policy.max })
    expect(parseDecimal(insertPoint(policy.min - 1n, policy.scale), policy)).toMatchObject({ reason: 'below_minimum' })
    expect(parseDecimal(insertPoint(policy.max + 1n, policy.scale), policy)).toMatchObject({ reason: 'above_maximum' })
    expect(parseDecimal(insertPoint(policy.min + 1n, policy.scale), policy)).toMatchObject({ units: policy.min + 1n })
    expect(parseDecimal(insertPoint(policy.max - 1n, policy.scale), policy)).toMatchObject({ units: policy.max - 1n })
  })

  it('is exact on either side of every power of two and ten, at several scales', () => {
    for (const scale of [0, 1, 2, 6, 7, 8, 15, 16, 18]) {
      for (let bits = 0; bits <= 126; bits++) {
        for (const near of [-1n, 0n, 1n]) {
          const units = 2n ** BigInt(bits) + near
          expect(parseDecimal(insertPoint(units, scale), { ...SOROBAN_AMOUNT, scale })).toMatchObject({ units })
          expect(parseDecimal(insertPoint(-units, scale), { ...SOROBAN_AMOUNT, scale })).toMatchObject({
            units: -units,
          })
        }
      }
      for (let digits = 0; digits <= 38; digits++) {
        for (const near of [-1n, 0n, 1n]) {
          const units = 10n ** BigInt(digits) + near
          expect(parseDecimal(insertPoint(units, scale), { ...SOROBAN_AMOUNT, scale })).toMatchObject({ units })
        }
      }
    }
  })

  it('reads whole numbers and short fractions at any scale', () => {
    for (let scale = 0; scale <= 49; scale++) {
      const policy = evmAmount(scale)
      expect(parseDecimal('7', policy)).toMatchObject({ units: 7n * 10n ** BigInt(scale) })
      expect(parseDecimal('0', policy)).toMatchObject({ units: 0n })
      if (scale > 0) expect(parseDecimal('9.1', policy)).toMatchObject({ units: 91n * 10n ** BigInt(scale - 1) })
      const wide = '123456789012345678'
      expect(parseDecimal(wide, policy)).toMatchObject({ units: BigInt(wide) * 10n ** BigInt(scale) })
    }
  })
})

describe('the arithmetic', () => {
  // It takes another way above 2^53, and for more than 22 places: the powers of ten that doubles hold exactly.
  it.each([1, 7, 15, 16, 21, 22, 23, 24, 100])(
    'is exact at scale %d: the least unit, one, and zeros beyond the scale',
    (scale) => {
      const one = 10n ** BigInt(scale)
      const policy = { scale, min: -9n * one, max: 9n * one }
      const least = `0.${'0'.repeat(scale - 1)}1`
      expect(toUnits('0', policy)).toBe(0n)
      expect(toUnits('1', policy)).toBe(one)
      expect(toUnits(least, policy)).toBe(1n)
      expect(toUnits(`-${least}`, policy)).toBe(-1n)
      expect(toUnits(`${least}00000`, policy)).toBe(1n)
      expect(toUnits(`0.${'0'.repeat(scale + 3)}`, policy)).toBe(0n)
      expect(toUnits(`8.${'9'.repeat(scale)}`, policy)).toBe(9n * one - 1n)
      expect(toUnits(`-8.${'9'.repeat(scale)}000`, policy)).toBe(1n - 9n * one)
    },
  )
})
