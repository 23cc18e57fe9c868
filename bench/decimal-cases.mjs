// The texts of the decimal benchmark, and a call of each peer as its documentation shows. Every peer converts to a bigint in the smallest
// unit and back; decimal.mjs checks that they all agree before it times them.

import { decimalFixedPoint, decimalFixedPointToString, rawDecimalFixedPoint } from '@solana/fixed-points'
import stellar from '@stellar/stellar-base'
import Big from 'big.js'
import BigNumber from 'bignumber.js'
import Decimal from 'decimal.js'
import { ethers } from 'ethers'
import { formatUnits, parseUnits } from 'viem'

/** Amounts as Horizon writes them (always seven decimals), and as people and other services do. */
export const stellarMix = [
  '1000000.0000000',
  '0.0000116',
  '250.0000000',
  '1.5000000',
  '100',
  '25.25',
  '922337203685.4775807',
  '12345.6789000',
  '0.0000001',
  '50000',
  '99.9900000',
  '0.5',
  '4821.7365102',
  '7.0000000',
  '18.3',
  '90071992.5474099',
  '1284.0500000',
  '0.0115741',
  '365',
  '3600.0000000',
]

/** Amounts of a token with 18 decimals. */
export const evmMix = [
  '1',
  '0.5',
  '1.5',
  '0.000000000000000001',
  '1234.567890123456789012',
  '100',
  '0.05',
  '2.75',
  '31.337',
  '1000000',
  '0.1',
  '12.000000000000000000',
  '3.14',
  '0.003',
  '10',
  '0.25',
  '999999.999999',
  '1.000000001',
  '45',
  '0.0001',
]

/** Texts that every peer below refuses too. */
export const refusedMix = ['1,000', 'abc', '--1', '1.5x', '0x1g', '1.2.3', '12a', '1 000']

/** Each peer at a scale, used as documented: text to units, and units to text. */
export function peers(scale) {
  Decimal.set({ precision: 100 })
  const shape = ['unsigned', 256, scale]
  const solana = decimalFixedPoint(...shape)
  const solanaRaw = rawDecimalFixedPoint(...shape)
  const bigScale = new Big(10).pow(scale)
  return {
    viem: [(text) => parseUnits(text, scale), (units) => formatUnits(units, scale)],
    '@solana/fixed-points': [(text) => solana(text).raw, (units) => decimalFixedPointToString(solanaRaw(units))],
    'big.js': [
      (text) => BigInt(new Big(text).times(bigScale).toFixed(0)),
      (units) => new Big(units.toString()).div(bigScale).toFixed(),
    ],
    'bignumber.js': [
      (text) => BigInt(new BigNumber(text).shiftedBy(scale).toFixed(0)),
      (units) => new BigNumber(units.toString()).shiftedBy(-scale).toFixed(),
    ],
    'decimal.js': [
      (text) => BigInt(new Decimal(text).times(new Decimal(10).pow(scale)).toFixed(0)),
      (units) => new Decimal(units.toString()).div(new Decimal(10).pow(scale)).toFixed(),
    ],
    'stellar-base (Soroban)': [
      (text) => BigInt(stellar.Soroban.parseTokenAmount(text, scale)),
      (units) => stellar.Soroban.formatTokenAmount(units.toString(), scale),
    ],
    ethers: [(text) => ethers.parseUnits(text, scale), (units) => ethers.formatUnits(units, scale)],
  }
}

const word = new DataView(new ArrayBuffer(8))
const powers = Array.from({ length: 19 }, (_, places) => 10n ** BigInt(places))

/** The baseline: what a careful author would write by hand for one fixed scale. One scan, no policy, no codes. */
export function floorParse(text, scale) {
  let value = 0
  let missing = scale
  let point = -1
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      if (point >= 0) missing--
    } else if (digit === -2 && point < 0 && at > 0) point = at
    else return null
  }
  if (missing < 0 || point === text.length - 1) return null
  if (value > Number.MAX_SAFE_INTEGER) return BigInt(text.replace('.', '') + '0'.repeat(missing))
  word.setInt32(0, value / 2 ** 32)
  word.setInt32(4, value)
  return missing > 0 ? word.getBigInt64(0) * powers[missing] : word.getBigInt64(0)
}

export function floorFormat(units, scale) {
  const digits = units.toString().padStart(scale + 1, '0')
  let end = digits.length
  const point = end - scale
  while (end > point && digits.charCodeAt(end - 1) === 48) end--
  return end > point ? `${digits.slice(0, point)}.${digits.slice(point, end)}` : digits.slice(0, point)
}

/** A page of twenty streams, as an API returns it. */
export const page = JSON.stringify({
  streams: Array.from({ length: 20 }, (_, i) => ({
    id: `stream-${String(i).padStart(8, '0')}`,
    sender: `G${'ABCDEFGH'.repeat(6)}SENDER${i % 10}`,
    recipient: `G${'QRSTUVWX'.repeat(6)}RECIPT${i % 10}`,
    depositAmount: '1000000.0000000',
    ratePerSecond: '0.0000116',
    startTime: 1_710_000_000 + i,
    endTime: 1_720_000_000 + i,
    status: 'active',
  })),
  total: 20,
  next: null,
})

/** Kinds of text that have made parsers slow, by length. They are flat strings: a rope would be flattened by its first reader. */
export const hostile = {
  digits: (size) => flat('9'.repeat(size)),
  zeros: (size) => flat('0'.repeat(size)),
  'zeros, then a one': (size) => flat(`0.${'0'.repeat(size - 3)}1`),
  'digits, then a letter': (size) => flat(`${'9'.repeat(size - 1)}x`),
  dots: (size) => flat('.'.repeat(size)),
  signs: (size) => flat('-'.repeat(size)),
  'white space': (size) => flat(' '.repeat(size)),
  "another script's digits": (size) => flat('\u0661'.repeat(size)),
}

function flat(text) {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
