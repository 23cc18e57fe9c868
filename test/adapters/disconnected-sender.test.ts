// A sender that disconnects before the answer, in Express and Fastify: whatever correct code does then, its claim is settled in bounded
// time.

import { createReadStream } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import express5, { type RequestHandler } from 'express'
import express4 from 'express4'
import fastify5, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import fastify4 from 'fastify4'
import { describe, expect, it } from 'vitest'
import { expressWebhook } from '../../src/adapters/express.ts'
import { fastifyWebhook } from '../../src/adapters/fastify.ts'
import { createWebhookSigner, type OutcomeReport } from '../../src/webhook/index.ts'
import { attempt, type Draft, deliver, dial, freshId, request, SECRET } from './support/client.ts'
import { closeAfterTest, listen } from './support/servers.ts'

const file = fileURLToPath(import.meta.url)
/** An event that can be awaited before it happens. */
function signal(): { readonly came: Promise<void>; come(): void } {
  let come = (): void => {}
  const came = new Promise<void>((resolve) => {
    come = resolve
  })
  return { came, come }
}

interface Scene {
  readonly reports: OutcomeReport[]
  reported(count: number): Promise<OutcomeReport[]>
  /** Sends a delivery, disconnects while the application handles it, and lets the application continue after it could notice. */
  leave(how?: 'destroy' | 'end' | 'resetAndDestroy'): Promise<Draft>
  again(draft: Draft): ReturnType<typeof deliver>
}

/** What an application does after the sender has disconnected. The second time it answers as usual. */
type Act<Given extends unknown[]> = (...given: Given) => unknown

function sceneOn(
  port: number,
  started: ReturnType<typeof signal>,
  gone: ReturnType<typeof signal>,
  reports: OutcomeReport[],
): Scene {
  return {
    reports,
    async reported(count) {
      while (reports.length < count) await sleep(1)
      return reports
    },
    async leave(how = 'resetAndDestroy') {
      const draft = attempt()
      const wire = await dial(port)
      wire.send(request(draft).wire)
      await started.came
      wire.socket[how]()
      await sleep(30)
      gone.come()
      return draft
    },
    again: (draft) => deliver(port, draft),
  }
}

const committed = { status: 200, json: { duplicate: true } }
const handledAgain = { status: 200, text: 'again' }

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  type Given = Parameters<RequestHandler>

  async function scene(
    act: Act<Given>,
    options: { abandonedSeconds?: number; maxConcurrent?: number } = {},
  ): Promise<Scene> {
    const reports: OutcomeReport[] = []
    const [started, gone] = [signal(), signal()]
    let isFirst = true
    const app = express().set('env', 'test')
    const onOutcome = (report: OutcomeReport): void => void reports.push(report)
    app.post('/webhooks', expressWebhook({ secrets: SECRET, onOutcome, ...options }), async (...given) => {
      if (!isFirst) return void given[1].end('again')
      isFirst = false
      started.come()
      await gone.came
      await act(...given)
    })
    return sceneOn(await listen(createServer(app)), started, gone, reports)
  }

  const answers: [string, Act<Given>, object][] = [
    ['sends a file', (_req, res) => res.sendFile(file), committed],
    ['sends a file with a callback', (_req, res) => res.sendFile(file, () => {}), committed],
    // Express notices the disconnected sender before the missing file, so only the deadline settles it.
    ['sends a missing file', (_req, res) => res.sendFile('/nowhere/at/all'), handledAgain],
    ['sends a file with a 500', (_req, res) => res.status(500).sendFile(file), handledAgain],
    ['offers a download', (_req, res) => res.download(file), committed],
    ['pipes a stream', (_req, res) => createReadStream(file).pipe(res), committed],
    ['runs a pipeline', (_req, res) => pipeline(createReadStream(file), res).catch(() => {}), committed],
    ['writes and ends', (_req, res) => res.write('x') && res.end(), committed],
    ['writes, and stops because nobody is listening', (_req, res) => void res.write('x'), committed],
    ['writes a head', (_req, res) => void res.writeHead(200, { a: 'b' }), committed],
    ['writes a head with another status', (_req, res) => void res.writeHead(503, { a: 'b' }), handledAgain],
    ['flushes its head', (_req, res) => res.flushHeaders(), committed],
    ['answers', (_req, res) => res.json({ ok: true }), committed],
    ['redirects', (_req, res) => res.redirect('/elsewhere'), handledAgain],
    ['calls next', (_req, _res, next) => next(), handledAgain],
    ['calls next with an error', (_req, _res, next) => next(new Error('broken')), handledAgain],
    ['destroys the response', (_req, res) => res.destroy(), handledAgain],
    ['destroys the request', (req) => req.destroy(), handledAgain],
    ['destroys the socket', (req) => req.socket.destroy(), handledAgain],
  ]

  it.each(answers)('settles the claim if the application %s', async (_what, act, next) => {
    for (const how of ['resetAndDestroy', 'end'] as const) {
      const { leave, again, reported } = await scene(act, { abandonedSeconds: 0.5 })
      const draft = await leave(how)
      await reported(1)
      expect(await again(draft)).toMatchObject(next)
    }
  })

  it.each<[string, (res: ServerResponse) => void]>([
    ['the file was opened', (res) => void createReadStream(file).pipe(res)],
    ['a head was written', (res) => void res.writeHead(200, { a: 'b' })],
  ])('decides by the answer that had begun if the sender disconnects after %s', async (_what, begin) => {
    const reports: OutcomeReport[] = []
    let isFirst = true
    const app = express()
    app.post(
      '/webhooks',
      expressWebhook({ secrets: SECRET, onOutcome: (report) => void reports.push(report) }),
      (_req, res) => {
        if (!isFirst) return void res.end('again')
        isFirst = false
        const source = new Readable({ read() {} }) // it never sends a byte
        source.pipe(res)
        if (_what.startsWith('a head')) {
          source.unpipe(res)
          begin(res)
        }
        wire?.socket.resetAndDestroy()
      },
    )
    const port = await listen(createServer(app))
    const draft = attempt()
    const wire = await dial(port)
    wire.send(request(draft).wire)
    while (reports.length === 0) await sleep(1)
    expect(await deliver(port, draft)).toMatchObject(committed)
  })

  it('does not mistake clean-up on close for a decision of the application', async () => {
    const [started, gone] = [signal(), signal()]
    const reports: OutcomeReport[] = []
    const app = express()
    app.use((req, res, next) => {
      res.on('close', () => {
        res.destroy()
        req.destroy()
        req.socket.destroy()
      })
      next()
    })
    app.post(
      '/webhooks',
      expressWebhook({ secrets: SECRET, onOutcome: (report) => void reports.push(report) }),
      async (_req, res) => {
        started.come()
        await gone.came
        res.end('done')
      },
    )
    const { leave, again } = sceneOn(await listen(createServer(app)), started, gone, reports)
    const leaving = leave()
    await sleep(20)
    expect(reports).toEqual([])
    const draft = await leaving
    while (reports.length === 0) await sleep(1)
    expect(await again(draft)).toMatchObject(committed)
  })

  it('waits for an application that does not answer, but not for ever', async () => {
    const { leave, again, reported, reports } = await scene(() => {}, { abandonedSeconds: 0.3, maxConcurrent: 1 })
    const draft = await leave()
    expect(await again(attempt())).toMatchObject({ status: 429 })
    expect(reports).toHaveLength(1)
    const message = 'The sender disconnected, and the application did not answer within 0.3 seconds.'
    expect((await reported(2))[1]).toMatchObject({ code: 'handler_failed', status: 0, message, error: { status: 0 } })
    expect(await again(draft)).toMatchObject(handledAgain)
    expect(await again(attempt())).toMatchObject({ status: 200 })
  })

  it('keeps the claim as long as the application may still answer', async () => {
    const proceed = signal()
    const { leave, again, reported } = await scene(async (_req, res) => {
      await proceed.came
      res.end()
    })
    const draft = await leave()
    expect(await again(draft)).toMatchObject({ status: 503, json: { error: 'delivery_in_progress' } })
    proceed.come()
    await reported(2)
    expect(await again(draft)).toMatchObject(committed)
  })

  it.each([0, -1, Number.NaN, '300', 86_401])('refuses %s for abandonedSeconds', (abandonedSeconds) => {
    expect(() => expressWebhook({ secrets: SECRET, abandonedSeconds } as never)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option: 'abandonedSeconds' }),
    )
  })
})

describe.each([
  ['Fastify 4', fastify4 as unknown as typeof fastify5],
  ['Fastify 5', fastify5],
])('%s', (_name, fastify) => {
  type Given = [FastifyRequest, FastifyReply]
  const readable = (): ReadableStream => Readable.toWeb(createReadStream(file)) as ReadableStream

  async function serve(handler: (...given: Given) => unknown, http2 = false) {
    const reports: OutcomeReport[] = []
    const app = fastify({ http2, forceCloseConnections: true } as never) as unknown as FastifyInstance
    app.register(async (scope) => {
      const onOutcome = (report: OutcomeReport): void => void reports.push(report)
      await scope.register(fastifyWebhook, { secrets: SECRET, onOutcome, abandonedSeconds: 0.3 })
      scope.post('/webhooks', handler as never)
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    closeAfterTest(() => app.close())
    return { port: (app.server.address() as AddressInfo).port, reports }
  }

  async function scene(act: Act<Given>): Promise<Scene> {
    const [started, gone] = [signal(), signal()]
    let isFirst = true
    const { port, reports } = await serve(async (...given) => {
      if (!isFirst) return 'again'
      isFirst = false
      started.come()
      await gone.came
      return act(...given)
    })
    return sceneOn(port, started, gone, reports)
  }

  const answers: [string, Act<Given>, object][] = [
    ['returns nothing', () => undefined, committed],
    ['returns an object', () => ({ ok: true }), committed],
    ['returns a stream', () => createReadStream(file), committed],
    ['sends a stream', (_req, reply) => reply.send(createReadStream(file)), committed],
    ['sends a stream with a 503', (_req, reply) => reply.code(503).send(createReadStream(file)), handledAgain],
    ['sends a web stream', (_req, reply) => reply.send(readable()), committed],
    ['sends a web stream with a 503', (_req, reply) => reply.code(503).send(readable()), handledAgain],
    ['sends a Response', (_req, reply) => reply.send(new Response(readable())), committed],
    [
      'sends a Response with a 503',
      (_req, reply) => reply.send(new Response(readable(), { status: 503 })),
      handledAgain,
    ],
    ['hijacks the reply and pipes', (_req, reply) => void createReadStream(file).pipe(reply.hijack().raw), committed],
    ['hijacks the reply and destroys it', (_req, reply) => void reply.hijack().raw.destroy(), handledAgain],
    ['hijacks the reply and does nothing', (_req, reply) => void reply.hijack(), handledAgain],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
      handledAgain,
    ],
  ]

  it.each(answers)('settles the claim if the application %s', async (_what, act, next) => {
    const { leave, again, reported } = await scene(act)
    const draft = await leave()
    await reported(1)
    expect(await again(draft)).toMatchObject(next)
  })

  it('decides by a web stream that had begun when the sender disconnected', async () => {
    let isFirst = true
    let wire: Awaited<ReturnType<typeof dial>> | undefined
    const { port, reports } = await serve(async () => {
      if (!isFirst) return 'again'
      isFirst = false
      setTimeout(() => wire?.socket.resetAndDestroy(), 20)
      return new ReadableStream({ pull: () => new Promise(() => {}) })
    })
    const draft = attempt()
    wire = await dial(port)
    wire.send(request(draft).wire)
    while (reports.length === 0) await sleep(1)
    expect(await deliver(port, draft)).toMatchObject(committed)
  })

  it.each([
    ['returns nothing', () => undefined, { body: 'duplicate' }],
    ['returns an object', () => ({ ok: true }), { body: 'duplicate' }],
    ['sends a stream', () => createReadStream(file), { body: 'duplicate' }],
    ['throws', () => Promise.reject(new Error('broken')), { body: 'again' }],
  ])('settles the claim of an HTTP/2 stream if the application %s', async (_what, act, next) => {
    const [started, gone] = [signal(), signal()]
    let isFirst = true
    const { port, reports } = await serve(async () => {
      if (!isFirst) return 'again'
      isFirst = false
      started.come()
      await gone.came
      return act()
    }, true)
    const session = connect(`http://127.0.0.1:${port}`)
    closeAfterTest(async () => session.destroy())
    const body = `{"id":"${freshId()}"}`
    const headers = createWebhookSigner({ secrets: SECRET }).sign({ body })
    const post = () => session.request({ ':method': 'POST', ':path': '/webhooks', ...headers })
    const first = post().on('error', () => {})
    first.end(body)
    await started.came
    first.close(8)
    await sleep(30)
    gone.come()
    while (reports.length === 0) await sleep(1)
    const second = post()
    second.end(body)
    let text = ''
    for await (const part of second.setEncoding('utf8')) text += part
    expect(text).toContain(next.body)
  })
})
