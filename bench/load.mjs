// Load over sockets: requests per second and latency of a route written by hand and of ours, taking turns in one run. Each server has its
// own process. Each request is a new delivery, signed while the load runs.
//
//   node bench/load.mjs [--seconds 4] [--rounds 7] [--connections 32] [--bytes 1024] [--only http,Express,Fastify]

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { fluxoraHeaders } from '../scripts/shared/fluxora-headers.mjs'
import { median } from '../scripts/shared/statistics.mjs'
import { quick, spreadOf } from './harness.mjs'
import { bench } from './results.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: quick ? '1' : '4' },
    rounds: { type: 'string', default: quick ? '1' : '7' },
    connections: { type: 'string', default: '32' },
    bytes: { type: 'string', default: '1024' },
    only: { type: 'string', default: 'http,Express,Fastify' },
  },
})
const MEASURED = { rate: 'requests per second', cpu: 'CPU µs per request', p50: 'p50, ms', p99: 'p99, ms' }
const [seconds, rounds, connections, bytes] = ['seconds', 'rounds', 'connections', 'bytes'].map((name) =>
  Number(values[name]),
)
const filler = 'x'.repeat(Math.max(0, bytes - 40))
let count = 0
const { table, aim, done } = bench('load', {
  title: 'Under load',
  about: `autocannon over sockets, ${connections} connections, ${rounds} rounds of ${seconds} seconds, bodies of about ${bytes} bytes. A route as you would write it by hand (limit, timestamp, HMAC, dedupe by id, JSON answer) and ours take turns. Each request is a new delivery. The senders share the machine's cores with the servers. Ratios are ours relative to by hand, round by round.`,
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
  const pair = await Promise.all([start(`${framework}, by hand`), start(`${framework}, ours`)])
  for (const server of pair) await shoot(server, 2) // warm up the compiler
  const shots = [[], []]
  for (let round = 0; round < rounds; round++) {
    for (const which of round % 2 === 0 ? [0, 1] : [1, 0]) shots[which].push(await shoot(pair[which], seconds))
  }
  for (const { child } of pair) child.disconnect()
  const [hand, ours] = shots
  const rows = Object.entries(MEASURED).map(([key, name]) => {
    const ratios = hand.map((shot, round) => ours[round][key] / shot[key])
    const [byHand, own] = shots.map((each) => median(each.map((shot) => shot[key])))
    return { name, hand: byHand, ours: own, ...spreadOf(ratios, 'ratio') }
  })
  table(framework, rows, { columns })
  aim(`${framework}: requests per second, relative to by hand`, rows[0].ratio, 0.95, { atLeast: true })
}
done()

async function start(name) {
  const child = fork(new URL('load-server.mjs', import.meta.url), [name], { silent: true })
  child.stderr.pipe(process.stderr)
  const [port] = await once(child.stdout, 'data')
  return { child, port: Number(port) }
}

async function shoot({ child, port }, duration) {
  const before = await cpuOf(child)
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/`,
    connections,
    duration,
    requests: [{ method: 'POST', path: '/', setupRequest: sign }],
  })
  const cpu = (await cpuOf(child)) - before
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} requests were refused, ${result.errors} failed.`)
  const { total } = result.requests
  return { rate: total / result.duration, cpu: cpu / total, p50: result.latency.p50, p99: result.latency.p99 }
}

/** CPU time of a server's process so far, in µs. On a busy machine this says more than requests per second. */
async function cpuOf(child) {
  child.send('cpu')
  const [{ user, system }] = await once(child, 'message')
  return user + system
}

function sign(request) {
  const id = `dlv-${++count}`
  const timestamp = Math.floor(Date.now() / 1000)
  const body = `{"id":"${id}","filler":"${filler}"}`
  const signed = fluxoraHeaders({ secret: 'topsecret', id, timestamp, body })
  return { ...request, body, headers: { 'content-type': 'application/json', ...signed } }
}
