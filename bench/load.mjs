// Load over sockets: what a request costs through a route written by hand and through ours. Each request is a new delivery, signed while the
// load runs.
//
// The figure is the server's CPU time per request. Requests per second stand beside it, and swing with whatever else the machine does. A
// result counts once two runs in a row, each over processes of its own, agree within 5 percent; until then it is run again.
//
//   node bench/load.mjs [--bytes 1024,8192] [--only http,Express,Fastify] [--pairs 3] [--rounds 6] [--seconds 1] [--connections 32]

import { parseArgs } from 'node:util'
import { median } from '../scripts/shared/statistics.mjs'
import { quick, spreadOf } from './harness.mjs'
import { pinned, shootPair } from './load-pair.mjs'
import { bytesText } from './payloads.mjs'
import { bench } from './results.mjs'

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '1024,8192' },
    only: { type: 'string', default: 'http,Express,Fastify' },
    pairs: { type: 'string', default: quick ? '1' : '3' },
    rounds: { type: 'string', default: quick ? '1' : '6' },
    seconds: { type: 'string', default: '1' },
    connections: { type: 'string', default: '32' },
  },
})
const [pairs, rounds, seconds, connections] = ['pairs', 'rounds', 'seconds', 'connections'].map((name) =>
  Number(values[name]),
)
const AGREEMENT = 0.05
const MOST_RUNS = quick ? 1 : 5
const MEASURED = { cpu: 'CPU µs per request', rate: 'requests per second', p50: 'p50, ms', p99: 'p99, ms' }

const { table, aim, done } = bench('load', {
  title: 'Under load',
  about: `autocannon over sockets, ${connections} connections. A route as you would write it by hand (limit, timestamp, HMAC, dedupe by id, JSON answer) and ours take turns of ${seconds} s, ${rounds} times, over ${pairs} pairs of fresh processes: that is a run. Runs are repeated until two in a row agree within 5 percent. Each request is a new delivery. ${pinned ? 'Servers and sender have a core each.' : 'The sender shares the machine’s cores with the servers.'} Ratios are ours relative to by hand, round by round.`,
  peers: ['autocannon'],
})
const columns = [
  { key: 'name', title: '' },
  { key: 'hand', title: 'by hand' },
  { key: 'ours', title: 'ours' },
  { key: 'ratio', title: 'ours relative to by hand', digits: 2 },
  { key: 'spread', title: 'quartiles' },
]

for (const framework of values.only.split(',')) {
  for (const bytes of values.bytes.split(',').map(Number)) await compareUnderLoad(framework, bytes)
}
done()

async function compareUnderLoad(framework, bytes) {
  const { shots, ratios, agree } = await runUntilTwoAgree(framework, bytes)
  const rows = Object.entries(MEASURED).map(([key, name]) => {
    const [hand, ours] = [0, 1].map((which) => median(shots.map((pair) => pair[which][key])))
    return { name, hand, ours, ...spreadOf(ratiosOf(shots, key), 'ratio') }
  })
  const runs = ratios.map((ratio) => ratio.toFixed(2)).join(', ')
  const note = `CPU in each run, relative to by hand: ${runs}.${agree ? '' : ' No two in a row agreed: this figure says nothing.'}`
  const caption = `${framework}, ${bytesText(bytes)}`
  table(caption, rows, { columns, note })
  if (!agree) return
  aim(`${caption}: CPU per request, relative to by hand`, rows[0].ratio, 1)
  aim(`${caption}: p99, relative to by hand`, rows[3].ratio, 1.15)
}

/** The shots of the last two runs, and the ratio of CPU time in every run. */
async function runUntilTwoAgree(framework, bytes) {
  const runs = []
  const ratios = []
  while (ratios.length < MOST_RUNS && !lastTwoAgree(ratios)) {
    const shots = await run(framework, bytes)
    runs.push(shots)
    ratios.push(median(ratiosOf(shots, 'cpu')))
  }
  return { shots: runs.slice(-2).flat(), ratios, agree: quick || lastTwoAgree(ratios) }
}

function lastTwoAgree(ratios) {
  const [last, before] = ratios.toReversed()
  return before !== undefined && Math.abs(last / before - 1) <= AGREEMENT
}

async function run(framework, bytes) {
  const shots = []
  for (let pair = 0; pair < pairs; pair++) {
    const names = [`${framework}, by hand`, `${framework}, ours`]
    shots.push(...(await shootPair(names, { connections, bytes, seconds, rounds })))
  }
  return shots
}

function ratiosOf(shots, key) {
  return shots.map(([hand, ours]) => ours[key] / hand[key])
}
