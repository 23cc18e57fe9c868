// One server of the load comparison, in its own process: `node bench/load-server.mjs <name>` prints its port. The servers written by hand
// are each framework's usual recipe, and all do the same: limit, timestamp, HMAC, dedupe, JSON answer.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { expressWebhook } from '@fluxora/verify/express'
import { fastifyWebhook } from '@fluxora/verify/fastify'
import { createWebhookListener } from '@fluxora/verify/http'
import express from 'express'
import fastify from 'fastify'

const SECRET = 'topsecret'
const LIMIT = 262_144
const seen = new Map()

/** Verifies the way most people would write it. Returns undefined if the delivery is good. */
function refusalOf(headers, body) {
  const id = headers['x-fluxora-delivery-id']
  const timestamp = headers['x-fluxora-timestamp']
  const signature = headers['x-fluxora-signature']
  if (!id || !timestamp || !signature) return 'missing'
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return 'timestamp'
  const expected = createHmac('sha256', SECRET).update(`${timestamp}.`).update(body).digest()
  const given = Buffer.from(signature, 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'signature'
  if (seen.has(id)) return 'duplicate'
  seen.set(id, Date.now())
  if (seen.size > 100_000) seen.delete(seen.keys().next().value)
  return undefined
}

const servers = {
  'http, by hand': () =>
    createServer((request, response) => {
      const chunks = []
      let length = 0
      request.on('data', (chunk) => {
        length += chunk.length
        if (length > LIMIT) request.destroy()
        else chunks.push(chunk)
      })
      request.on('end', () => {
        const refusal = refusalOf(request.headers, Buffer.concat(chunks))
        const answer = JSON.stringify(refusal ? { error: refusal } : { ok: true })
        response.writeHead(refusal ? 401 : 200, {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(answer),
        })
        response.end(answer)
      })
    }),
  'http, ours': () => createServer(createWebhookListener({ secrets: SECRET }, () => {})),

  'Express, by hand': () =>
    createServer(
      express().post('/', express.raw({ type: '*/*', limit: LIMIT }), (request, response) => {
        const refusal = refusalOf(request.headers, request.body)
        response.status(refusal ? 401 : 200).json(refusal ? { error: refusal } : { ok: true })
      }),
    ),
  'Express, ours': () =>
    createServer(
      express().post(
        '/',
        expressWebhook({ secrets: SECRET }),
        (_request, response) => void response.json({ ok: true }),
      ),
    ),

  'Fastify, by hand': async () => {
    const app = fastify({ bodyLimit: LIMIT })
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    app.post('/', async (request, reply) => {
      const refusal = refusalOf(request.headers, request.body)
      if (refusal) return reply.code(401).send({ error: refusal })
      return { ok: true }
    })
    await app.ready()
    return app.server
  },
  'Fastify, ours': async () => {
    const app = fastify()
    app.register(async (scope) => {
      await scope.register(fastifyWebhook, { secrets: SECRET })
      scope.post('/', async () => ({ ok: true }))
    })
    await app.ready()
    return app.server
  },
}

const server = await servers[process.argv[2]]()
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.on('message', () => process.send(process.cpuUsage()))
process.once('disconnect', () => process.exit())
