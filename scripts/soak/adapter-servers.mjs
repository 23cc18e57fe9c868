// The servers of the adapter soak: every adapter over a store that counts its claims, and applications that sometimes fail, write what cannot
// be sent, or never answer.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { expressWebhook } from '@fluxora/verify/express'
import { fastifyWebhook } from '@fluxora/verify/fastify'
import { createWebhookRoute } from '@fluxora/verify/fetch'
import { createWebhookListener } from '@fluxora/verify/http'
import { memoryDedupeStore } from '@fluxora/verify/webhook'
import express from 'express'
import fastify from 'fastify'

export const SECRET = 'topsecret'
const LIMIT = 16_384

// Frames that arrive for a closed stream count as invalid, over the whole life of a session, and after 1,000 of them Node ends the session.
// The sessions of this soak have to survive thousands of hostile streams.
const HTTP2_OPTIONS = { maxSessionInvalidFrames: 2 ** 31 - 1 }

/** One server for each adapter, and those that speak HTTP/2. */
export async function startServers() {
  return {
    servers: {
      http: await httpServer(),
      Express: await expressServer(),
      Fastify: await fastifyServer(),
      fetch: await fetchServer(),
    },
    http2Servers: {
      'http over HTTP/2': await http2Server(),
      'Fastify over HTTP/2': await fastifyServer({ http2: true, http: HTTP2_OPTIONS }),
    },
  }
}

/** How often each code was answered. */
export const outcomes = new Map()
/** The tokens of the claims that are held. */
export const claims = new Set()

function countingStore() {
  const memory = memoryDedupeStore({ maxEntries: 2000 }) // soon full, so that memory does not grow with the deliveries
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
  if (delivery.body.length % 97 === 0) throw new Error('The application sometimes fails.')
  return sleep(delivery.body.length % 7)
}

/** Mistakes in answers. The delivery's body chooses one, and it is made at once, in an async function, or from a timer. */
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

/** The next chunk of a request, or nothing at its end or if it was broken off. */
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
