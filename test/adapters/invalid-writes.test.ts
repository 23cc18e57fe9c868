// Writes that cannot be sent, in Express and Fastify. As without this library they end in an answer or a closed connection for that one
// request, and they never end the process.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import express5, { type RequestHandler } from 'express'
import express4 from 'express4'
import fastify5, { type FastifyInstance } from 'fastify'
import fastify4 from 'fastify4'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { expressWebhook } from '../../src/adapters/express.ts'
import { fastifyWebhook } from '../../src/adapters/fastify.ts'
import { createWebhookListener } from '../../src/adapters/http.ts'
import type { OutcomeReport } from '../../src/webhook/index.ts'
import { type Answer, attempt, deliver, SECRET } from './support/client.ts'
import { closeAfterTest, closeServers, listen } from './support/servers.ts'

const escaped: unknown[] = []
const note = (error: unknown): void => void escaped.push(error)
beforeAll(() => {
  process.on('unhandledRejection', note).on('uncaughtException', note)
})
afterAll(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note)
})

afterEach(async () => {
  await closeServers()
  vi.restoreAllMocks()
  expect(escaped.splice(0)).toEqual([])
})

type Write = (request: IncomingMessage, response: ServerResponse) => unknown
interface Bench {
  readonly port: number
  readonly reports: OutcomeReport[]
}

function closeLater(app: FastifyInstance): void {
  closeAfterTest(() => {
    app.server.closeAllConnections()
    return app.close()
  })
}

/** The status of an answer, or `closed` if there was none. */
const statusOf = (answer: Promise<Answer>): Promise<number | string> =>
  answer.then(
    ({ status }) => status,
    () => 'closed',
  )

const headed = (response: ServerResponse): ServerResponse => response.writeHead(200, { 'content-type': 'text/plain' })

/** Each of these throws when it is written in plain Node. Plain Express answers 500, or closes the connection. */
const wrong: [string, Write][] = [
  ['a number as the last chunk', (_, res) => res.end(42 as never)],
  ['an object as the last chunk', (_, res) => res.end({ ok: true } as never)],
  ['a chunk in an unknown encoding', (_, res) => res.end('x', 'nonsense' as never)],
  ['a chunk whose encoding is not a string', (_, res) => res.end('x', ['utf8'] as never)],
  ['an object as a chunk', (_, res) => res.write({} as never)],
  ['null as a chunk', (_, res) => res.write(null as never)],
  ['undefined as a chunk', (_, res) => res.write(undefined as never)],
  ['a status that is a string', (_, res) => Object.assign(res, { statusCode: 'ECONNREFUSED' }).end()],
  ['a status that is not a number', (_, res) => Object.assign(res, { statusCode: Number.NaN }).end('x')],
  ['the status 99', (_, res) => Object.assign(res, { statusCode: 99 }).end()],
  ['the status 1000', (_, res) => Object.assign(res, { statusCode: 1000 }).end('x')],
  ['the status 0, for a stream', (_, res) => Object.assign(res, { statusCode: 0 }).write('x')],
  ['a line break in the status message', (_, res) => Object.assign(res, { statusMessage: 'a\nb' }).end()],
  ['a head with the status 99', (_, res) => res.writeHead(99)],
  ['a head with the status 1000', (_, res) => res.writeHead(1000, { a: 'b' })],
  ['a head with a status that is a string', (_, res) => res.writeHead('no' as never, { a: 'b' })],
  ['a head with a bad name', (_, res) => res.writeHead(200, { 'bad name': 'x' })],
  ['a head with a line break', (_, res) => res.writeHead(200, { a: 'b\r\nc: d' })],
  ['a head with a line break in its message', (_, res) => res.writeHead(200, 'a\nb', { a: 'b' }).end()],
  ['a head with a value that is undefined', (_, res) => res.writeHead(200, { a: undefined as never })],
  ['a head with an odd list', (_, res) => res.writeHead(200, ['a', 'b', 'c'] as never)],
  ['a head that is flushed with the status 99', (_, res) => Object.assign(res, { statusCode: 99 }).flushHeaders()],
  ['a number after a good head', (_, res) => headed(res).end(42 as never)],
]

/** Errors that are thrown later, when nobody can catch them. In plain Node some of these end the process. */
const late: [string, Write, number][] = [
  [
    'a callback of end that throws',
    (_, res) =>
      res.end('ok', () => {
        throw new Error('in end')
      }),
    200,
  ],
  [
    'a callback of end alone that throws',
    (_, res) =>
      res.end(() => {
        throw new Error('in end')
      }),
    200,
  ],
  [
    'a callback of write that throws',
    (_, res) => {
      res.write('ok', () => {
        throw new Error('in write')
      })
      res.end()
    },
    200,
  ],
  [
    'a listener of finish that throws',
    (_, res) => {
      res.on('finish', () => {
        throw new Error('in finish')
      })
      res.end('ok')
    },
    200,
  ],
  [
    'a listener of prefinish that throws',
    (_, res) => {
      res.on('prefinish', () => {
        throw new Error('in prefinish')
      })
      res.end('ok')
    },
    200,
  ],
  [
    'an error event without a listener',
    (_, res) => {
      res.end('ok')
      res.emit('error', new Error('unheard'))
    },
    200,
  ],
  [
    'a write after the end was sent',
    (_, res) => {
      res.end('ok')
      res.on('finish', () => {
        res.write('more')
        res.end('more')
      })
    },
    200,
  ],
]

/** A wrapper of another middleware, such as one that compresses, which throws when the held answer is sent. */
function wrapping(method: 'end' | 'write' | 'writeHead', times: number): Write {
  return (_, res) => {
    const found = res[method].bind(res) as (...given: unknown[]) => ServerResponse
    let left = times
    res[method] = ((...given: unknown[]) => {
      if (left-- > 0) throw new Error(`the wrapper, in ${method}`)
      return found(...given)
    }) as never
  }
}

const wrapped: [string, Write, Write][] = [
  ['end, once', wrapping('end', 1), (_, res) => res.end('ok')],
  ['writeHead, once', wrapping('writeHead', 1), (_, res) => res.end('ok')],
  ['write, once', wrapping('write', 1), (_, res) => res.write('o') && res.end('k')],
  ['end, always', wrapping('end', 99), (_, res) => res.end('ok')],
  ['writeHead, always', wrapping('writeHead', 99), (_, res) => res.end('ok')],
]

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  async function serve(handler: Write, before?: Write): Promise<Bench> {
    const reports: OutcomeReport[] = []
    const app = express().set('env', 'test')
    const wrapper: RequestHandler = (req, res, next) => {
      before?.(req, res)
      next()
    }
    const onOutcome = (report: OutcomeReport): void => void reports.push(report)
    app.post('/webhooks', wrapper, expressWebhook({ secrets: SECRET, onOutcome }), (req, res) => void handler(req, res))
    return { port: await listen(createServer(app)), reports }
  }

  describe.each([
    ['at once', (write: Write): Write => write],
    [
      'in an async function',
      (write: Write): Write =>
        async (req, res) => {
          write(req, res)
        },
    ],
    [
      'after a while',
      (write: Write): Write =>
        async (req, res) => {
          await sleep(1)
          write(req, res)
        },
    ],
    [
      'from a timer',
      (write: Write): Write =>
        (req, res) =>
          void setTimeout(write, 1, req, res),
    ],
  ])('%s', (_when, written) => {
    it.each(wrong)('answers %s with a 500, and releases the delivery', async (_what, write) => {
      let isFixed = false
      const { port, reports } = await serve((req, res) => (isFixed ? res.end('fixed') : written(write)(req, res)))
      const draft = attempt()
      expect(await deliver(port, draft)).toMatchObject({ status: 500, json: { error: 'handler_failed' } })
      isFixed = true
      expect(await deliver(port, draft)).toMatchObject({ status: 200, text: 'fixed' })
      const error = expect.objectContaining({ code: expect.stringMatching(/^ERR_/) })
      expect(reports).toMatchObject([{ code: 'handler_failed', status: 500, error }, { code: 'ok' }])
    })
  })

  it('closes the connection if an invalid chunk follows valid ones that were sent, and calls back', async () => {
    const told: unknown[] = []
    const { port, reports } = await serve(async (_req, res) => {
      res.write('one')
      res.write('two')
      await sleep(10)
      res.write({} as never, (error) => void told.push(error))
      res.end('three')
    })
    expect(await statusOf(deliver(port))).toBe('closed')
    expect(reports).toMatchObject([{ code: 'handler_failed', error: { code: 'ERR_INVALID_ARG_TYPE' } }])
    expect(told).toMatchObject([{ code: 'ERR_INVALID_ARG_TYPE' }])
  })

  it('logs an invalid write to the console', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const app = express()
    app.post('/webhooks', expressWebhook({ secrets: SECRET }), (_req, res) => void res.end(42 as never))
    expect(await deliver(await listen(createServer(app)))).toMatchObject({ status: 500 })
    expect(logged.mock.calls).toEqual([
      [expect.stringContaining('handler_failed'), expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' })],
    ])
  })

  it('shows in the stack where the application wrote it', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const app = express()
    app.post('/webhooks', expressWebhook({ secrets: SECRET }), (_req, res) => void res.end(42 as never))
    expect(await deliver(await listen(createServer(app)))).toMatchObject({ status: 500 })
    const [, error] = logged.mock.calls[0] as [string, Error]
    expect(error.stack).toContain('invalid-writes.test.ts')
  })

  it.each(late)('survives %s', async (_what, write, status) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { port } = await serve(write)
    const draft = attempt()
    expect(await deliver(port, draft)).toMatchObject({ status })
    await sleep(20)
    expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { duplicate: true } })
    if (!_what.startsWith('a write after')) expect(logged).toHaveBeenCalledTimes(1)
  })

  it.each(wrapped)('answers, or closes the connection, if a wrapper throws in %s', async (what, before, write) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { port } = await serve(write, before)
    const expected = what.endsWith('always') ? 'closed' : 500
    expect(await statusOf(deliver(port, attempt()))).toBe(expected)
    expect(logged.mock.calls[0]).toEqual([
      expect.stringContaining("The application's answer could not be sent."),
      expect.objectContaining({ message: expect.stringContaining('the wrapper') }),
    ])
  })

  it('logs nothing if onOutcome is false', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const app = express()
    app.post('/webhooks', expressWebhook({ secrets: SECRET, onOutcome: false }), (_req, res) => {
      res.end('ok', () => {
        throw new Error('in end')
      })
    })
    expect(await deliver(await listen(createServer(app)))).toMatchObject({ status: 200 })
    await sleep(10)
    expect(logged).not.toHaveBeenCalled()
  })

  it('answers 500 if a middleware begins an answer and then throws', async () => {
    const middleware = expressWebhook({ secrets: SECRET, onOutcome: () => {} })
    const port = await listen(
      createServer((req, res) =>
        middleware(req, res, () => {
          res.write('half')
          throw new Error('broken')
        }),
      ),
    )
    expect(await deliver(port)).toMatchObject({ status: 500, json: { error: 'handler_failed' } })
  })

  it('keeps an answer that a middleware ended before it threw', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const middleware = expressWebhook({ secrets: SECRET, onOutcome: () => {} })
    const port = await listen(
      createServer((req, res) =>
        middleware(req, res, () => {
          res.end('ok')
          throw new Error('broken')
        }),
      ),
    )
    const draft = attempt()
    expect(await deliver(port, draft)).toMatchObject({ status: 200, text: 'ok' })
    expect(await deliver(port, draft)).toMatchObject({ json: { duplicate: true } })
    expect(logged).toHaveBeenCalledTimes(1)
  })
})

describe('http', () => {
  it.each(['writeHead', 'end'] as const)(
    'closes the connection if a wrapper throws in %s, and serves others',
    async (method) => {
      const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
      const listener = createWebhookListener({ secrets: SECRET }, () => {})
      const settled: unknown[] = []
      const port = await listen(
        createServer((req, res) => {
          wrapping(method, 1)(req, res)
          listener(req, res).then((value) => settled.push(value))
        }),
      )
      expect(await statusOf(deliver(port))).toBe('closed')
      expect(settled).toEqual([undefined])
      expect(logged.mock.calls).toEqual([[expect.stringContaining('No answer could be sent.'), expect.any(Error)]])
    },
  )
})

describe.each([
  ['Fastify 4', fastify4 as unknown as typeof fastify5],
  ['Fastify 5', fastify5],
])('%s', (_name, fastify) => {
  async function serve(handler: Write, before?: Write): Promise<Bench> {
    const reports: OutcomeReport[] = []
    const app = fastify() as unknown as FastifyInstance
    app.addHook('onRequest', async (request, reply) => void before?.(request.raw, reply.raw))
    app.register(async (scope) => {
      const onOutcome = (report: OutcomeReport): void => void reports.push(report)
      await scope.register(fastifyWebhook, { secrets: SECRET, onOutcome })
      scope.post('/webhooks', (request, reply) => {
        handler(request.raw, reply.raw)
      })
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    closeLater(app)
    return { port: (app.server.address() as AddressInfo).port, reports }
  }

  it.each(wrong)('answers %s with a 500, and releases the delivery', async (_what, write) => {
    let isFixed = false
    const { port, reports } = await serve((req, res) => (isFixed ? res.end('fixed') : write(req, res)))
    const draft = attempt()
    expect(await deliver(port, draft)).toMatchObject({ status: 500, json: { error: 'handler_failed' } })
    isFixed = true
    expect(await deliver(port, draft)).toMatchObject({ status: 200, text: 'fixed' })
    expect(reports).toMatchObject([{ code: 'handler_failed' }, { code: 'ok' }])
  })

  it.each(late)('survives %s', async (_what, write, status) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { port } = await serve(write)
    const draft = attempt()
    expect(await deliver(port, draft)).toMatchObject({ status })
    await sleep(20)
    expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { duplicate: true } })
  })

  it.each(wrapped)('answers, or closes the connection, if a wrapper throws in %s', async (what, before, write) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { port } = await serve(write, before)
    expect(await statusOf(deliver(port, attempt()))).toBe(what.endsWith('always') ? 'closed' : 500)
  })

  it.each([42, true, Symbol('x'), () => 'x'])('answers or closes if the reply is %s', async (reply) => {
    const reports: OutcomeReport[] = []
    const app = fastify() as unknown as FastifyInstance
    app.register(async (scope) => {
      await scope.register(fastifyWebhook, { secrets: SECRET, onOutcome: (report) => void reports.push(report) })
      scope.post('/webhooks', async (_request, response) => response.type('text/plain').send(reply as never))
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    closeLater(app)
    expect([200, 500, 'closed']).toContain(await statusOf(deliver((app.server.address() as AddressInfo).port)))
    expect(reports).toHaveLength(1)
  })
})
