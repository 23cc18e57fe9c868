// The reorg tracker, ethereumjs-blockstream and a naive mutable Map: the same headers, one process, interleaved rounds. Every run is checked
// for what it added, what it removed and where it ended. Then: does the cost grow with the length of the chain, or with the history?

import { deepStrictEqual } from 'node:assert'
import { createReorgState, serializeReorgState, stepReorg } from '@fluxora/verify/reorg'
// The pure core of its BlockAndLogStreamer, without the log filters and queues on top, because that is faster.
import blockstream from 'ethereumjs-blockstream/output/source/block-reconciler.js'
import immutable from 'immutable'
import { median } from '../scripts/shared/statistics.mjs'
import { inTurn, quick, spreadOf } from './harness.mjs'
import { bench, timed } from './results.mjs'

const HISTORY = 128
const ROUNDS = quick ? 1 : 7
const { table, aim, done } = bench('reorg', {
  title: 'Following a chain through reorgs',
  about:
    'The same headers for each case, with a fork three ledgers deep every 50 heights and a history of 128, in nanoseconds per header. The first row is a mutable Map that follows links and checks nothing else. Ours is a pure function whose states share structure. All runs add the same ledgers, remove the same ledgers and end at the same one.',
  peers: ['ethereumjs-blockstream'],
})

const hashOf = (sequence, branch) => `${branch}${sequence.toString(16).padStart(63, '0')}`

/** Headers of a chain that forks three ledgers deep every 50, in batches that each belong to one branch. */
function script(heights, size, from = 1) {
  const batches = []
  let open = []
  const show = (sequence, branch, parent) => {
    open.push({ sequence, hash: hashOf(sequence, branch), parentHash: hashOf(sequence - 1, parent) })
    if (open.length === size) cut()
  }
  const cut = () => {
    if (open.length > 0) batches.push(open)
    open = []
  }
  for (let sequence = from; sequence < from + heights; sequence++) {
    if (sequence % 50 === 0 && sequence + 2 < from + heights) {
      cut()
      for (let depth = 0; depth < 3; depth++) show(sequence + depth, 'f', depth === 0 ? 'a' : 'f')
      cut()
    }
    show(sequence, 'a', 'a')
  }
  cut()
  // As they come from a provider: separate strings, not slices of shared ones.
  return JSON.parse(JSON.stringify(batches))
}

function ours(batches, history) {
  let state = createReorgState({ history, finalityDepth: 64, gapPolicy: 'need' })
  let added = 0
  let removed = 0
  for (const ledgers of batches) {
    const step = stepReorg(state, { type: 'ledgers', ledgers })
    state = step.state
    for (const effect of step.effects) {
      if (effect.type === 'apply') added++
      else if (effect.type === 'rollback') removed += effect.undo.length
    }
  }
  return { added, removed, tip: state.tip.hash, state }
}

function naive(batches) {
  const held = new Map()
  let tip
  let added = 0
  let removed = 0
  for (const batch of batches) {
    for (const header of batch) {
      const { sequence } = header
      if (held.get(sequence)?.hash === header.hash) continue
      for (; tip !== undefined && tip.sequence >= sequence; tip = held.get(tip.sequence - 1)) {
        held.delete(tip.sequence)
        removed++
      }
      if (tip !== undefined && tip.hash !== header.parentHash) throw new Error('The header does not link to the tip.')
      held.set(sequence, header)
      held.delete(sequence - HISTORY)
      tip = header
      added++
    }
  }
  return { added, removed, tip: tip.hash }
}

async function peer(batches) {
  const blocks = batches
    .flat()
    .map(({ sequence, hash, parentHash }) => ({ number: `0x${sequence.toString(16)}`, hash, parentHash }))
  const start = performance.now()
  let history = immutable.List()
  let added = 0
  let removed = 0
  const onAdded = async () => void added++
  const onRemoved = async () => void removed++
  const never = async () => null
  for (const block of blocks) {
    history = await blockstream.reconcileBlockHistory(never, history, block, onAdded, onRemoved, HISTORY)
  }
  return { added, removed, tip: history.last().hash, ms: performance.now() - start }
}

// Other load on the machine can only add time, so the fastest of several runs is closest to the true cost.
const least = (list) => Math.min(...list)
const HEIGHTS = 10_000
const single = script(HEIGHTS, 1)
const tens = script(HEIGHTS, 10)
const count = single.length
const time = (run) => {
  const start = performance.now()
  const { added, removed, tip } = run()
  return { added, removed, tip, ms: performance.now() - start }
}
const cases = {
  'ethereumjs-blockstream, one header at a time': () => peer(single),
  'naive mutable Map, one header at a time': () => time(() => naive(single)),
  'naive mutable Map, batches of 10': () => time(() => naive(tens)),
  '@fluxora/verify, one header at a time': () => time(() => ours(single, HISTORY)),
  '@fluxora/verify, batches of 10': () => time(() => ours(tens, HISTORY)),
}
const names = Object.keys(cases)
const times = new Map(names.map((name) => [name, []]))
const results = []
for (let round = -1; round < ROUNDS; round++) {
  for (const name of inTurn(names, round)) {
    const samples = []
    // Run the fast cases several times: in a few milliseconds, other load on the machine can be most of the time.
    for (let sample = 0; sample < (name === names[0] ? 1 : 15); sample++) {
      const { ms, ...result } = await cases[name]()
      results.push(result)
      samples.push((ms * 1e6) / count)
    }
    // The first round warms up.
    if (round >= 0) times.get(name).push(least(samples))
  }
}
for (const result of results) deepStrictEqual(result, results[0])

const [blockstreamOne, mapOne, mapTen, oursOne, oursTen] = names
const ratios = (name, floor) => times.get(name).map((ns, round) => ns / times.get(floor)[round])
const ratio = (name, floor) => median(ratios(name, floor))
const rows = [mapOne, mapTen, oursOne, oursTen, blockstreamOne].map((name) => {
  const ns = median(times.get(name))
  return { name, ns, rate: 1e9 / ns, ...spreadOf(ratios(name, mapOne), 'ratio') }
})
/** The rows that the picture shows, under shorter names. */
const PLOTTED = {
  [mapOne]: 'mutable Map, by hand',
  [oursOne]: '@fluxora/verify',
  [oursTen]: '@fluxora/verify, batches',
  [blockstreamOne]: 'ethereumjs-blockstream',
}
table(`${count.toLocaleString('en')} headers, ${results[0].removed / 3} forks`, rows, {
  columns: [...timed.slice(0, 2), { key: 'rate', title: 'headers per second' }, ...timed.slice(2)],
  plot: { title: 'Follow a chain, one header at a time', rows: PLOTTED },
})
/** Columns of the tables below: what a header costs, and how large the state is. */
const COST = [
  { key: 'ns', title: 'ns per header' },
  { key: 'bytes', title: 'bytes serialised' },
]
aim('times as fast as blockstream, one header at a time', ratio(blockstreamOne, oursOne), 10, { atLeast: true })
aim('times as fast as blockstream, in batches of 10', ratio(blockstreamOne, oursTen), 25, { atLeast: true })
aim('relative to the naive Map, one header at a time', ratio(oursOne, mapOne), 15)
aim('relative to the naive Map, in batches of 10', ratio(oursTen, mapTen), 15)

{
  const size = 10_000
  const feed = (start, batches) => {
    let state = start
    for (const ledgers of batches) state = stepReorg(state, { type: 'ledgers', ledgers }).state
    return state
  }
  const ages = new Map()
  let state = createReorgState({ gapPolicy: 'need' })
  for (let from = 1; from <= 1_000_000; from += size) {
    state = feed(state, script(size, 10, from))
    const fed = from + size - 1
    if (fed === 10_000 || fed === 1_000_000)
      ages.set(fed, { start: state, batches: script(size, 1, fed + 1), samples: [] })
  }
  for (let round = 0; round < 40; round++) {
    for (const { start, batches, samples } of ages.values()) {
      const { ms } = time(() => ({ tip: feed(start, batches).tip.hash }))
      samples.push((ms * 1e6) / batches.length)
    }
  }
  const rows = [...ages].map(([fed, { start, samples }]) => ({
    fed,
    ns: least(samples),
    bytes: serializeReorgState(start).length,
  }))
  table('by chain length (one header at a time, history 128)', rows, {
    columns: [{ key: 'fed', title: 'ledgers so far' }, ...COST],
  })
  aim('after 10^6 ledgers, relative to after 10^4', rows[1].ns / rows[0].ns, 1.3)
}

{
  const long = script(20_000, 1)
  const kept = { 128: [], 1024: [] }
  for (let round = -1; round < ROUNDS; round++) {
    for (const history of round % 2 === 0 ? [128, 1024] : [1024, 128]) {
      const samples = Array.from({ length: 7 }, () => time(() => ours(long, history)).ms)
      if (round >= 0) kept[history].push((least(samples) * 1e6) / long.length)
    }
  }
  const rows = [128, 1024].map((history) => ({
    history,
    ns: median(kept[history]),
    bytes: serializeReorgState(ours(long, history).state).length,
  }))
  table('by history (one header at a time)', rows, {
    columns: [{ key: 'history', title: 'ledgers kept' }, ...COST],
  })
  aim('history 1024, relative to history 128', median(kept[1024].map((ns, round) => ns / kept[128][round])), 1.3)
}
done()
