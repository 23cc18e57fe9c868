// Adapters on Node read the headers as they were received. Changes that an earlier middleware made to `req.headers` have no effect. The
// workaround is in docs/adapters.md.

import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { receiveChanged } from '../../examples/adapters/changed-headers.mjs'
import { expressWebhook } from '../../src/adapters/express.ts'
import { fastifyWebhook } from '../../src/adapters/fastify.ts'
import { createWebhookRoute } from '../../src/adapters/fetch.ts'
import { createWebhookListener } from '../../src/adapters/http.ts'
import { createWebhookReceiver } from '../../src/webhook/index.ts'
import { type Draft, deliver, request, SECRET } from './support/client.ts'
import { closeAfterTest, listen } from './support/servers.ts'

const secrets = SECRET
const id = 'x-fluxora-delivery-id'
/** A gateway in front passes the id on under another name. */
const moved: Draft = { headers: { [id]: undefined, 'x-gateway-delivery': 'dlv_1' } }
const moveBack = (headers: Record<string, unknown>): void => {
  headers[id] = headers['x-gateway-delivery']
}

describe('a header that a middleware has changed', () => {
  it('has no effect on http', async () => {
    const listener = createWebhookListener({ secrets }, () => {})
    const port = await listen((req, res) => {
      moveBack(req.headers)
      delete req.headers['x-fluxora-signature']
      void listener(req, res)
    })
    expect(await deliver(port, moved)).toMatchObject({ status: 401, json: { error: 'missing_delivery_id' } })
    expect(await deliver(port)).toMatchObject({ status: 200 })
  })

  it('has no effect on Express', async () => {
    const app = express()
    app.use((req, _res, next) => {
      moveBack(req.headers)
      next()
    })
    app.post('/webhooks', expressWebhook({ secrets }), (_req, res) => void res.end())
    expect(await deliver(await listen(app), moved)).toMatchObject({ status: 401 })
  })

  it('has no effect on Fastify', async () => {
    const app = fastify()
    app.addHook('onRequest', async ({ headers }) => moveBack(headers))
    app.register(async (scope) => {
      await scope.register(fastifyWebhook, { secrets })
      scope.post('/webhooks', async () => ({ ok: true }))
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    closeAfterTest(() => app.close())
    expect(await deliver((app.server.address() as AddressInfo).port, moved)).toMatchObject({ status: 401 })
  })

  it('counts for a receiver that gets the changed headers', async () => {
    const ids: unknown[] = []
    const receiver = createWebhookReceiver({ secrets })
    const app = express()
    const read = express.raw({ type: '*/*', limit: 262_144 })
    app.post(
      '/webhooks',
      read,
      receiveChanged(receiver, (delivery) => void ids.push(delivery.deliveryId)),
    )
    const port = await listen(app)
    expect(await deliver(port, moved)).toMatchObject({ status: 200 })
    expect(await deliver(port, moved)).toMatchObject({ status: 409, json: { error: 'delivery_id_conflict' } })
    expect(await deliver(port, { ...moved, secrets: 'another' })).toMatchObject({ status: 401 })
    expect(ids).toEqual(['dlv_1'])
  })

  it('counts for fetch in a new Request', async () => {
    const route = createWebhookRoute({ secrets }, () => {})
    const { signed, body } = request()
    const { [id]: deliveryId, ...rest } = signed
    const received = new Request('http://a.test/', {
      method: 'POST',
      body: body as never,
      headers: { ...rest, 'x-gateway-delivery': deliveryId as string },
    })
    const headers = new Headers(received.headers)
    headers.set(id, headers.get('x-gateway-delivery') as string)
    expect((await route(new Request(received, { headers }))).status).toBe(200)
  })
})
