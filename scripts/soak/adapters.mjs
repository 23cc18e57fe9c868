// Mixed hostile load on every adapter of the built package: slow bodies, oversize, aborts, junk, duplicates, HTTP/2 streams of every bad
// kind beside honest ones on the same session, applications that write what cannot be sent or say nothing once their sender has gone, and
// honest deliveries in between. Prints the memory over time, and fails where it grows, where an honest sender is not served, where a
// session ends, where a claim stays, or where a handle stays open.
//
//   node --expose-gc scripts/soak/adapters.mjs [--minutes 10] [--senders 24]

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { expressWebhook } from '@fluxora/verify/express'
import { fastifyWebhook } from '@fluxora/verify/fastify'
import { createWebhookRoute } from '@fluxora/verify/fetch'
import { createWebhookListener } from '@fluxora/verify/http'
import { memoryDedupeStore } from '@fluxora/verify/webhook'
import express from 'express'
import fastify from 'fastify'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, senders: { type: 'string', default: '24' } },
})
const [minutes, senders] = [Number(values.minutes), Number(values.senders)]
const SECRET = 'topsecret'
const LIMIT = 16_384

const escaped = []
process.on('unhandledRejection', (error) => escaped.push(error))
process.on('uncaughtException', (error) => escaped.push(error))
console.error = () => {} // what the applications below write wrongly is logged, as it should be
const handlesBefore = process.getActiveResourcesInfo().length

const outcomes = new Map()
const claims = new Set() // tokens of those that are held
function countingStore() {
  const memory = memoryDedupeStore({ maxEntries: 2000 }) // full soon, so that what grows on is no memory of deliveries
  const settle = (method) => (claim, ms) => {
    claims.delete(claim.token)
    return memory[method](claim, ms)
  }
  return {
    ...memory,
    async claim(request) {
      const result = await memory.claim(request)
      if (result.status === 'claimed') claims.add(result.claim.token)
      return result
    },
    commit: settle('commit'),
    release: settle('release'),
  }
}
const options = () => {
  const dedupe = countingStore()
  return {
    secrets: SECRET,
    maxBodyBytes: LIMIT,
    maxBufferedBytes: 1 << 20,
    bodyTimeoutSeconds: 0.5,
    dedupe,
    onOutcome: ({ code }) => void outcomes.set(code, (outcomes.get(code) ?? 0) + 1),
  }
}
const held = () => ({ ...options(), abandonedSeconds: 0.5 })
const work = (delivery) => {
  if (delivery.body.length % 97 === 0) throw new Error('the application fails now and then')
  return sleep(delivery.body.length % 7)
}

/** What applications write wrongly, told by the delivery's body; each at once, in an async function, or from a timer. */
const WRONG = [
  (response) => response.end(42),
  (response) => response.write({}),
  (response) => Object.assign(response, { statusCode: 'ECONNREFUSED' }).end(),
  (response) => Object.assign(response, { statusCode: 1000 }).end('x'),
  (response) => response.writeHead(200, { 'bad name': 'x' }),
  (response) => response.end('x', 'nonsense'),
  (response) =>
    response.end('ok', () => {
      throw new Error('in a callback')
    }),
  (response) => {
    response.on('finish', () => {
      throw new Error('in a listener')
    })
    response.end('ok')
  },
  (response) => {
    response.write('half')
    response.write('more')
    setTimeout(() => response.end(42), 1)
  },
  (response) => {
    response.end('first')
    response.write('second')
    response.end('third')
  },
  (response) => response.destroy(),
]
const misbehave = async (text, response) => {
  const which = Number(/"wrong":(\d+)/.exec(text)?.[1])
  if (Number.isNaN(which)) return false
  const write = WRONG[which % WRONG.length]
  if (which % 3 === 0) write(response)
  else if (which % 3 === 1) await sleep(1).then(() => write(response))
  else setTimeout(write, 1, response)
  return true
}

// Frames that were on their way to a stream when it was closed count as invalid, over the whole life of a session; beyond 1,000 of them
// Node ends it. Each session here lives through thousands of hostile streams.
const HTTP2_OPTIONS = { maxSessionInvalidFrames: 2 ** 31 - 1 }

const servers = {
  http: await httpServer(),
  Express: await expressServer(),
  Fastify: await fastifyServer(),
  fetch: await fetchServer(),
}
const ports = Object.values(servers).map((server) => server.address().port)
const answering = ports.slice(1, 3) // where the application writes its answer itself
const http2Servers = { 'http over HTTP/2': await http2Server(), 'Fastify over HTTP/2': await fastifyHttp2Server() }
// Node's client counts against its own memory what it never got to send.
const sessions = Object.values(http2Servers).map((server) =>
  connectHttp2(`http://127.0.0.1:${server.address().port}`, { maxSessionMemory: 1000 }),
)
const serverSessions = new Set()
for (const server of Object.values(http2Servers)) {
  server.on('session', (session) => {
    serverSessions.add(session)
    session.on('close', () => serverSessions.delete(session))
  })
}
const endedSessions = []
for (const session of sessions) {
  session.on('error', (error) => endedSessions.push(error)).on('goaway', (code) => endedSessions.push(`goaway ${code}`))
}
const TURN_SECONDS = 30 // the slowest attack takes about 10
const CLOSE_SECONDS = 10
// nghttp2 ends a session whose client resets more than 33 streams a second, beyond a first 1,000 (CVE-2023-44487). Node 20 then sends the
// GOAWAY and forgets its side of the connection: the socket stays in CLOSE-WAIT, and `server.close()` never calls back. Each hostile
// stream may end in a reset, so each session is sent fewer of them than that, however fast the machine is.
const MOST_HOSTILE_STREAMS_PER_SECOND = 25
const until = performance.now() + minutes * 60_000
const sent = new Map()
let served = 0
let count = 0

const attacks = {
  honest: async (port) => {
    const { head, body } = request(`{"n":${count}}`)
    const wire = await dial(port)
    wire.write(head + body)
    const status = await answered(wire)
    if (status === 200 || status === 500) served++
    else throw new Error(`an honest sender got ${status}`)
  },
  twice: async (port) => {
    const { head, body } = request(`{"twice":${count}}`)
    const wires = [await dial(port), await dial(port)]
    for (const wire of wires) wire.write(head + body)
    await Promise.all(wires.map(answered))
  },
  slow: async (port) => {
    const wire = await dial(port)
    const { head, body } = request('x'.repeat(2000))
    wire.write(head)
    for (let at = 0; at < body.length && !wire.destroyed; at += 20) {
      wire.write(body.slice(at, at + 20))
      await sleep(25)
    }
    wire.destroy()
  },
  declared: async (port) => {
    const wire = await dial(port)
    wire.write(request('', { 'content-length': 1e9 }).head)
    for (let i = 0; i < 200 && !wire.destroyed; i++) if (!wire.write(FILLER)) await drained(wire)
    wire.destroy()
  },
  streamed: async (port) => {
    const wire = await dial(port)
    wire.write(request('', { 'transfer-encoding': 'chunked', 'content-length': undefined }).head)
    for (let i = 0; i < 200 && !wire.destroyed; i++) if (!wire.write(`10000\r\n${FILLER}\r\n`)) await drained(wire)
    wire.destroy()
  },
  aborted: async (port) => {
    const wire = await dial(port)
    const { head, body } = request('y'.repeat(1000))
    wire.write(head + body.slice(0, count % 1000))
    await sleep(count % 5)
    wire.resetAndDestroy()
  },
  gone: async (port) => {
    const wire = await dial(port)
    const { head, body } = request(`{"gone":${count}}      `)
    wire.write(head + body)
    await sleep(count % 3)
    wire.destroy()
  },
  junk: async (port) => {
    const wire = await dial(port)
    wire.write(Buffer.from(crypto.getRandomValues(new Uint8Array(500))))
    await answered(wire)
  },
  forged: async (port) => {
    const { head, body } = request('z'.repeat(4000), { 'x-fluxora-signature': '0'.repeat(64) })
    const wire = await dial(port)
    wire.write(head + body)
    await answered(wire)
  },
  headers: async (port) => {
    const wire = await dial(port)
    wire.write(request('', { 'x-fluxora-signature': 'a,'.repeat(6000) }).head)
    await answered(wire)
  },
  pipelined: async (port) => {
    const wire = await dial(port)
    let all = ''
    for (let i = 0; i < 20; i++) {
      const { head, body } = request(`{"p":${count++}}`, i % 3 === 0 ? { 'content-encoding': 'gzip' } : {})
      all += head + body
    }
    wire.write(all)
    await sleep(50)
    wire.destroy()
  },
}
attacks.wrong = async () => {
  const { head, body } = request(`{"wrong":${count}}`)
  const wire = await dial(answering[count % answering.length])
  wire.write(head + body)
  if ((await answered(wire)) < 0) throw new Error(`nothing was answered to what was written wrongly, by ${count}`)
}
attacks.silent = async () => {
  // The sender leaves, and the application never answers: the claim is given up after abandonedSeconds.
  const { head, body } = request(`{"silent":${count}}`)
  const wire = await dial(answering[count % answering.length])
  wire.write(head + body)
  await sleep(5)
  wire.destroy()
}
const FILLER = 'f'.repeat(65_536)

/** On sessions that all of them share. */
const streams = {
  honest: async (session) => {
    const body = `{"h2":${count}}`
    const status = await answeredHttp2(session, signed(body), (stream) => stream.end(body))
    if (status === 200 || status === 500) served++
    else throw new Error(`an honest sender got ${status} over HTTP/2`)
  },
  declared: (session) => answeredHttp2(session, { 'content-length': '1000000000' }, flood),
  endless: (session) => answeredHttp2(session, {}, flood),
  endlessSigned: (session) => answeredHttp2(session, signed('x'), flood),
  stalled: (session) => answeredHttp2(session, signed('xx'), (stream) => stream.write('x')),
  silent: (session) => answeredHttp2(session, {}, () => {}),
  reset: (session) =>
    answeredHttp2(session, signed('xx'), (stream) => {
      stream.write('x')
      setTimeout(() => stream.close(8), count % 5)
    }),
}

/** Every other turn is an honest one, so two turns in a row go to the same place: each is attacked, and serves honest senders beside that. */
const turnAt = (turn, places) => Math.floor(turn / 2) % places.length

const samples = []
const streamLoopCount = Math.ceil(senders / 3)
const hostileTurnMs = (1000 * streamLoopCount) / sessions.length / MOST_HOSTILE_STREAMS_PER_SECOND
const streamLoops = Array.from({ length: streamLoopCount }, async (_, which) => {
  const names = Object.keys(streams)
  for (let turn = which; performance.now() < until; turn++) {
    const at = turnAt(turn, sessions)
    const name = turn % 2 === 0 ? 'honest' : names[turn % names.length]
    count++
    const pause = name === 'honest' ? undefined : sleep(hostileTurnMs)
    await within(TURN_SECONDS, `${name} over HTTP/2, to ${Object.keys(http2Servers)[at]}`, () =>
      streams[name](sessions[at]),
    )
    await pause
    sent.set(`h2 ${name}`, (sent.get(`h2 ${name}`) ?? 0) + 1)
  }
})
const senderLoops = Array.from({ length: senders }, async (_, which) => {
  const names = Object.keys(attacks)
  for (let turn = which; performance.now() < until; turn++) {
    const name = turn % 2 === 0 ? 'honest' : names[turn % names.length]
    count++
    const at = turnAt(turn, ports)
    await within(TURN_SECONDS, `${name}, to ${Object.keys(servers)[at]}`, () => attacks[name](ports[at]))
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
      `${String(seconds).padStart(5)} s   rss ${mib.toFixed(0).padStart(5)} MiB   heap ${heap.toFixed(1).padStart(6)} MiB   ${count} requests`,
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
  await within(CLOSE_SECONDS, `close() of the server of ${name}`, close).catch((error) => failures.push(error))
}
await sleep(1500) // a drain lasts a second
for (const session of serverSessions) {
  failures.push(new Error(`an HTTP/2 session is still open on its server: ${describe(session)}`))
}
const handles = process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq')
console.log(`\nsent     ${write(sent)}\noutcomes ${write(outcomes)}\nserved   ${served} honest deliveries`)

const problems = failures.map(({ message }) => message)
const third = Math.ceil(samples.length / 3)
const mean = (list, key) => list.reduce((sum, sample) => sum + sample[key], 0) / list.length
const [early, late] = [samples.slice(third, 2 * third), samples.slice(2 * third)]
for (const key of ['rss', 'heap']) {
  const growth = mean(late, key) - mean(early, key)
  console.log(
    `${key.padEnd(5)}    ${mean(early, key).toFixed(1)} MiB in the middle third, ${mean(late, key).toFixed(1)} MiB in the last (${growth >= 0 ? '+' : ''}${growth.toFixed(1)})`,
  )
  if (growth > Math.max(8, 0.15 * mean(early, key))) problems.push(`${key} grows`)
}
console.log(`handles  ${handlesBefore} before, ${handles.length} after close: ${handles.join(', ') || 'none'}`)
if (handles.length > handlesBefore) problems.push('open handles')
if (escaped.length > 0) problems.push(`escaped errors: ${escaped.slice(0, 3).join('; ')}`)
if (endedSessions.length > 0) problems.push(`HTTP/2 sessions that ended: ${endedSessions.slice(0, 3).join('; ')}`)
console.log(`claims   ${heldClaims} held a while after the last sender`)
if (heldClaims > 0) problems.push('claims that are held')
if (served === 0) problems.push('nobody honest was served')
console.log(problems.length > 0 ? `FAILED: ${problems.join(', ')}` : 'ok')
process.exit(problems.length > 0 ? 1 : 0)

/** Runs `work`, and fails with the name of what hangs if it takes longer than it may. */
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

/** What is known of an HTTP/2 session that does not close. */
function describe({ closed, destroyed, socket, state }) {
  const { bytesRead, bytesWritten, readyState } = socket ?? {}
  return JSON.stringify({ closed, destroyed, readyState, bytesRead, bytesWritten, ...state })
}

/** The claims that are held once whatever is still under way has had its time. */
async function claimsHeld() {
  for (let left = 40; claims.size > 0 && left > 0; left--) await sleep(100)
  return claims.size
}

function signed(body) {
  const timestamp = Math.floor(Date.now() / 1000)
  return {
    'x-fluxora-delivery-id': `dlv-${count}-${Math.random()}`,
    'x-fluxora-timestamp': String(timestamp),
    'x-fluxora-signature': createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex'),
  }
}

function request(body, change = {}) {
  const headers = { host: 'localhost', 'content-length': body.length, ...signed(body), ...change }
  const lines = Object.entries(headers).filter(([, value]) => value !== undefined)
  return { head: `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, body }
}

async function dial(port) {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
  return socket
}

/** The status of the first answer; 0 where the connection was closed without one. */
function answered(socket) {
  return new Promise((resolve) => {
    const settle = (status) => {
      socket.destroy()
      resolve(status)
    }
    socket.once('data', (data) => settle(Number(data.toString('latin1', 9, 12))))
    socket.once('close', () => settle(0))
    socket.setTimeout(5000, () => settle(-1))
  })
}

/** The status of a stream's answer, once the stream is closed; 0 where there was none. */
function answeredHttp2(session, headers, send) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/', ...headers })
    const late = setTimeout(() => reject(new Error('an HTTP/2 stream stays open')), 8000)
    let status = 0
    stream
      .on('error', () => {})
      .on('response', (head) => {
        status = head[':status']
      })
    stream.on('close', () => {
      clearTimeout(late)
      resolve(status)
    })
    stream.resume().on('end', () => stream.destroy()) // Node's client waits for ever to send what nobody asks for any more
    send(stream)
  })
}

async function flood(stream) {
  while (!stream.closed && !stream.writableEnded) {
    stream.write(FILLER)
    await sleep(5)
  }
}

function drained(socket) {
  return new Promise((resolve) => {
    socket.once('drain', resolve).once('close', resolve)
    setTimeout(resolve, 1000).unref()
  })
}

function write(figures) {
  return [...figures]
    .sort()
    .map(([name, figure]) => `${name} ${figure}`)
    .join(', ')
}

async function listening(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function httpServer() {
  return listening(createServer(createWebhookListener(options(), work)))
}

function expressServer() {
  const app = express().set('env', 'test')
  app.post('/', expressWebhook(held()), async (request, response) => {
    const text = request.webhook.text()
    if (text.includes('"silent"') || (await misbehave(text, response))) return
    await work(request.webhook)
    response.json({ ok: true })
  })
  return listening(createServer(app))
}

async function fastifyServer(serverOptions = {}) {
  const app = fastify(serverOptions)
  await app.register(async (scope) => {
    await scope.register(fastifyWebhook, held())
    scope.post('/', async (request, reply) => {
      const text = request.webhook.text()
      if (text.includes('"silent"') || text.includes('"wrong"')) {
        reply.hijack()
        if (!text.includes('"silent"')) await misbehave(text, reply.raw)
        return undefined
      }
      await work(request.webhook)
      return { ok: true }
    })
  })
  await app.ready()
  return listening(app.server)
}

function http2Server() {
  return listening(createHttp2Server(HTTP2_OPTIONS, createWebhookListener(options(), work)))
}

function fastifyHttp2Server() {
  return fastifyServer({ http2: true, http: HTTP2_OPTIONS })
}

function fetchServer() {
  const route = createWebhookRoute(options(), work)
  return listening(
    createServer(async (incoming, outgoing) => {
      incoming.on('error', () => {})
      const body = new ReadableStream(
        {
          async pull(controller) {
            const chunk = incoming.read() ?? (await next(incoming))
            if (chunk) controller.enqueue(chunk)
            else controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      const { method, headers } = incoming
      const answer = await route(new Request('http://localhost/', { method, headers, body, duplex: 'half' }))
      outgoing
        .writeHead(answer.status, { ...Object.fromEntries(answer.headers), connection: 'close' })
        .end(await answer.text())
      outgoing.once('finish', () => incoming.socket.destroySoon())
    }),
  )
}

/** The next chunk of a request; nothing at its end, or where it broke off. */
function next(incoming) {
  return new Promise((resolve) => {
    const settle = () => {
      incoming.off('readable', settle).off('end', settle).off('close', settle)
      resolve(incoming.read())
    }
    if (incoming.readableEnded || incoming.destroyed) resolve(null)
    else incoming.once('readable', settle).once('end', settle).once('close', settle)
  })
}
