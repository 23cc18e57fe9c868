// Decimal amounts compared with the peers: reading, writing, refusing, guarding a payload, and hostile texts. One process, interleaved
// rounds, code written by hand in the first row of each table. All cases must give the same results before anything is timed.

import { deepStrictEqual } from 'node:assert'
import {
  accruedUnits,
  evmAmount,
  findUnsafeAmounts,
  formatUnits,
  parseDecimal,
  rateOver,
} from '@fluxora/verify/decimal'
import { growthExponent, median } from '../scripts/shared/statistics.mjs'
import { evmMix, floorFormat, floorParse, hostile, page, peers, refusedMix, stellarMix } from './decimal-cases.mjs'
import { compare, quick } from './harness.mjs'
import { bench } from './results.mjs'

const OURS = '@fluxora/verify'
const FLOOR = 'written by hand'
const { table, aim, done } = bench('decimal', {
  title: 'Decimal amounts',
  about:
    'Twenty amounts of each kind, in nanoseconds per amount. The first row is what a careful author would write by hand: one scan for one fixed scale, without policies or codes. All cases give the same integers and texts.',
  peers: ['viem', '@solana/fixed-points', 'big.js', 'bignumber.js', 'decimal.js', '@stellar/stellar-base', 'ethers'],
})

/** One run over all items. It returns the last result, so that the work is not optimised away. */
function over(items, call) {
  return () => {
    let last
    for (let i = 0; i < items.length; i++) last = call(items[i])
    return last
  }
}

async function timeEach(title, items, cases, plot) {
  const rows = await compare(
    Object.fromEntries(Object.entries(cases).map(([name, call]) => [name, over(items, call)])),
    { rounds: 5 },
  )
  const each = rows.map((row) => ({ ...row, ns: row.ns / items.length }))
  table(title, each, { plot })
  return Object.fromEntries(each.map(({ name, ns }) => [name, ns]))
}

async function reading(title, mix, scale, policy, wanted) {
  const all = Object.entries(peers(scale))
  const ours = policy ? (text) => parseDecimal(text, policy).units : (text) => parseDecimal(text).units
  const expected = mix.map((text) => ours(text))
  deepStrictEqual(
    mix.map((text) => floorParse(text, scale)),
    expected,
  )
  for (const [, [parse]] of all)
    deepStrictEqual(
      mix.map((text) => parse(text)),
      expected,
    )
  const cases = { [FLOOR]: (text) => floorParse(text, scale), [OURS]: ours }
  for (const [name, [parse]] of all) cases[name] = parse
  const ns = await timeEach(title, mix, cases, plotOf(title, cases))
  aim(`${title}, times as fast as viem`, ns.viem / ns[OURS], wanted, { atLeast: true })
  return expected
}

const ETHER = evmAmount(18)
const units = await reading('read, Stellar mix', stellarMix, 7, undefined, 5)
await reading('read, EVM mix', evmMix, 18, ETHER, 2)

{
  const all = Object.entries(peers(7))
  // Two of the peers always write at least one decimal, so compare the values.
  const plain = (text) => text.replace(/\.0+$/, '')
  const expected = units.map((amount) => formatUnits(amount))
  const cases = { [FLOOR]: (amount) => floorFormat(amount, 7), [OURS]: (amount) => formatUnits(amount) }
  for (const [name, [, format]] of all) cases[name] = format
  for (const call of Object.values(cases))
    deepStrictEqual(
      units.map((amount) => plain(call(amount))),
      expected,
    )
  const ns = await timeEach('write, Stellar mix', units, cases, plotOf('write, Stellar mix', cases))
  aim('write, Stellar mix, times as fast as viem', ns.viem / ns[OURS], 1.3, { atLeast: true })
}

{
  const refusing = (parse) => (text) => {
    try {
      return parse(text)
    } catch {
      return null
    }
  }
  const cases = {
    [FLOOR]: (text) => floorParse(text, 7),
    [OURS]: (text) => (parseDecimal(text).ok ? 0n : null),
  }
  for (const [name, [parse]] of Object.entries(peers(7))) {
    const call = refusing(parse)
    if (refusedMix.every((text) => call(text) === null)) cases[name] = call
  }
  for (const call of Object.values(cases))
    deepStrictEqual(
      refusedMix.map(call),
      refusedMix.map(() => null),
    )
  const ns = await timeEach('refuse', refusedMix, cases)
  aim('refuse, times as fast as viem', ns.viem / ns[OURS], 50, { atLeast: true })
}

{
  const fields = ['depositAmount', 'ratePerSecond']
  const names = new Set(fields)
  const cases = {
    'JSON.parse alone': () => JSON.parse(page),
    'JSON.parse + findUnsafeAmounts': () => findUnsafeAmounts(JSON.parse(page), fields),
    'JSON.parse with a reviver': () =>
      JSON.parse(page, (key, value) => {
        if (typeof value === 'number' && names.has(key)) throw new TypeError('a number')
        return value
      }),
  }
  deepStrictEqual(cases['JSON.parse + findUnsafeAmounts'](), [])
  const rows = await compare(cases)
  table(`guard a payload of ${page.length.toLocaleString('en')} characters (ns per payload)`, rows)
  aim('guard, relative to JSON.parse alone', rows[1].ratio, 1.35)
}

{
  const deposit = units[0]
  const rate = rateOver(deposit, 10_000_000)
  const floor = (now) => (deposit * BigInt(now - 1_710_000_000)) / 10_000_000n
  const ours = (now) => accruedUnits({ deposit, rate, startTime: 1_710_000_000, endTime: 1_720_000_000, now })
  const times = Array.from({ length: 20 }, (_, i) => 1_710_000_000 + i * 499_999)
  deepStrictEqual(times.map(ours), times.map(floor))
  await timeEach('accrue', times, { 'multiply and divide, unchecked': floor, [OURS]: ours })
}

{
  const sizes = [1e3, 1e4, 1e5, 1e6]
  const rows = Object.entries(hostile).map(([name, make]) => {
    const times = sizes.map((size) => {
      const text = make(size)
      if (parseDecimal(text).code !== 'DECIMAL_OUT_OF_RANGE') throw new Error('not refused')
      return medianOf(() => parseDecimal(text))
    })
    return { name, ...Object.fromEntries(times.map((ns, at) => [`at${at}`, ns])), slope: growthExponent(sizes, times) }
  })
  // The slowest text that is read: 128 digits become a BigInt before they are found out of range.
  const longest = hostile.digits(128)
  const ns = medianOf(() => parseDecimal(longest))
  table('refuse hostile texts, by length (ns per call)', rows, {
    columns: [
      { key: 'name', title: 'kind' },
      ...sizes.map((size, at) => ({ key: `at${at}`, title: size.toLocaleString('en'), digits: 1 })),
      { key: 'slope', title: 'growth exponent', digits: 3 },
    ],
    note: `The slowest text that is read to its end, 128 digits: ${ns.toFixed(0)} ns.`,
  })
  const worst = Math.max(ns, ...rows.flatMap((row) => sizes.map((_, at) => row[`at${at}`])))
  aim('slowest hostile call, microseconds', worst / 1000, 50)
}
done()

/** The rows of a table that the picture shows. Of three similar libraries it shows only one, for lack of room. */
function plotOf(title, cases) {
  const names = Object.keys(cases).filter((name) => name !== 'bignumber.js' && name !== 'decimal.js')
  const rows = Object.fromEntries(names.map((name) => [name, name === FLOOR ? 'by hand, one scale' : name]))
  return { title: `${title[0].toUpperCase()}${title.slice(1).replace(',', ' a decimal string,')}`, rows }
}

function medianOf(call) {
  const times = Array.from({ length: quick ? 11 : 101 }, () => {
    const start = process.hrtime.bigint()
    for (let i = 0; i < 100; i++) call()
    return Number(process.hrtime.bigint() - start) / 100
  })
  return median(times)
}
