// Two servers under the same load, taking turns. Each has a process of its own, fresh for each pair, and a core of its own that the sender
// does not use: otherwise a figure says more about the machine than about the code.

import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import autocannon from 'autocannon'
import { fluxoraHeaders } from '../scripts/shared/fluxora-headers.mjs'
import { inTurn } from './harness.mjs'

/**
 * @typedef {{ rate: number, cpu: number, p50: number, p99: number }} Shot
 * Requests per second, the server's CPU time per request in µs, and two percentiles of the latency in ms.
 * @typedef {{ connections: number, bytes: number, seconds: number, rounds: number }} Load
 */

/** Whether servers and sender have a core each. It needs Linux, and two cores. */
export const pinned = pinSender()

/**
 * Starts a server of each name, and shoots at them in turn.
 *
 * @param {readonly [string, string]} names
 * @param {Load} load
 * @returns {Promise<[Shot, Shot][]>} for each round, a shot at each of the two
 */
export async function shootPair(names, load) {
  const pair = await Promise.all(names.map(start))
  for (const server of pair) await shoot(server, load, 2) // warms up the compiler
  const shots = []
  for (let round = 0; round < load.rounds; round++) {
    const both = []
    for (const which of inTurn([0, 1], round)) both[which] = await shoot(pair[which], load, load.seconds)
    shots.push(both)
  }
  for (const { child } of pair) child.disconnect()
  return shots
}

async function start(name) {
  const child = fork(new URL('load-server.mjs', import.meta.url), [name], { silent: true })
  child.stderr.pipe(process.stderr)
  const [port] = await once(child.stdout, 'data')
  if (pinned) pin(child.pid, 0)
  return { child, port: Number(port) }
}

async function shoot({ child, port }, { connections, bytes }, duration) {
  const latencies = []
  const before = await cpuOf(child)
  const shooting = autocannon({
    url: `http://127.0.0.1:${port}/`,
    connections,
    duration,
    requests: [{ method: 'POST', path: '/', setupRequest: (request) => sign(request, bytes) }],
  })
  // autocannon's own percentiles are whole milliseconds, which is coarser than what is measured.
  shooting.on('response', (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds))
  const result = await shooting
  const cpu = (await cpuOf(child)) - before
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} requests were refused, ${result.errors} failed.`)
  latencies.sort((a, b) => a - b)
  const at = (share) => latencies[Math.floor((latencies.length - 1) * share)]
  return { rate: latencies.length / result.duration, cpu: cpu / latencies.length, p50: at(0.5), p99: at(0.99) }
}

/** CPU time of a server's process so far, in µs. */
async function cpuOf(child) {
  child.send('cpu')
  const [{ user, system }] = await once(child, 'message')
  return user + system
}

let count = 0

function sign(request, bytes) {
  const id = `dlv-${++count}`
  const timestamp = Math.floor(Date.now() / 1000)
  const body = `{"id":"${id}","filler":"${'x'.repeat(Math.max(0, bytes - 40))}"}`
  const signed = fluxoraHeaders({ secret: 'topsecret', id, timestamp, body })
  return { ...request, body, headers: { 'content-type': 'application/json', ...signed } }
}

function pinSender() {
  if (process.platform !== 'linux' || availableParallelism() < 2) return false
  return pin(process.pid, 1)
}

/** Keeps a process, with all its threads, on one core. */
function pin(pid, core) {
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
