// What is special about Express: the order of middleware, and the answer as the application's decision.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import express5, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import { afterEach, describe, expect, it } from 'vitest'
import { expressWebhook } from '../../src/adapters/express.ts'
import { memoryDedupeStore, type OutcomeReport } from '../../src/webhook/index.ts'
import { attempt, type Draft, deliver, dial, request, SECRET, type Wire } from './support/client.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

async function serve(app: Express | Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(app as Express).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('expressWebhook in %s', (_name, express) => {
  /** An application with one route, and the reports of its deliveries. */
  async function route(handler: RequestHandler, onError?: ErrorRequestHandler) {
    const reports: OutcomeReport[] = []
    const app = express().set('env', 'test')
    const options = { secrets: SECRET, onOutcome: (report: OutcomeReport) => void reports.push(report) }
    app.post('/webhooks', expressWebhook(options), handler)
    if (onError) app.use(onError)
    const port = await serve(app)
    return {
      port,
      reports,
      async reported(count: number): Promise<OutcomeReport[]> {
        while (reports.length < count) await sleep(1)
        return reports
      },
    }
  }

  describe('with body parsers', () => {
    it.each([
      ['express.raw', () => express.raw({ type: '*/*' })],
      [
        'express.json with rawBody',
        () => express.json({ verify: (req, _res, bytes) => void Object.assign(req, { rawBody: bytes }) }),
      ],
    ])('uses the bytes that %s kept', async (_parser, parser) => {
      const app = express().use(parser())
      app.post('/webhooks', expressWebhook({ secrets: SECRET }), (req, res) => void res.json(req.webhook.json()))
      const port = await serve(app)
      expect(await deliver(port, { body: '{ "a":1.0 }' })).toMatchObject({ status: 200, text: '{"a":1}' })
      expect(await deliver(port, { secrets: 'another' })).toMatchObject({ status: 401 })
    })

    it('refuses a compressed body that express.raw inflated', async () => {
      const app = express().use(express.raw({ type: '*/*' }))
      app.post('/webhooks', expressWebhook({ secrets: SECRET }), (_req, res) => void res.end())
      const draft = { body: gzipSync('{}'), headers: { 'content-encoding': 'gzip' } }
      expect(await deliver(await serve(app), draft)).toMatchObject({ status: 415 })
    })

    it.each([
      ['has inflated', true],
      ['has left compressed', false],
    ])('with `inflate`, uses bytes that express.raw %s', async (_what, inflate) => {
      const app = express().use(express.raw({ type: '*/*', inflate }))
      // With `inflate: false`, express.raw refuses compressed bodies itself, so the test keeps the bytes.
      const keeping = express().use(async (req, _res, next) => {
        Object.assign(req, { rawBody: Buffer.concat(await req.toArray()) })
        next()
      })
      const used = inflate ? app : keeping
      used.post('/webhooks', expressWebhook({ secrets: SECRET, inflate: true }), (req, res) => {
        res.json({ text: req.webhook.text() })
      })
      const port = await serve(used)
      const draft = { body: '{"a":1}', sent: gzipSync('{"a":1}'), headers: { 'content-encoding': 'gzip' } }
      expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { text: '{"a":1}' } })
      expect(await deliver(port, { ...draft, secrets: 'another' })).toMatchObject({ status: 401 })
    })

    it.each([
      ['is as long inflated as compressed, after express.raw', () => express.raw({ type: '*/*' }), {}],
      [
        'was kept compressed, without a declared length',
        () =>
          (async (req, _res, next) => {
            Object.assign(req, { rawBody: Buffer.concat(await req.toArray()) })
            next()
          }) as RequestHandler,
        { chunks: 7 },
      ],
    ])('inflates a body that %s', async (_what, parser, how) => {
      const app = express().use(parser())
      app.post('/webhooks', expressWebhook({ secrets: SECRET, inflate: true }), (req, res) => {
        res.json({ text: req.webhook.text() })
      })
      const body = asLongCompressed()
      const sent = gzipSync(body)
      expect(sent.length).toBe(body.length)
      const draft: Draft = { body, sent, headers: { 'content-encoding': 'gzip' }, ...how }
      expect(await deliver(await serve(app), draft)).toMatchObject({ status: 200, json: { text: body } })
    })

    it.each([
      ['express.json', () => express.json(), {}],
      ['express.text', () => express.text({ type: '*/*' }), {}],
      ['express.urlencoded', () => express.urlencoded(), { 'content-type': 'application/x-www-form-urlencoded' }],
      ['setEncoding', (): RequestHandler => (req, _res, next) => void next(void req.setEncoding('utf8')), {}],
    ])('says how to reorder the middleware, after %s', async (_parser, parser, headers) => {
      const app = express().use(parser())
      app.post('/webhooks', expressWebhook({ secrets: SECRET }), (_req, res) => void res.end())
      const answer = await deliver(await serve(app), { headers })
      expect(answer).toMatchObject({ status: 500, json: { error: 'body_already_parsed' } })
      expect(answer.json.message).toContain("app.post('/webhooks', expressWebhook(options), handler)")
      expect(answer.json.message).toContain('In NestJS, create the application with { rawBody: true }')
    })

    it('works with parsers after it, and with earlier ones that skipped the body', async () => {
      const app = express().use(express.json({ type: 'application/other' }))
      app.post('/webhooks', expressWebhook({ secrets: SECRET }), express.json(), express.raw(), (req, res) => {
        res.json({ text: req.webhook.text() })
      })
      app.use(express.json())
      app.post('/other', (req, res) => void res.json(req.body))
      const port = await serve(app)
      expect(await deliver(port, { body: '[1]' })).toMatchObject({ status: 200, text: '{"text":"[1]"}' })
      const other = await fetch(`http://127.0.0.1:${port}/other`, {
        method: 'POST',
        body: '[2]',
        headers: { 'content-type': 'application/json' },
      })
      expect(await other.text()).toBe('[2]')
    })
  })

  describe('decides', () => {
    it.each([200, 201, 202, 204, 299])('to commit if the status is %i', async (status) => {
      const { port, reported } = await route((_req, res) => void res.status(status).end())
      const draft = attempt()
      expect(await deliver(port, draft)).toMatchObject({ status })
      expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { duplicate: true } })
      expect(await reported(2)).toMatchObject([{ code: 'ok' }, { code: 'duplicate_delivery' }])
    })

    it.each([300, 302, 400, 404, 422, 503])('to release if the status is %i, and reports it', async (status) => {
      const { port, reported } = await route((_req, res) => void res.status(status).json({ mine: true }))
      const draft = attempt()
      for (let round = 0; round < 2; round++)
        expect(await deliver(port, draft)).toMatchObject({ status, json: { mine: true } })
      const report = { ok: false, code: 'handler_failed', status, message: `The application answered ${status}.` }
      expect(await reported(2)).toMatchObject([report, report])
    })

    it('to release if no route answers', async () => {
      const { port } = await route((_req, _res, next) => next())
      const draft = attempt()
      for (let round = 0; round < 2; round++) expect(await deliver(port, draft)).toMatchObject({ status: 404 })
    })

    it('by the status that an error handler sends', async () => {
      const onError: ErrorRequestHandler = (error, _req, res, _next) =>
        void res.status(error.status).json({ mine: true })
      const failing = await route((_req, _res, next) => next({ status: 418 }), onError)
      const draft = attempt()
      for (let round = 0; round < 2; round++) expect(await deliver(failing.port, draft)).toMatchObject({ status: 418 })
      const forgiving = await route((_req, _res, next) => next({ status: 200 }), onError)
      expect(await deliver(forgiving.port, draft)).toMatchObject({ status: 200, json: { mine: true } })
      expect(await deliver(forgiving.port, draft)).toMatchObject({ status: 200, json: { duplicate: true } })
    })

    it('to release if the connection is closed without an answer', async () => {
      let broken = 0
      const { port, reported } = await route((_req, res) => void (broken++ ? res.json({ ok: true }) : res.destroy()))
      const draft = attempt()
      await expect(deliver(port, draft)).rejects.toThrow('closed without an answer')
      const message = 'The application broke off its answer.'
      expect(await reported(1)).toMatchObject([
        { code: 'handler_failed', message, error: { name: 'ApplicationDeclined', message, status: 0 } },
      ])
      expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { ok: true } })
    })

    it('to release if an error follows the head of a 200', async () => {
      let failed = false
      const { port, reported } = await route((_req, res, next) => {
        if (failed) return void res.json({ ok: true })
        failed = true
        res.status(200).write('half')
        setTimeout(() => {
          res.write('more')
          next(new Error('too late'))
        }, 10)
      })
      const draft = attempt()
      await expect(deliver(port, draft)).rejects.toThrow('closed without an answer')
      expect(await reported(1)).toMatchObject([{ ok: false, code: 'handler_failed' }])
      const again = await deliver(port, draft)
      expect(again).toMatchObject({ status: 200, json: { ok: true } })
      expect(again.json).not.toHaveProperty('duplicate')
    })

    it.each([
      [200, 500, true],
      [500, 200, false],
    ])('by the %i that was sent, not by a %i that was set later', async (sent, set, isCommitted) => {
      const { port } = await route((_req, res) => {
        res.status(sent).write('{')
        res.status(set).end('}')
      })
      const draft = attempt()
      expect(await deliver(port, draft)).toMatchObject({ status: sent, text: '{}' })
      const again = await deliver(port, draft)
      expect([again.status, again.json.duplicate]).toEqual(isCommitted ? [200, true] : [sent, undefined])
    })

    it.each<[string, (wire: Wire) => void]>([
      ['resets the connection', ({ socket }) => void socket.resetAndDestroy()],
      ['ends its side', ({ socket }) => void socket.end()],
    ])('by the head that was written if the sender %s before the end', async (_how, leave) => {
      let response: ServerResponse | undefined
      const { port, reported } = await route((_req, res) => {
        response = res
        res.status(202).write('one')
        res.write('two')
        res.status(500)
      })
      const draft = attempt()
      const wire = await dial(port)
      wire.send(request(draft).wire)
      while (!response) await sleep(1)
      leave(wire)
      expect(await reported(1)).toMatchObject([{ ok: true, code: 'ok' }])
      expect(await deliver(port, draft)).toMatchObject({ json: { duplicate: true } })
    })

    it('by the answer that the application writes after the sender has disconnected', async () => {
      for (const [status, next] of [
        [200, { status: 200, json: { duplicate: true } }],
        [500, { status: 500 }],
      ] as const) {
        let answer: (() => void) | undefined
        const { port, reported } = await route((_req, res) => {
          answer = () => void res.status(status).json({ ok: status === 200 })
          if (reports.length > 0) answer()
        })
        const reports: unknown[] = []
        const draft = attempt()
        const wire = await dial(port)
        wire.send(request(draft).wire)
        while (!answer) await sleep(1)
        wire.socket.resetAndDestroy()
        await sleep(30)
        expect(await deliver(port, draft)).toMatchObject({ status: 503, json: { error: 'delivery_in_progress' } })
        answer()
        await reported(2)
        reports.push(1)
        expect(await deliver(port, draft)).toMatchObject(next)
      }
    })
  })

  describe('with its answer', () => {
    it('sends no last byte before the commit', async () => {
      const memory = memoryDedupeStore()
      let committed = 0
      const commit: typeof memory.commit = async (...given) => {
        await sleep(50)
        committed = performance.now()
        return memory.commit(...given)
      }
      const answers: RequestHandler[] = [
        (_req, res) => void res.json({ ok: true }),
        (_req, res) => {
          res.writeHead(200, { 'content-length': 2 })
          res.write('ok')
          res.end()
        },
        (_req, res) => void Readable.from([Buffer.from('o'), Buffer.from('k')]).pipe(res),
        (_req, res) => void res.end('ok', 'utf8'),
      ]
      for (const handler of answers) {
        const app = express()
        app.post('/webhooks', expressWebhook({ secrets: SECRET, dedupe: { ...memory, commit } }), handler)
        const { status, text } = await deliver(await serve(app))
        expect([status, text.replace('{"ok":true}', 'ok')]).toEqual([200, 'ok'])
        expect(committed).toBeGreaterThan(0)
        committed = 0
      }
    })

    it('sends a large body completely', async () => {
      const { port } = await route((_req, res) => {
        Readable.from(Array.from({ length: 64 }, (_, at) => Buffer.alloc(65_536, at))).pipe(res.status(202))
      })
      const { signed: headers, body } = request()
      const url = `http://127.0.0.1:${port}/webhooks`
      const answer = await fetch(url, { method: 'POST', body: body as never, headers })
      const bytes = new Uint8Array(await answer.arrayBuffer())
      expect([answer.status, bytes.length, bytes.at(-1)]).toEqual([202, 64 * 65_536, 63])
    })

    it('calls back for each chunk, so the next one can be written', async () => {
      const { port } = await route(async (_req, res) => {
        for (const chunk of ['a', 'b', 'c']) await new Promise<unknown>((done) => res.write(chunk, done))
        await new Promise<unknown>((done) => res.write('d', 'utf8', done))
        await new Promise<void>((done) => res.end('e', done))
        await new Promise<unknown>((done) => res.end(done)) // it has ended already, and calls back
      })
      expect(await deliver(port)).toMatchObject({ status: 200, text: 'abcde' })
    })

    it('lets the application reuse the memory of a chunk after its callback', async () => {
      const { port } = await route(async (_req, res) => {
        const memory = Buffer.alloc(4)
        for (let at = 0; at < 5; at++) {
          memory.fill(String(at))
          await new Promise<unknown>((done) => res.write(memory, done))
        }
        memory.fill('x')
        res.end()
      })
      expect(await deliver(port)).toMatchObject({ status: 200, text: '00001111222233334444' })
    })

    it.each<[string, (res: ServerResponse, chunk: Buffer) => Promise<unknown>]>([
      ['its callback', (res, chunk) => new Promise((done) => res.write(chunk, done))],
      ['drain', async (res, chunk) => res.write(chunk) || (await once(res, 'drain'))],
    ])('applies back-pressure through %s if the sender reads slowly', async (_how, write) => {
      const chunk = Buffer.alloc(65_536, 'x')
      let ahead = 0 // how many bytes the application was ahead of the socket at most
      const { port, reported } = await route(async (req, res) => {
        for (let written = 0; written < 160; written++) {
          await write(res, chunk)
          ahead = Math.max(ahead, req.socket.writableLength)
        }
        res.end()
      })
      const wire = await dial(port)
      let received = 0
      wire.socket.removeAllListeners('data')
      wire.socket.on('data', (bytes) => {
        received += bytes.length
      })
      wire.socket.pause()
      wire.send(request().wire)
      await sleep(50)
      wire.socket.resume()
      await reported(1)
      while (received < 160 * 65_536) await sleep(5)
      expect(ahead).toBeLessThan(4 * 65_536)
    })

    it('passes an error to the callback of a write after the end', async () => {
      const late: unknown[] = []
      const { port } = await route((_req, res) => {
        res.end('ok')
        res.write('more', (error) => late.push(error))
        res.end('more', () => late.push('called'))
      })
      expect(await deliver(port)).toMatchObject({ status: 200, text: 'ok' })
      expect(late).toMatchObject([{ code: 'ERR_STREAM_WRITE_AFTER_END' }, 'called'])
    })

    it('sends the first of two answers, with its head', async () => {
      const { port } = await route((_req, res) => {
        res.set('x-answer', 'first').json({ answer: 1 })
        res.set('x-answer', 'second').status(500).json({ answer: 2 })
        res.writeHead(500)
        res.write('more')
        res.end()
      })
      const answer = await deliver(port)
      expect(answer).toMatchObject({ status: 200, text: '{"answer":1}', headers: { 'x-answer': 'first' } })
    })

    it('sends the head exactly as it was written', async () => {
      const lines = async (handler: RequestHandler): Promise<string> => {
        const wire = await dial((await route(handler)).port)
        let text = ''
        wire.socket.on('data', (chunk) => {
          text += chunk
        })
        wire.send(request().wire)
        await wire.answer()
        return text
      }
      const plain = await lines((_req, res) => {
        res.statusMessage = 'Fine'
        res.setHeader('X-Trace-ID', 'a')
        res.end('ok')
      })
      expect(plain).toMatch(/^HTTP\/1\.1 200 Fine\r\n/)
      expect(plain).toContain('\r\nX-Trace-ID: a\r\n')
      let flowing: boolean | undefined
      const contested = await lines((_req, res) => {
        res.statusMessage = 'Fine'
        res.end('ok')
        res.statusMessage = 'Broken'
        res.status(500)
        flowing = res.write('more')
        res.end('no')
      })
      // After the first write a status message has no effect, whatever it is: Node has sent the head by then.
      const late = await lines((_req, res) => {
        res.write('o')
        res.statusMessage = 'no\nmessage'
        res.end('k')
      })
      expect(late).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(contested).toMatch(/^HTTP\/1\.1 200 Fine\r\n/)
      expect(contested.slice(contested.indexOf('\r\n\r\n'))).toBe('\r\n\r\nok')
      expect(flowing).toBe(false)
    })

    it('works with a middleware that ends the response later', async () => {
      const app = express()
      app.use((_req, res, next) => {
        const end = res.end.bind(res) as (...given: unknown[]) => typeof res
        res.end = (...given: unknown[]) => {
          setTimeout(end, 10, ...given)
          return res
        }
        next()
      })
      app.post('/webhooks', expressWebhook({ secrets: SECRET }), (_req, res) => void res.status(202).end('mine'))
      expect(await deliver(await serve(app))).toMatchObject({ status: 202, text: 'mine' })
    })

    it('sends its head at once if it is flushed, and ignores a second head', async () => {
      const early = await route((_req, res) => {
        res.status(202).set('x-answer', 'early').flushHeaders()
        setTimeout(() => res.end('ok'), 5)
      })
      expect(await deliver(early.port)).toMatchObject({ status: 202, text: 'ok', headers: { 'x-answer': 'early' } })
      const late = await route((_req, res) => {
        res.set('x-answer', 'first').end('ok')
        res.status(500).set('x-answer', 'second').flushHeaders()
      })
      expect(await deliver(late.port)).toMatchObject({ status: 200, text: 'ok', headers: { 'x-answer': 'first' } })
    })

    it('holds the end back in a mounted application, too, which changes the prototype of the response', async () => {
      const memory = memoryDedupeStore()
      const events: string[] = []
      const commit: typeof memory.commit = async (...given) => {
        await sleep(30)
        events.push('commit')
        return memory.commit(...given)
      }
      const mounted = express()
      mounted.post('/deep', (_req, res) => {
        res.writeHead(200, { 'content-length': 2 })
        res.write('ok')
        res.end()
      })
      const app = express()
      app.use('/webhooks', expressWebhook({ secrets: SECRET, dedupe: { ...memory, commit } }), mounted)
      const { signed: headers, body } = request()
      const url = `http://127.0.0.1:${await serve(app)}/webhooks/deep`
      const answer = await fetch(url, { method: 'POST', body: body as never, headers })
      events.push(await answer.text())
      expect(events).toEqual(['commit', 'ok'])
    })

    it('emits finish and calls the callback of end once each', async () => {
      let finished = 0
      const { port } = await route((_req, res) => {
        res.on('finish', () => finished++)
        res.end('ok', () => finished++)
      })
      await deliver(port)
      await sleep(5)
      expect(finished).toBe(2)
    })
  })

  it('throws at creation if the options make no sense', () => {
    for (const options of [undefined, null, {}, { secrets: '' }])
      expect(() => expressWebhook(options as never)).toThrow(expect.objectContaining({ name: 'WebhookError' }))
  })

  it('answers 500 if the next middleware of a handwritten chain throws', async () => {
    const middleware = expressWebhook({ secrets: SECRET })
    const port = await serve((req: IncomingMessage, res: ServerResponse) =>
      middleware(req, res, () => {
        throw new Error('broken')
      }),
    )
    expect(await deliver(port)).toMatchObject({ status: 500, json: { error: 'handler_failed' } })
  })

  it('leaves no rejection unhandled if such a chain destroys the response and throws', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const reports: OutcomeReport[] = []
    const middleware = expressWebhook({ secrets: SECRET, onOutcome: (report) => void reports.push(report) })
    const port = await serve((req: IncomingMessage, res: ServerResponse) =>
      middleware(req, res, () => {
        res.destroy()
        throw new Error('broken')
      }),
    )
    await expect(deliver(port)).rejects.toThrow()
    await sleep(20)
    process.off('unhandledRejection', note)
    expect(reports).toMatchObject([{ code: 'handler_failed', error: { message: 'broken' } }])
    expect(unhandled).toEqual([])
  })

  it('works with app.use on a path, and with a router', async () => {
    const app = express()
    const router = express.Router()
    router.post('/deep', (req, res) => void res.json({ id: req.webhook.deliveryId }))
    app.use('/webhooks', expressWebhook({ secrets: SECRET }), router)
    app.post('/webhooks', (_req, res) => void res.json({ shallow: true }))
    expect(await deliver(await serve(app))).toMatchObject({ status: 200, text: '{"shallow":true}' })
  })
})

/** A text whose gzip is as long as the text. */
function asLongCompressed(): string {
  for (let letters = 1, random = 1; ; letters++) {
    const noise = Array.from({ length: letters % 60 }, () => {
      random = (random * 48271) % 2147483647
      return (random % 36).toString(36)
    })
    const body = JSON.stringify({ id: noise.join(''), pad: 'x'.repeat(Math.floor(letters / 60)) })
    if (gzipSync(body).length === body.length) return body
  }
}
