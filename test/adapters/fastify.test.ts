// What is special about Fastify: scopes, content types, hooks, and the reply as the application's decision.

import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import fastify5, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import fastify4 from 'fastify4'
import { afterEach, describe, expect, it } from 'vitest'
import { fastifyWebhook } from '../../src/adapters/fastify.ts'
import { createWebhookSigner, memoryDedupeStore, type OutcomeReport } from '../../src/webhook/index.ts'
import { attempt, deliver, dial, request, SECRET } from './support/client.ts'

const apps: FastifyInstance[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) {
    app.server.closeAllConnections()
    await app.close()
  }
})

const ODD_TYPES = ['foo', '', '/', '*', ';', 'application json', 'application/json; charset=utf-8']

describe.each([
  ['Fastify 4', fastify4 as unknown as typeof fastify5],
  ['Fastify 5', fastify5],
])('fastifyWebhook in %s', (_name, fastify) => {
  function make(): FastifyInstance {
    const app = fastify()
    apps.push(app)
    return app
  }

  it.each(ODD_TYPES)('accepts a genuine delivery with the content type "%s"', async (type) => {
    const { port, reports } = await route((request) => ({ text: request.webhook.text() }))
    const answer = await deliver(port, { body: '{"a":1}', headers: { 'content-type': type } })
    expect(answer).toMatchObject({ status: 200, json: { text: '{"a":1}' } })
    expect(reports).toMatchObject([{ code: 'ok' }])
  })

  async function listen(app: FastifyInstance): Promise<number> {
    await app.listen({ port: 0, host: '127.0.0.1' })
    return (app.server.address() as AddressInfo).port
  }

  type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

  /** An application with one route, and the reports of its deliveries. */
  async function route(handler: Handler, more: (scope: FastifyInstance) => void = () => {}) {
    const reports: OutcomeReport[] = []
    const app = make()
    app.register(async (scope) => {
      await scope.register(fastifyWebhook, { secrets: SECRET, onOutcome: (report) => void reports.push(report) })
      more(scope)
      scope.post('/webhooks', handler)
    })
    return {
      app,
      port: await listen(app),
      reports,
      async reported(count: number): Promise<OutcomeReport[]> {
        while (reports.length < count) await sleep(1)
        return reports
      },
    }
  }

  describe('in scopes', () => {
    it('leaves routes outside its scope alone', async () => {
      const app = make()
      app.register(async (scope) => {
        await scope.register(fastifyWebhook, { secrets: SECRET })
        scope.post('/webhooks', async () => ({ ok: true }))
      })
      app.post('/other', async (req) => ({ body: req.body, webhook: req.webhook }))
      const port = await listen(app)
      const other = await fetch(`http://127.0.0.1:${port}/other`, {
        method: 'POST',
        body: '{"a":1}',
        headers: { 'content-type': 'application/json' },
      })
      expect(await other.json()).toEqual({ body: { a: 1 } })
      expect(await deliver(port)).toMatchObject({ status: 200 })
    })

    it('serves two scopes with different secrets', async () => {
      const app = make()
      for (const [prefix, secrets] of [
        ['/a', 'secret of a'],
        ['/b', 'secret of b'],
      ] as const) {
        app.register(
          async (scope) => {
            await scope.register(fastifyWebhook, { secrets, namespace: prefix })
            scope.post('/in', async (req) => ({ keep: req.webhook.text() }))
          },
          { prefix },
        )
      }
      const sign = (secrets: string) => createWebhookSigner({ secrets }).sign({ body: 'x' })
      await app.ready()
      const post = (url: string, secrets: string) =>
        app.inject({ method: 'POST', url, payload: 'x', headers: { ...sign(secrets), 'content-type': 'text/plain' } })
      expect((await post('/a/in', 'secret of a')).json()).toEqual({ keep: 'x' })
      expect((await post('/b/in', 'secret of b')).json()).toEqual({ keep: 'x' })
      expect((await post('/a/in', 'secret of b')).statusCode).toBe(401)
    })

    it('works if the route is defined before the plugin, and in the root scope', async () => {
      const app = make()
      app.post('/webhooks', async (req) => ({ id: req.webhook.deliveryId }))
      app.register(fastifyWebhook, { secrets: SECRET })
      const port = await listen(app)
      expect(await deliver(port, { deliveryId: 'dlv_root' })).toMatchObject({ status: 200, json: { id: 'dlv_root' } })
      expect(await deliver(port, { secrets: 'another' })).toMatchObject({ status: 401 })
    })

    it('decorates requests, unless the application has done so', async () => {
      const app = make()
      app.register(async (scope) => {
        await scope.register(fastifyWebhook, { secrets: SECRET })
        expect(scope.hasRequestDecorator('webhook')).toBe(true)
        expect(scope.pluginName).toContain('@fluxora/verify')
      })
      app.register(async (scope) => {
        scope.decorateRequest('webhook', null as never)
        await scope.register(fastifyWebhook, { secrets: SECRET })
        scope.post('/webhooks', async (req) => ({ text: req.webhook.text() }))
      })
      expect(await deliver(await listen(app), { body: 'x' })).toMatchObject({ status: 200, json: { text: 'x' } })
    })

    it('accepts the options of register beside its own', async () => {
      const app = make()
      const options = {
        secrets: SECRET,
        prefix: '/in',
        logLevel: 'warn',
        logSerializers: {},
        maxBodyBytes: 10,
      } as const
      app.register(fastifyWebhook, options)
      app.post('/webhooks', async (req) => ({ text: req.webhook.text() }))
      const port = await listen(app)
      expect(await deliver(port, { body: 'x' })).toMatchObject({ status: 200, json: { text: 'x' } })
      expect(await deliver(port, { body: 'x'.repeat(11) })).toMatchObject({ status: 413 })
    })

    it.each(['secret', 'maxBodySize', 'preffix', 'encapsulate'])('refuses %s, which is not an option', async (name) => {
      await expect(make().register(fastifyWebhook, { secrets: SECRET, [name]: 1 })).rejects.toMatchObject({
        code: 'invalid_option',
        option: name,
      })
    })

    it('rejects register if an option makes no sense', async () => {
      await expect(make().register(fastifyWebhook, { secrets: '' })).rejects.toMatchObject({ code: 'invalid_secret' })
    })
  })

  describe('gives the handler a body that', () => {
    it('is the raw bytes, whatever the content type', async () => {
      const { port } = await route(async (req) => ({ body: Buffer.from(req.body as Uint8Array).toString('hex') }))
      for (const type of [
        'application/json',
        'text/plain',
        'application/octet-stream',
        'multipart/form-data',
        undefined,
      ]) {
        const body = Buffer.from([0, 255, 1, ...Buffer.from(String(type))])
        const answer = await deliver(port, { body, headers: { 'content-type': type } })
        expect(answer).toMatchObject({ status: 200, json: { body: body.toString('hex') } })
      }
    })

    it('is what a parser of the scope returns for the verified bytes', async () => {
      const { port } = await route(
        async (req) => ({ body: req.body, raw: req.webhook.text() }),
        (scope) =>
          scope.addContentTypeParser(
            'application/json',
            { parseAs: 'string' },
            scope.getDefaultJsonParser('error', 'error'),
          ),
      )
      expect(await deliver(port, { body: '{ "a":1 }' })).toMatchObject({ json: { body: { a: 1 }, raw: '{ "a":1 }' } })
      expect(await deliver(port, { body: '{ "a"' })).toMatchObject({ status: 400 })
      expect(await deliver(port, { body: '{ "a"', secrets: 'another' })).toMatchObject({ status: 401 })
    })

    it('may be larger than bodyLimit, because maxBodyBytes is the limit here', async () => {
      const app = fastify({ bodyLimit: 10 })
      apps.push(app)
      app.register(async (scope) => {
        await scope.register(fastifyWebhook, { secrets: SECRET, maxBodyBytes: 1000 })
        scope.post('/webhooks', async (req) => ({ length: req.webhook.body.length }))
      })
      const port = await listen(app)
      expect(await deliver(port, { body: 'x'.repeat(1000) })).toMatchObject({ json: { length: 1000 } })
      expect(await deliver(port, { body: 'x'.repeat(1001) })).toMatchObject({ status: 413 })
    })

    it('was kept by a raw-body plugin that ran first', async () => {
      const app = make()
      app.addHook('preParsing', async (req) => {
        const chunks: Buffer[] = []
        for await (const chunk of req.raw) chunks.push(chunk)
        Object.assign(req, { rawBody: Buffer.concat(chunks) })
      })
      app.register(async (scope) => {
        await scope.register(fastifyWebhook, { secrets: SECRET })
        scope.post('/webhooks', async (req) => ({ text: req.webhook.text() }))
      })
      expect(await deliver(await listen(app), { body: 'kept' })).toMatchObject({ status: 200, json: { text: 'kept' } })
    })

    it('comes from the stream with which an earlier hook replaced the request', async () => {
      const app = make()
      app.addHook('preParsing', async (_req, _reply, payload) => {
        const chunks: Buffer[] = []
        for await (const chunk of payload) chunks.push(chunk as Buffer)
        return Readable.from(chunks)
      })
      app.register(async (scope) => {
        await scope.register(fastifyWebhook, { secrets: SECRET })
        scope.post('/webhooks', async (req) => ({ text: req.webhook.text() }))
      })
      expect(await deliver(await listen(app), { body: 'again' })).toMatchObject({
        status: 200,
        json: { text: 'again' },
      })
    })
  })

  describe('decides', () => {
    it.each([200, 201, 202, 204])('to commit if the status is %i', async (status) => {
      const { port } = await route(async (_req, reply) => reply.code(status).send())
      const draft = attempt()
      expect(await deliver(port, draft)).toMatchObject({ status })
      expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { duplicate: true } })
    })

    it.each([302, 400, 422, 503])('to release if the status is %i, and reports it', async (status) => {
      const { port, reported } = await route(async (_req, reply) => reply.code(status).send({ mine: true }))
      const draft = attempt()
      for (let round = 0; round < 2; round++)
        expect(await deliver(port, draft)).toMatchObject({ status, json: { mine: true } })
      expect(await reported(2)).toMatchObject(Array(2).fill({ ok: false, code: 'handler_failed', status }))
    })

    it('by the status that an error handler or an onSend hook sets', async () => {
      const forgiven = await route(
        async () => {
          throw new Error('broken')
        },
        (scope) => scope.setErrorHandler(async (_error, _req, reply) => reply.code(202).send({ queued: true })),
      )
      const draft = attempt()
      expect(await deliver(forgiven.port, draft)).toMatchObject({ status: 202 })
      expect(await deliver(forgiven.port, draft)).toMatchObject({ json: { duplicate: true } })
      const spoiled = await route(
        async () => ({ ok: true }),
        (scope) => scope.addHook('onSend', async (_req, reply) => void reply.code(503)),
      )
      for (let round = 0; round < 2; round++) expect(await deliver(spoiled.port, draft)).toMatchObject({ status: 503 })
      expect(await spoiled.reported(2)).toMatchObject([{ code: 'handler_failed' }, { code: 'handler_failed' }])
    })

    it('for handlers that use a callback, a stream or hijack', async () => {
      const handlers: Handler[] = [
        (_req, reply) => void setTimeout(() => reply.send({ ok: true }), 5),
        async (_req, reply) => reply.type('application/json').send(Readable.from(['{"ok":', 'true}'])),
        async (_req, reply) => {
          reply.hijack()
          reply.raw.writeHead(200, { 'content-type': 'application/json' })
          reply.raw.end('{"ok":true}')
        },
      ]
      for (const handler of handlers) {
        const { port } = await route(handler)
        const draft = attempt()
        const first = await deliver(port, draft)
        expect(first).toMatchObject({ status: 200, text: '{"ok":true}' })
        expect(await deliver(port, draft)).toMatchObject({ json: { duplicate: true } })
      }
    })

    it.each([
      ['nothing', undefined],
      ['something', { ok: true }],
    ])('by the last hook if the handler returned %s', async (_what, result) => {
      const { port, reported } = await route(
        async () => result,
        (scope) => scope.addHook('onSend', async (_req, reply) => void reply.code(503)),
      )
      const draft = attempt()
      for (let round = 0; round < 2; round++) expect(await deliver(port, draft)).toMatchObject({ status: 503 })
      expect(await reported(2)).toMatchObject([{ code: 'handler_failed' }, { code: 'handler_failed' }])
    })

    it('nothing for a reply that was hijacked while the body was arriving', async () => {
      const lines: string[] = []
      const logger = { level: 'warn', stream: { write: (line: string) => void lines.push(line) } }
      const app = fastify({ logger }) as unknown as FastifyInstance
      apps.push(app)
      const reports: OutcomeReport[] = []
      let taken: FastifyReply | undefined
      app.addHook('onRequest', (_req, reply, next) => {
        taken = reply
        setTimeout(() => reply.hijack().raw.writeHead(503, { 'content-length': '4' }).flushHeaders(), 5)
        next()
      })
      app.register(async (scope) => {
        const onOutcome = (report: OutcomeReport): void => void reports.push(report)
        await scope.register(fastifyWebhook, { secrets: SECRET, bodyTimeoutSeconds: 0.1, onOutcome })
        scope.post('/webhooks', async () => ({ ok: true }))
      })
      const wire = await dial(await listen(app))
      wire.send(request({ ...attempt(), body: 'never sent' }).head)
      while (reports.length === 0) await sleep(1)
      await sleep(5)
      taken?.raw.end('busy')
      expect(await wire.answer()).toMatchObject({ status: 503, text: 'busy' })
      expect(reports).toMatchObject([{ code: 'body_timeout' }])
      expect(lines).toEqual([])
    })

    it('to release if a streamed reply breaks off', async () => {
      let broken = false
      const { port, reported } = await route(async (_req, reply) => {
        if (broken) return { ok: true }
        broken = true
        const source = new Readable({ read() {} })
        source.push('half')
        setTimeout(() => source.push('more'), 5)
        setTimeout(() => source.destroy(new Error('gone')), 20)
        return reply.send(source)
      })
      const draft = attempt()
      await expect(deliver(port, draft)).rejects.toThrow('closed without an answer')
      expect(await reported(1)).toMatchObject([{ code: 'handler_failed' }])
      const again = await deliver(port, draft)
      expect(again.json).toEqual({ ok: true })
    })

    it.each([
      ['returns nothing', 200, () => {}],
      ['returns something', 200, () => ({ ok: true })],
      [
        'throws',
        500,
        () => {
          throw new Error('broken')
        },
      ],
    ])('after the sender has disconnected, when the handler %s', async (_what, status, settle) => {
      let proceed: (() => void) | undefined
      let rounds = 0
      const { port, reported } = await route(async () => {
        if (rounds++ === 0) {
          await new Promise<void>((resolve) => {
            proceed = resolve
          })
        }
        return settle()
      })
      const draft = attempt()
      const wire = await dial(port)
      wire.send(request(draft).wire)
      while (!proceed) await sleep(1)
      wire.socket.resetAndDestroy()
      await sleep(30)
      expect(await deliver(port, draft)).toMatchObject({ status: 503, json: { error: 'delivery_in_progress' } })
      proceed()
      await reported(2)
      const again = await deliver(port, draft)
      expect(again.status).toBe(status)
      expect(again.json.duplicate).toBe(status === 200 ? true : undefined)
    })

    it('by the status that hooks set after the sender has disconnected', async () => {
      let proceed: (() => void) | undefined
      const { port, reported } = await route(
        async () => {
          await new Promise<void>((resolve) => {
            proceed = resolve
          })
          return { ok: true }
        },
        (scope) => scope.addHook('onSend', async (_req, reply) => void reply.code(503)),
      )
      const wire = await dial(port)
      wire.send(request(attempt()).wire)
      while (!proceed) await sleep(1)
      wire.socket.resetAndDestroy()
      await sleep(30)
      proceed()
      expect(await reported(1)).toMatchObject([{ code: 'handler_failed', status: 503 }])
    })

    it('before the last byte is sent', async () => {
      const memory = memoryDedupeStore()
      let committed = false
      const app = make()
      app.register(async (scope) => {
        const commit: typeof memory.commit = async (...given) => {
          await sleep(50)
          committed = true
          return memory.commit(...given)
        }
        await scope.register(fastifyWebhook, { secrets: SECRET, dedupe: { ...memory, commit } })
        scope.post('/webhooks', async () => ({ ok: true }))
      })
      expect(await deliver(await listen(app))).toMatchObject({ status: 200, json: { ok: true } })
      expect(committed).toBe(true)
    })
  })

  it('runs the hooks of the application for a refusal, too', async () => {
    const seen: string[] = []
    const { port } = await route(
      async () => ({ ok: true }),
      (scope) => {
        scope.addHook('onRequest', async () => void seen.push('onRequest'))
        scope.addHook('onSend', async (_req, reply) => void seen.push(`onSend ${reply.statusCode}`))
        scope.addHook('onResponse', async () => void seen.push('onResponse'))
      },
    )
    expect(await deliver(port, { secrets: 'another' })).toMatchObject({
      status: 401,
      json: { error: 'signature_mismatch' },
    })
    await sleep(5)
    expect(seen).toEqual(['onRequest', 'onSend 401', 'onResponse'])
  })

  it('can be tested with inject', async () => {
    const { app } = await route(async (req) => ({ id: req.webhook.deliveryId }))
    const headers = createWebhookSigner({ secrets: SECRET }).sign({ body: '{}', deliveryId: 'dlv_i' })
    const post = (payload: string) => app.inject({ method: 'POST', url: '/webhooks', payload, headers })
    expect((await post('{}')).json()).toEqual({ id: 'dlv_i' })
    expect((await post('{}')).json()).toMatchObject({ duplicate: true })
    expect((await post('{ }')).json()).toMatchObject({ error: 'signature_mismatch' })
  })
})
