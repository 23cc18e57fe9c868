// Mixed hostile load on every adapter of the built package: slow bodies, oversize, aborts, junk, duplicates, and honest deliveries in
// between. Prints the memory over time, and fails where it grows, where an honest sender is not served, or where a handle stays open.
//
//   node --expose-gc scripts/soak/adapters.mjs [--minutes 10] [--senders 24]

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
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

const rejections = []
process.on('unhandledRejection', (error) => rejections.push(error))
const handlesBefore = process.getActiveResourcesInfo().length

const outcomes = new Map()
const options = () => ({
  secrets: SECRET,
  maxBodyBytes: LIMIT,
  bodyTimeoutSeconds: 0.5,
  dedupe: memoryDedupeStore({ maxEntries: 2000 }), // full soon, so that what grows on is no memory of deliveries
  onOutcome: ({ code }) => void outcomes.set(code, (outcomes.get(code) ?? 0) + 1),
})
const work = (delivery) => {
  if (delivery.body.length % 97 === 0) throw new Error('the application fails now and then')
  return sleep(delivery.body.length % 7)
}

const servers = [await httpServer(), await expressServer(), await fastifyServer(), await fetchServer()]
const ports = servers.map((server) => server.address().port)
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
const FILLER = 'f'.repeat(65_536)

const samples = []
const senderLoops = Array.from({ length: senders }, async (_, which) => {
  const names = Object.keys(attacks)
  for (let turn = which; performance.now() < until; turn++) {
    const name = turn % 2 === 0 ? 'honest' : names[turn % names.length]
    count++
    await attacks[name](ports[turn % ports.length])
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
await Promise.all([...senderLoops, watch])

for (const server of servers) {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
await sleep(1500) // a drain lasts a second
const handles = process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq')
console.log(`\nsent     ${write(sent)}\noutcomes ${write(outcomes)}\nserved   ${served} honest deliveries`)

const problems = []
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
if (rejections.length > 0) problems.push(`unhandled rejections: ${rejections.slice(0, 3).join('; ')}`)
if (served === 0) problems.push('nobody honest was served')
console.log(problems.length > 0 ? `FAILED: ${problems.join(', ')}` : 'ok')
process.exit(problems.length > 0 ? 1 : 0)

function request(body, change = {}) {
  const id = `dlv-${count}-${Math.random()}`
  const timestamp = Math.floor(Date.now() / 1000)
  const headers = {
    host: 'localhost',
    'content-length': body.length,
    'x-fluxora-delivery-id': id,
    'x-fluxora-timestamp': timestamp,
    'x-fluxora-signature': createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex'),
    ...change,
  }
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
  app.post('/', expressWebhook(options()), async (request, response) => {
    await work(request.webhook)
    response.json({ ok: true })
  })
  return listening(createServer(app))
}

async function fastifyServer() {
  const app = fastify()
  await app.register(async (scope) => {
    await scope.register(fastifyWebhook, options())
    scope.post('/', async (request) => {
      await work(request.webhook)
      return { ok: true }
    })
  })
  await app.ready()
  return listening(app.server)
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
