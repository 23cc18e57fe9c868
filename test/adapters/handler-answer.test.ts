// Handlers of http and fetch with an answer of their own.

import { once } from 'node:events'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWebhookRoute } from '../../src/adapters/fetch.ts'
import { createWebhookListener, type HandlerAnswer } from '../../src/adapters/http.ts'
import { readHandlerAnswer } from '../../src/adapters/shared/http-answer.ts'
import { createWebhookSigner, memoryDedupeStore, type OutcomeReport } from '../../src/webhook/index.ts'
import { attempt, deliver, freshId, SECRET } from './support/client.ts'
import { closeAfterTest, listen } from './support/servers.ts'

class Row {
  readonly id = 1
  readonly status = 3
}

/** Results of handlers that are not answers, and are not meant as answers. */
const others: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 503],
  ['text', 'accepted'],
  ['true', true],
  ['a list', [{ status: 500 }]],
  ['a row whose status is a string', { id: 7, status: 'paid' }],
  ['only a status that is a string', { status: 'paid' }],
  ['a row whose status is a number', { id: 7, status: 2 }],
  ['an entity whose status is a number', new Row()],
  ['the response of another library', { status: 201, statusText: 'Created', headers: {}, config: {}, data: {} }],
  ['an object with an inherited status', Object.create({ status: 500 })],
  ['a function', () => ({ status: 500 })],
]

describe('http', () => {
  async function serve(answer: unknown, options = {}) {
    const reports: OutcomeReport[] = []
    let given: unknown[] = [answer]
    const onOutcome = (report: OutcomeReport): void => void reports.push(report)
    const listener = createWebhookListener({ secrets: SECRET, onOutcome, ...options }, async () => {
      const [first, ...rest] = given
      given = rest.length > 0 ? rest : given
      return first
    })
    return {
      port: await listen(listener),
      reports,
      next: (answer: unknown) => given.push(answer),
    }
  }

  it.each<[HandlerAnswer, object]>([
    [
      { status: 200, body: 'challenge' },
      { text: 'challenge', headers: { 'content-type': 'text/plain; charset=utf-8' } },
    ],
    [
      { status: 200, body: '' },
      { text: '', headers: { 'content-length': '0' } },
    ],
    [
      { status: 201, headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' },
      { text: '{"a":1}', headers: { 'content-type': 'application/json' } },
    ],
    [
      { status: 202, headers: { 'x-count': 3, 'content-length': 2 }, body: 'ok' },
      { headers: { 'x-count': '3', 'content-length': '2' } },
    ],
    [
      { status: 200, body: Uint8Array.of(104, 105) },
      { text: 'hi', headers: { 'content-type': 'application/octet-stream' } },
    ],
    [{ status: 204 }, { text: '' }],
    [{ status: 200, statusText: 'Fine', body: 'ok' } as HandlerAnswer, { text: 'ok' }],
    [{ status: 299, headers: new Headers({ 'x-a': 'b' }) as never }, { headers: { 'x-a': 'b' } }],
  ])('sends %j, and commits', async (answer, expected) => {
    const { port, reports } = await serve(answer)
    const draft = attempt()
    expect(await deliver(port, draft)).toMatchObject({ status: answer.status, ...expected })
    expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { duplicate: true } })
    expect(reports).toMatchObject([{ ok: true, code: 'ok' }, { code: 'duplicate_delivery' }])
  })

  it('sends no content-length with a 204', async () => {
    const { port } = await serve({ status: 204 })
    expect((await deliver(port)).headers).not.toHaveProperty('content-length')
  })

  it.each([300, 304, 307, 400, 404, 410, 429, 500, 503, 599])(
    'sends a %i, and releases the delivery',
    async (status) => {
      const { port, reports, next } = await serve({ status, headers: { 'Retry-After': '7' } })
      next(undefined)
      const draft = attempt()
      expect(await deliver(port, draft)).toMatchObject({ status, headers: { 'retry-after': '7' } })
      expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { ok: true } })
      const error = { name: 'ApplicationDeclined', status, message: `The application answered ${status}.` }
      expect(reports).toMatchObject([{ ok: false, code: 'handler_failed', status, error }, { code: 'ok' }])
    },
  )

  it.each<[string, unknown]>([
    ['a Response, which is for fetch', new Response('later', { status: 503 })],
    ['the status 99', { status: 99 }],
    ['the status 101', { status: 101 }],
    ['the status 199', { status: 199 }],
    ['the status 600', { status: 600 }],
    ['the status 200.5', { status: 200.5 }],
    ['a status that is not a number', { status: Number.NaN }],
    ['an object for a body', { status: 200, body: { ok: true } }],
    ['a body with a 204', { status: 204, body: 'x' }],
    ['a body with a 304', { status: 304, body: 'x' }],
    ['a string for headers', { status: 200, headers: 'x-a: b' }],
    ['a header without a value', { status: 200, headers: { 'x-a': undefined } }],
    ['a header with a bad name', { status: 200, headers: { 'x a': 'b' } }],
    ['a header with a line break', { status: 200, headers: { 'x-a': 'b\r\nx-c: d' } }],
    ['a header beyond Latin-1', { status: 200, headers: { 'x-a': '\u20ac' } }],
    ['a list with a bad value', { status: 200, headers: { 'set-cookie': ['a=b', 'c\n'] } }],
    ['a header that is an object', { status: 200, headers: { 'x-a': {} } }],
    ['a content-length that does not match the body', { status: 200, headers: { 'content-length': '9' }, body: 'x' }],
    ['a transfer encoding', { status: 200, headers: { 'Transfer-Encoding': 'chunked' } }],
    ['a connection header', { status: 200, headers: { connection: 'upgrade', upgrade: 'x' } }],
  ])('refuses %s, and releases the delivery', async (_what, answer) => {
    const { port, reports, next } = await serve(answer)
    next(undefined)
    const draft = attempt()
    expect(await deliver(port, draft)).toMatchObject({ status: 500, json: { error: 'handler_failed' } })
    expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { ok: true } })
    const message = expect.stringContaining("The handler's answer cannot be sent: ")
    expect(reports).toMatchObject([
      { code: 'handler_failed', status: 500, error: { code: 'invalid_input', message } },
      {},
    ])
  })

  it.each(others)('sends the usual answer if a handler resolves to %s', async (_what, value) => {
    const { port } = await serve(value)
    const draft = attempt()
    expect(await deliver(port, draft)).toMatchObject({ status: 200, json: { ok: true, deliveryId: draft.deliveryId } })
    expect(await deliver(port, draft)).toMatchObject({ json: { duplicate: true } })
  })

  it('accepts an answer that is returned synchronously, or by any thenable', async () => {
    const listener = createWebhookListener({ secrets: SECRET }, (delivery) => {
      const answer = { status: 202, body: delivery.text() }
      // biome-ignore lint/suspicious/noThenProperty: a thenable, such as libraries return
      return delivery.text() === 'at once' ? answer : { then: (take: (value: object) => void) => take(answer) }
    })
    const port = await listen(listener)
    for (const body of ['at once', 'later'])
      expect(await deliver(port, { body })).toMatchObject({ status: 202, text: body })
  })

  it('sends its own answer if the commit fails, because the delivery was handled', async () => {
    const dedupe = { ...memoryDedupeStore(), commit: () => Promise.reject(new Error('gone')) }
    const { port, reports } = await serve({ status: 202, body: 'mine' }, { dedupe })
    expect(await deliver(port)).toMatchObject({ status: 202, text: 'mine' })
    expect(reports).toMatchObject([{ ok: true, problem: 'commit_failed' }])
  })

  it('sends each cookie on its own line', async () => {
    const { port } = await serve({ status: 200, headers: { 'Set-Cookie': ['a=1', 'b=2'] } })
    const { signed, body } = await import('./support/client.ts').then(({ request }) => request())
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers: signed, body: body as never })
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('sends its own answer over HTTP/2, too', async () => {
    const listener = createWebhookListener({ secrets: SECRET }, () => ({
      status: 202,
      headers: { 'x-a': 'b' },
      body: 'mine',
    }))
    const server = createHttp2Server((request, response) => void listener(request as never, response as never)).listen(
      0,
    )
    await once(server, 'listening')
    const session = connect(`http://localhost:${(server.address() as AddressInfo).port}`)
    closeAfterTest(async () => {
      session.destroy()
      server.close()
    })
    const stream = session.request({
      ':method': 'POST',
      ...createWebhookSigner({ secrets: SECRET }).sign({ body: '{}' }),
    })
    stream.end('{}')
    const [head] = await once(stream, 'response')
    let text = ''
    for await (const part of stream.setEncoding('utf8')) text += part
    expect([head[':status'], head['x-a'], text]).toEqual([202, 'b', 'mine'])
  })

  it('returns an answer or undefined for any result, or throws a WebhookError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record(
            { status: fc.anything(), headers: fc.anything(), body: fc.anything() },
            { requiredKeys: ['status'] },
          ),
        ),
        (value) => {
          try {
            const answer = readHandlerAnswer(value)
            if (!answer) return
            expect(answer.status).toBeGreaterThanOrEqual(200)
            expect(answer.status).toBeLessThanOrEqual(599)
            for (const name of Object.keys(answer.headers)) expect(name).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/)
          } catch (error) {
            expect(error).toMatchObject({ name: 'WebhookError', code: 'invalid_input' })
          }
        },
      ),
    )
  })
})

describe('fetch', () => {
  function route(...answers: unknown[]) {
    const reports: OutcomeReport[] = []
    const onOutcome = (report: OutcomeReport): void => void reports.push(report)
    const post = createWebhookRoute({ secrets: SECRET, onOutcome }, async () =>
      answers.length > 1 ? answers.shift() : answers[0],
    )
    const signer = createWebhookSigner({ secrets: SECRET })
    const headers = signer.sign({ body: '{}', deliveryId: freshId() })
    return { reports, send: () => post(new Request('http://localhost/', { method: 'POST', headers, body: '{}' })) }
  }

  it('sends a Response with a 2xx unchanged, and commits', async () => {
    const own = new Response('challenge', { status: 202, headers: { 'x-a': 'b' } })
    const { send, reports } = route(own)
    expect(await send()).toBe(own)
    expect(await (await send()).json()).toMatchObject({ duplicate: true })
    expect(reports).toMatchObject([{ code: 'ok' }, { code: 'duplicate_delivery' }])
  })

  it.each([
    Response.redirect('http://elsewhere.test/', 307),
    new Response('no', { status: 422 }),
    new Response(null, { status: 503 }),
  ])('sends a Response with another status, and releases the delivery', async (own) => {
    const { send, reports } = route(own, undefined)
    expect(await send()).toBe(own)
    expect(await (await send()).json()).toMatchObject({ ok: true })
    expect(reports).toMatchObject([
      { code: 'handler_failed', status: own.status, error: { status: own.status } },
      { code: 'ok' },
    ])
  })

  it.each<[string, () => Promise<Response>]>([
    ['Response.error()', async () => Response.error()],
    [
      'a Response that was read',
      async () => {
        const read = new Response('x')
        await read.text()
        return read
      },
    ],
    [
      'a Response that is being read',
      async () => {
        const locked = new Response('x')
        locked.body?.getReader()
        return locked
      },
    ],
  ])('refuses %s, and releases the delivery', async (_what, make) => {
    const { send, reports } = route(await make(), undefined)
    expect((await send()).status).toBe(500)
    expect((await send()).status).toBe(200)
    expect(reports).toMatchObject([{ code: 'handler_failed', error: { code: 'invalid_input' } }, { code: 'ok' }])
  })

  it('accepts a Response of another implementation', async () => {
    const made = { status: 418, bodyUsed: false, body: null, [Symbol.toStringTag]: 'Response' }
    expect(await route(made).send()).toBe(made)
  })

  it.each(others)('sends the usual answer if a handler resolves to %s', async (_what, value) => {
    const { send } = route(value)
    const answer = await send()
    expect([answer.status, await answer.json()]).toEqual([200, { ok: true, deliveryId: expect.any(String) }])
  })

  it('does not lose a delivery that a handler declines with the answer of http', async () => {
    const { send } = route({ status: 503, body: 'later' })
    expect((await send()).status).toBe(500)
  })
})
