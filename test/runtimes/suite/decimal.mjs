// ./decimal: pure. Any host.

import { accruedUnits, compareDecimals, formatUnits, parseDecimal, toUnits } from '@fluxora/verify/decimal'
import { codeOf, same, test } from './harness.mjs'

test('decimal: texts and units', () => {
  for (const [text, units, canonical] of [
    ['0', 0n, '0'],
    ['-0', 0n, '0'],
    ['007', 70_000_000n, '7'],
    ['+1', 10_000_000n, '1'],
    ['100.50', 1_005_000_000n, '100.5'],
    ['-0.0000001', -1n, '-0.0000001'],
    ['9223372036854775807.9999999', 92_233_720_368_547_758_079_999_999n, '9223372036854775807.9999999'],
    ['1.00000000000', 10_000_000n, '1'],
  ]) {
    same(toUnits(text), units, text)
    same(formatUnits(units), canonical, text)
  }
})

test('decimal: refusals', () => {
  const say = (value) => parseDecimal(value).code
  for (const value of [null, undefined, '', ' ']) same(say(value), 'DECIMAL_EMPTY_VALUE')
  for (const value of [1, 1n, {}, [], true]) same(say(value), 'DECIMAL_INVALID_TYPE')
  for (const value of ['1.', '.5', '1e3', ' 1', '1\n', '1,000', '٣', '--1'])
    same(say(value), 'DECIMAL_INVALID_FORMAT', value)
  for (const value of ['0.00000001', '9223372036854775808', '1'.repeat(129)]) same(say(value), 'DECIMAL_OUT_OF_RANGE')
  same(
    codeOf(() => toUnits('x')),
    'DECIMAL_INVALID_FORMAT',
  )
})

test('decimal: order', () => {
  same(['10', '9', '-1', '0.1', '-10'].sort(compareDecimals), ['-10', '-1', '0.1', '9', '10'])
  same(typeof accruedUnits, 'function')
})
