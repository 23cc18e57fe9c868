// Decimal amounts beside the peers: reading, writing, refusing, guarding a payload, and texts made to hurt. One process, interleaved
// rounds, a hand-written floor in the first row of each table; every case must give the same results before anything is timed.

import { deepStrictEqual } from 'node:assert'
import {
  accruedUnits,
  evmAmount,
  findUnsafeAmounts,
  formatUnits,
  parseDecimal,
  rateOver,
} from '@fluxora/verify/decimal'
import { evmMix, floorFormat, floorParse, hostile, page, peers, refusedMix, stellarMix } from './decimal-cases.mjs'
import { compare, print } from './harness.mjs'

const bars = []
const OURS = '@fluxora/verify'

/** One run over all items; the last result is returned, so that the work is not optimised away. */
function over(items, call) {
  return () => {
    let last
    for (let i = 0; i < items.length; i++) last = call(items[i])
    return last
  }
}

async function table(title, items, cases) {
  const rows = await compare(
    Object.fromEntries(Object.entries(cases).map(([name, call]) => [name, over(items, call)])),
    { rounds: 5 },
  )
  print(
    `${title} (ns each)`,
    rows.map((row) => ({ ...row, ns: row.ns / items.length })),
  )
  return Object.fromEntries(rows.map(({ name, ns }) => [name, ns]))
}

function bar(name, measured, wanted, atMost = false) {
  const met = atMost ? measured <= wanted : measured >= wanted
  bars.push(
    `${name.padEnd(46)}${measured.toFixed(2).padStart(9)}   ${atMost ? 'at most' : 'at least'} ${wanted}   ${met ? 'met' : 'NOT MET'}`,
  )
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
  const cases = { 'hand-written floor': (text) => floorParse(text, scale), [OURS]: ours }
  for (const [name, [parse]] of all) cases[name] = parse
  const ns = await table(title, mix, cases)
  bar(`${title}, against viem`, ns.viem / ns[OURS], wanted)
  return expected
}

const ETHER = evmAmount(18)
const units = await reading('read, Stellar mix', stellarMix, 7, undefined, 5)
await reading('read, EVM mix', evmMix, 18, ETHER, 2)

{
  const all = Object.entries(peers(7))
  // Two of the peers write at least one decimal; the value is what must agree.
  const plain = (text) => text.replace(/\.0+$/, '')
  const expected = units.map((amount) => formatUnits(amount))
  const cases = { 'hand-written floor': (amount) => floorFormat(amount, 7), [OURS]: (amount) => formatUnits(amount) }
  for (const [name, [, format]] of all) cases[name] = format
  for (const call of Object.values(cases))
    deepStrictEqual(
      units.map((amount) => plain(call(amount))),
      expected,
    )
  const ns = await table('write, Stellar mix', units, cases)
  bar('write, Stellar mix, against viem', ns.viem / ns[OURS], 1.3)
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
    'hand-written floor': (text) => floorParse(text, 7),
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
  const ns = await table('refuse', refusedMix, cases)
  bar('refuse, against viem', ns.viem / ns[OURS], 50)
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
  print(`guard a payload of ${page.length} characters`, rows)
  bar('guard, against JSON.parse alone', rows[1].ratio, 1.35, true)
}

{
  const deposit = units[0]
  const rate = rateOver(deposit, 10_000_000)
  const floor = (now) => (deposit * BigInt(now - 1_710_000_000)) / 10_000_000n
  const ours = (now) => accruedUnits({ deposit, rate, startTime: 1_710_000_000, endTime: 1_720_000_000, now })
  const times = Array.from({ length: 20 }, (_, i) => 1_710_000_000 + i * 499_999)
  deepStrictEqual(times.map(ours), times.map(floor))
  await table('accrue', times, { 'multiply and divide, unchecked': floor, [OURS]: ours })
}

{
  console.log(
    `\nhostile texts (ns a call, by length)\n${'kind'.padEnd(28)}${[1e3, 1e4, 1e5, 1e6].map((n) => String(n).padStart(10)).join('')}   growth exponent`,
  )
  let worst = 0
  for (const [kind, make] of Object.entries(hostile)) {
    const sizes = [1e3, 1e4, 1e5, 1e6]
    const times = sizes.map((size) => {
      const text = make(size)
      if (parseDecimal(text).code !== 'DECIMAL_OUT_OF_RANGE') throw new Error('not refused')
      return median(() => parseDecimal(text))
    })
    worst = Math.max(worst, ...times)
    const row = times.map((ns) => ns.toFixed(1).padStart(10)).join('')
    console.log(`${kind.padEnd(28)}${row}   ${slope(sizes, times).toFixed(3)}`)
  }
  // The dearest text that is read: 128 digits become a BigInt before they are out of range.
  const longest = hostile.digits(128)
  const ns = median(() => parseDecimal(longest))
  console.log(`${'digits, 128 of them'.padEnd(28)}${ns.toFixed(1).padStart(10)}`)
  bar('dearest hostile call, microseconds', Math.max(worst, ns) / 1000, 50, true)
}

console.log(`\n${'bar'.padEnd(46)}${'measured'.padStart(9)}`)
for (const line of bars) console.log(line)

function median(call) {
  const times = Array.from({ length: 101 }, () => {
    const start = process.hrtime.bigint()
    for (let i = 0; i < 100; i++) call()
    return Number(process.hrtime.bigint() - start) / 100
  })
  return times.sort((a, b) => a - b)[50]
}

function slope(sizes, times) {
  const x = sizes.map(Math.log)
  const y = times.map(Math.log)
  const [meanX, meanY] = [x, y].map((values) => values.reduce((sum, value) => sum + value) / values.length)
  return (
    x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0) /
    x.reduce((sum, value) => sum + (value - meanX) ** 2, 0)
  )
}
