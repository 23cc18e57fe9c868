// A hostile mix of load on every adapter of the built package: slow bodies, oversize bodies, aborts, junk, duplicates, every kind of bad HTTP/2
// stream next to honest ones on the same session, applications that write what cannot be sent, or never answer after their sender has gone,
// and honest deliveries in between. Prints the memory over time. Fails if memory grows, an honest sender is not served, a session ends, a
// claim stays held, or a handle stays open.
//
//   node --expose-gc scripts/soak/adapters.mjs [--minutes 10] [--senders 24]

import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { mean } from '../shared/statistics.mjs'
import { claims, outcomes, startServers } from './adapter-servers.mjs'
import { attacks, openSessions, streams, tally } from './hostile-senders.mjs'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, senders: { type: 'string', default: '24' } },
})
const [minutes, senders] = [Number(values.minutes), Number(values.senders)]

const escaped = []
process.on('unhandledRejection', (error) => escaped.push(error))
process.on('uncaughtException', (error) => escaped.push(error))
console.error = () => {} // the applications make mistakes on purpose, and the library logs them
const handlesBefore = process.getActiveResourcesInfo().length

const { servers, http2Servers } = await startServers()
const [serverNames, http2Names] = [Object.keys(servers), Object.keys(http2Servers)]
const ports = Object.values(servers).map((server) => server.address().port)
const answering = [servers.Express, servers.Fastify].map((server) => server.address().port)
const serverSessions = new Set()
for (const server of Object.values(http2Servers)) {
  server.on('session', (session) => {
    serverSessions.add(session)
    session.on('close', () => serverSessions.delete(session))
  })
}
const endedSessions = []
const sessions = openSessions(Object.values(http2Servers), (reason) => endedSessions.push(reason))

const TURN_SECONDS = 30 // the slowest attack takes about 10
const CLOSE_SECONDS = 10
// nghttp2 ends a session whose client resets more than 33 streams per second, after a first 1,000 (CVE-2023-44487). Node 20 then sends the
// GOAWAY and forgets its side of the connection: the socket stays in CLOSE-WAIT, and `server.close()` never calls back. Each hostile stream
// may end in a reset, so each session gets fewer of them than that, however fast the machine is.
const MOST_HOSTILE_STREAMS_PER_SECOND = 25
const until = performance.now() + minutes * 60_000
const sent = new Map()

/** Every other turn is honest, so two turns in a row go to the same place: each is attacked, and also serves honest senders. */
const placeOf = (turn, places) => Math.floor(turn / 2) % places.length

const samples = []
const streamLoopCount = Math.ceil(senders / 3)
const hostileTurnMs = (1000 * streamLoopCount) / sessions.length / MOST_HOSTILE_STREAMS_PER_SECOND
const streamLoops = Array.from({ length: streamLoopCount }, async (_, which) => {
  const names = Object.keys(streams)
  for (let turn = which; performance.now() < until; turn++) {
    const at = placeOf(turn, sessions)
    const name = turn % 2 === 0 ? 'honest' : names[turn % names.length]
    tally.count++
    const pause = name === 'honest' ? undefined : sleep(hostileTurnMs)
    await within(TURN_SECONDS, `${name} to ${http2Names[at]}`, () => streams[name](sessions[at]))
    await pause
    sent.set(`h2 ${name}`, (sent.get(`h2 ${name}`) ?? 0) + 1)
  }
})
const senderLoops = Array.from({ length: senders }, async (_, which) => {
  const names = Object.keys(attacks)
  for (let turn = which; performance.now() < until; turn++) {
    const name = turn % 2 === 0 ? 'honest' : names[turn % names.length]
    tally.count++
    const at = placeOf(turn, ports)
    const attack = () => attacks[name](ports[at], answering[tally.count % answering.length])
    await within(TURN_SECONDS, `${name} to ${serverNames[at]}`, attack)
    sent.set(name, (sent.get(name) ?? 0) + 1)
  }
})
const watch = (async () => {
  const every = Math.min(10_000, (minutes * 60_000) / 12)
  while (performance.now() < until) {
    await sleep(every)
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    samples.push({ rss: rss / 2 ** 20, heap: heapUsed / 2 ** 20 })
    const seconds = Math.round(minutes * 60 - (until - performance.now()) / 1000)
    const { rss: mib, heap } = samples.at(-1)
    console.log(
      `${String(seconds).padStart(5)} s   rss ${mib.toFixed(0).padStart(5)} MiB   heap ${heap.toFixed(1).padStart(6)} MiB   ${tally.count} requests`,
    )
  }
})()
const failures = (await Promise.allSettled([...senderLoops, ...streamLoops, watch])).flatMap(
  ({ reason }) => reason ?? [],
)

const heldClaims = await claimsHeld()
for (const session of sessions) {
  if (session.destroyed) endedSessions.push('destroyed')
  session
    .removeAllListeners('error')
    .on('error', () => {})
    .destroy()
}
for (const [name, server] of Object.entries({ ...http2Servers, ...servers })) {
  const close = () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections?.() // HTTP/2 servers have no such method
    return closed
  }
  await within(CLOSE_SECONDS, `close() of the ${name} server`, close).catch((error) => failures.push(error))
}
await sleep(1500) // a drain lasts a second
for (const session of serverSessions) {
  failures.push(new Error(`An HTTP/2 session is still open on its server: ${describe(session)}`))
}
const handles = process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq')
console.log(`\nsent     ${write(sent)}\noutcomes ${write(outcomes)}\nserved   ${tally.served} honest deliveries`)

const problems = failures.map(({ message }) => message)
const third = Math.ceil(samples.length / 3)
const meanOf = (list, key) => mean(list.map((sample) => sample[key]))
const [early, late] = [samples.slice(third, 2 * third), samples.slice(2 * third)]
for (const key of ['rss', 'heap']) {
  const growth = meanOf(late, key) - meanOf(early, key)
  console.log(
    `${key.padEnd(5)}    ${meanOf(early, key).toFixed(1)} MiB in the middle third, ${meanOf(late, key).toFixed(1)} MiB in the last (${growth >= 0 ? '+' : ''}${growth.toFixed(1)})`,
  )
  if (growth > Math.max(8, 0.15 * meanOf(early, key))) problems.push(`${key} grows`)
}
console.log(`handles  ${handlesBefore} before, ${handles.length} after close: ${handles.join(', ') || 'none'}`)
if (handles.length > handlesBefore) problems.push('open handles')
if (escaped.length > 0) problems.push(`escaped errors: ${escaped.slice(0, 3).join('; ')}`)
if (endedSessions.length > 0) problems.push(`HTTP/2 sessions ended: ${endedSessions.slice(0, 3).join('; ')}`)
console.log(`claims   ${heldClaims} still held after the last sender`)
if (heldClaims > 0) problems.push('claims still held')
if (tally.served === 0) problems.push('no honest sender was served')
console.log(problems.length > 0 ? `FAILED: ${problems.join(', ')}` : 'ok')
process.exit(problems.length > 0 ? 1 : 0)

/** Runs `work`. If it takes too long, fails with the name of what hangs. */
async function within(seconds, name, work) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${seconds} seconds`)), 1000 * seconds)
  })
  try {
    return await Promise.race([work(), late])
  } catch (error) {
    throw new Error(`${name}: ${error.message}`)
  } finally {
    clearTimeout(timer)
  }
}

/** Describes an HTTP/2 session that does not close. */
function describe({ closed, destroyed, socket, state }) {
  const { bytesRead, bytesWritten, readyState } = socket ?? {}
  return JSON.stringify({ closed, destroyed, readyState, bytesRead, bytesWritten, ...state })
}

/** The claims that are still held after everything under way has had time to finish. */
async function claimsHeld() {
  for (let left = 40; claims.size > 0 && left > 0; left--) await sleep(100)
  return claims.size
}
function write(figures) {
  return [...figures]
    .sort()
    .map(([name, figure]) => `${name} ${figure}`)
    .join(', ')
}
