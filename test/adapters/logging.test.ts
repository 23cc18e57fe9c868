// Where adapters log mistakes of the application: in the framework's own logger, if it has one.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express5, { type RequestHandler } from 'express'
import express4 from 'express4'
import fastify5, { type FastifyInstance } from 'fastify'
import fastify4 from 'fastify4'
import { type Logger, pino } from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { expressWebhook } from '../../src/adapters/express.ts'
import { fastifyWebhook } from '../../src/adapters/fastify.ts'
import { createWebhookRoute } from '../../src/adapters/fetch.ts'
import { createWebhookListener } from '../../src/adapters/http.ts'
import type { DedupeStore } from '../../src/webhook/index.ts'
import { deliver, request, SECRET } from './support/client.ts'
import { closeAfterTest, closeServers, listen } from './support/servers.ts'

afterEach(async () => {
  await closeServers()
  vi.restoreAllMocks()
})

type Line = Record<string, unknown> & { readonly msg: string }

/** A real pino logger, and the lines that it wrote. */
function logger(): { readonly log: Logger; readonly lines: Line[]; readonly stream: { write(line: string): void } } {
  const lines: Line[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  return { log: pino({ base: null }, stream), lines, stream }
}

/** A store that fails as if its migrate() had been forgotten. */
const down: DedupeStore = {
  claim: () => Promise.reject(new Error('relation "webhook_claims" does not exist')),
  commit: async () => true,
  release: async () => true,
}
const secrets = SECRET
const fails = (): never => {
  throw new Error('broken')
}

const storeLine = {
  level: 50,
  msg: expect.stringContaining('store_unavailable'),
  err: { type: 'Error', message: 'relation "webhook_claims" does not exist' },
  webhook: { code: 'store_unavailable', scheme: 'fluxora', deliveryId: expect.any(String) },
}
const ours = (lines: readonly Line[]): Line[] => lines.filter(({ msg }) => msg?.startsWith('@fluxora/verify'))

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  /** Sets `req.log`, as pino-http does. */
  const logging =
    (log: Logger): RequestHandler =>
    (req, _res, next) => {
      Object.assign(req, { log: log.child({ req: { id: 1 } }) })
      next()
    }

  it('logs to req.log that the store fails, once', async () => {
    const { log, lines } = logger()
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
    const app = express()
    app.post('/webhooks', logging(log), expressWebhook({ secrets, dedupe: down }), (_req, res) => void res.end())
    const port = await listen(createServer(app))
    for (let i = 0; i < 3; i++) expect(await deliver(port)).toMatchObject({ status: 503 })
    expect(lines).toMatchObject([{ ...storeLine, req: { id: 1 } }])
    expect(spy).not.toHaveBeenCalled()
  })

  it('logs invalid writes and errors of callbacks to req.log', async () => {
    const { log, lines } = logger()
    const app = express()
    app.post('/webhooks', logging(log), expressWebhook({ secrets }), (req, res) => {
      if (req.webhook.text() === 'wrong') res.end(42 as never)
      else res.end('ok', fails)
    })
    const port = await listen(createServer(app))
    expect(await deliver(port, { body: 'wrong' })).toMatchObject({ status: 500 })
    expect(await deliver(port, { body: 'fine' })).toMatchObject({ status: 200 })
    await expect
      .poll(() => ours(lines))
      .toMatchObject([
        { err: { code: 'ERR_INVALID_ARG_TYPE' }, webhook: { code: 'handler_failed' } },
        { err: { message: 'broken' }, msg: expect.stringContaining('A callback that was passed to response.write()') },
      ])
  })

  it('survives a req.log that is not a logger, or that throws', async () => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
    for (const log of [() => {}, 'log', {}, { error: 'no' }, { level: 'info', error: fails }]) {
      const app = express()
      app.use((req, _res, next) => {
        Object.assign(req, { log })
        next()
      })
      app.post('/webhooks', expressWebhook({ secrets, dedupe: down }), (_req, res) => void res.end('ok', fails))
      expect(await deliver(await listen(createServer(app)))).toMatchObject({ status: 503 })
    }
    expect(spy).toHaveBeenCalledTimes(4)
  })
})

describe.each([
  ['Fastify 4', fastify4 as unknown as typeof fastify5],
  ['Fastify 5', fastify5],
])('%s', (_name, fastify) => {
  async function serve(app: FastifyInstance, options: object, handler: () => unknown): Promise<number> {
    app.register(async (scope) => {
      await scope.register(fastifyWebhook, { secrets, ...options })
      scope.post('/webhooks', async () => handler())
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    closeAfterTest(() => app.close())
    return (app.server.address() as AddressInfo).port
  }

  it('logs to request.log that the store fails, once', async () => {
    const { lines, stream } = logger()
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
    const app = fastify({ logger: { stream } }) as unknown as FastifyInstance
    const port = await serve(app, { dedupe: down }, () => ({ ok: true }))
    for (let i = 0; i < 3; i++) expect(await deliver(port)).toMatchObject({ status: 503 })
    expect(ours(lines)).toMatchObject([storeLine])
    expect(ours(lines)[0]).toHaveProperty('reqId')
    expect(spy).not.toHaveBeenCalled()
  })

  it('leaves it to Fastify to log that a route failed', async () => {
    const { lines, stream } = logger()
    const app = fastify({ logger: { stream } }) as unknown as FastifyInstance
    const port = await serve(app, {}, fails)
    expect(await deliver(port)).toMatchObject({ status: 500 })
    expect(ours(lines)).toEqual([])
    expect(lines.filter(({ err }) => err)).toMatchObject([{ err: { message: 'broken' } }])
  })

  it('logs to the console if the logger is switched off, but not if its level is silent', async () => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
    for (const logger of [false, { level: 'silent' }] as const) {
      const failing = fastify({ logger } as never) as unknown as FastifyInstance
      expect(await deliver(await serve(failing, {}, fails))).toMatchObject({ status: 500 })
      const storeless = fastify({ logger } as never) as unknown as FastifyInstance
      expect(await deliver(await serve(storeless, { dedupe: down }, () => ({})))).toMatchObject({ status: 503 })
    }
    expect(spy.mock.calls).toEqual([
      [expect.stringContaining('The route handler failed.'), expect.objectContaining({ message: 'broken' })],
      [expect.stringContaining('store_unavailable'), expect.anything()],
    ])
  })
})

describe('http and fetch', () => {
  it('log to the console that a handler fails, once', async () => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
    const port = await listen(createServer(createWebhookListener({ secrets }, fails)))
    for (let i = 0; i < 3; i++) expect(await deliver(port)).toMatchObject({ status: 500 })
    const route = createWebhookRoute({ secrets }, fails)
    for (let i = 0; i < 3; i++) {
      const { signed: headers, body } = request()
      const sent = new Request('http://a.test/', { method: 'POST', headers, body: body as never })
      expect(await route(sent)).toMatchObject({ status: 500 })
    }
    const call = [expect.stringContaining('handler_failed'), expect.objectContaining({ message: 'broken' })]
    expect(spy.mock.calls).toEqual([call, call])
  })

  it('log to req.log, if a handwritten server has one', async () => {
    const { log, lines } = logger()
    const listener = createWebhookListener({ secrets }, fails)
    const port = await listen(createServer((req, res) => listener(Object.assign(req, { log }), res)))
    await deliver(port)
    expect(lines).toMatchObject([{ level: 50, err: { message: 'broken' }, webhook: { code: 'handler_failed' } }])
  })
})
