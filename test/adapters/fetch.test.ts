// What is special about the fetch route: the host owns the body's stream, and there is no connection to manage.

import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync } from 'node:zlib'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { createWebhookRoute, type VerifiedDelivery, type WebhookRouteOptions } from '../../src/adapters/fetch.ts'
import { createWebhookSigner, type OutcomeReport } from '../../src/webhook/index.ts'
import { webInflater } from '../../src/webhook/receiving/inflate-web.ts'
import { SECRET } from './support/client.ts'

let count = 0
function requestOf(body: unknown, init: Record<string, unknown> = {}, signed = '{}'): Request {
  const headers = createWebhookSigner({ secrets: SECRET }).sign({ body: signed, deliveryId: `dlv-${++count}` })
  return new Request('http://localhost/webhooks', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
    ...init,
  } as RequestInit)
}

function streamOf(pull: (controller: ReadableStreamDefaultController<unknown>) => unknown, cancel?: () => unknown) {
  return new ReadableStream<unknown>({ pull: pull as never, cancel: cancel as never }, { highWaterMark: 0 })
}

async function answerTo(request: Request, options: Partial<WebhookRouteOptions> = {}) {
  const runs: VerifiedDelivery[] = []
  const reports: OutcomeReport[] = []
  const onOutcome = (report: OutcomeReport): void => void reports.push(report)
  const route = createWebhookRoute({ secrets: SECRET, onOutcome, ...options }, (delivery) => void runs.push(delivery))
  const response = await route(request)
  return { status: response.status, headers: response.headers, body: await response.json(), runs, reports }
}

describe('createWebhookRoute', () => {
  it('answers a genuine delivery', async () => {
    const { status, headers, body, runs } = await answerTo(requestOf('{}'))
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(body).toEqual({ ok: true, deliveryId: `dlv-${count}` })
    expect(runs[0]?.json()).toEqual({})
  })

  it('accepts any body that a Request can have', async () => {
    const bytes = new TextEncoder().encode('{}')
    const bodies = [
      bytes,
      bytes.buffer,
      new Blob(['{', '}']),
      streamOf((controller) => {
        controller.enqueue(bytes.subarray(0, 1))
        controller.enqueue(new Uint8Array(0))
        controller.enqueue(new Uint8Array(bytes).subarray(1))
        controller.close()
      }),
    ]
    for (const body of bodies) expect(await answerTo(requestOf(body))).toMatchObject({ status: 200 })
    expect(await answerTo(requestOf(undefined, {}, ''))).toMatchObject({ status: 200 })
    expect(await answerTo(requestOf(null, {}, 'x'))).toMatchObject({
      status: 401,
      body: { error: 'signature_mismatch' },
    })
  })

  it.each([
    ['text()', (request: Request) => request.text()],
    ['json()', (request: Request) => request.json()],
    ['a reader', async (request: Request) => void request.body?.getReader()],
  ])('says how to fix a body that was read before, by %s', async (_what, read) => {
    const request = requestOf('{}')
    await read(request)
    const { status, body, runs } = await answerTo(request)
    expect(status).toBe(500)
    expect(body).toMatchObject({ error: 'body_already_parsed', message: expect.stringContaining('request.clone()') })
    expect(runs).toEqual([])
  })

  it('accepts the clone of a request that was read', async () => {
    const request = requestOf('{}')
    const clone = request.clone()
    await request.text()
    expect(await answerTo(clone)).toMatchObject({ status: 200 })
  })

  it('refuses a stream whose chunks are not bytes', async () => {
    const text = streamOf((controller) => controller.enqueue('{}'))
    // An object like those of some hosts: the platform's own Request would check the chunks itself.
    const request = { method: 'POST', headers: requestOf('{}').headers, body: text, bodyUsed: false, signal: null }
    expect(await answerTo(request as never)).toMatchObject({ status: 500, body: { error: 'body_already_parsed' } })
  })

  it('stops reading at the limit, and cancels the body after the answer was sent', async () => {
    let pulled = 0
    let cancelled = false
    const endless = streamOf(
      (controller) => {
        pulled += 100
        controller.enqueue(new Uint8Array(100))
      },
      () => {
        cancelled = true
        throw new Error('a host that cannot cancel')
      },
    )
    const answer = await answerTo(requestOf(endless), { maxBodyBytes: 1000 })
    expect(answer).toMatchObject({ status: 413, body: { error: 'payload_too_large' } })
    expect(pulled).toBeLessThanOrEqual(1200)
    expect(cancelled).toBe(false)
    await sleep(1100)
    expect(cancelled).toBe(true)
    expect(pulled).toBeLessThanOrEqual(1200)
  })

  it('refuses by Content-Length, but does not trust it', async () => {
    const headers = (length: string) => ({ ...Object.fromEntries(requestOf('{}').headers), 'content-length': length })
    const long = { method: 'POST', headers: new Headers(headers('1001')), bodyUsed: false, signal: null }
    const never = streamOf(() => new Promise(() => {}))
    expect(await answerTo({ ...long, body: never } as never, { maxBodyBytes: 1000 })).toMatchObject({ status: 413 })
    const lying = { ...long, headers: new Headers(headers('2')) }
    const much = streamOf((controller) => controller.enqueue(new Uint8Array(600)))
    expect(await answerTo({ ...lying, body: much } as never, { maxBodyBytes: 1000 })).toMatchObject({ status: 413 })
  })

  it('does not wait for a body beyond the deadline', async () => {
    const started = performance.now()
    const never = streamOf(() => new Promise(() => {}))
    const answer = await answerTo(requestOf(never), { bodyTimeoutSeconds: 0.05 })
    const message = 'The body did not arrive within 0.05 seconds.'
    expect(answer).toMatchObject({ status: 408, body: { error: 'body_timeout', message } })
    expect(performance.now() - started).toBeLessThan(500)
  })

  it.each([
    ['empty chunks', 0],
    ['chunks of one byte', 1],
  ])('stops an endless stream of %s at the deadline, without blocking other requests', async (_what, size) => {
    let pulled = 0
    const endless = streamOf((controller) => {
      pulled++
      controller.enqueue(new Uint8Array(size))
    })
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    const answer = await answerTo(requestOf(endless), {
      bodyTimeoutSeconds: 0.2,
      maxBodyBytes: 1e9,
      maxBufferedBytes: 1e9,
    })
    clearInterval(timer)
    expect(answer).toMatchObject({ status: 408, body: { error: 'body_timeout' } })
    expect(turns).toBeGreaterThan(3)
    await sleep(5)
    const before = pulled
    await sleep(20)
    expect(pulled).toBe(before) // nothing reads on
  })

  it('keeps to maxBufferedBytes for all bodies together, even if there is no stream to read', async () => {
    const { headers } = requestOf('{}')
    const bytes = new TextEncoder().encode('{}')
    const whole = { method: 'POST', url: 'http://a.test/', headers, body: null, bodyUsed: false, signal: null }
    const request = (length: number) => ({ ...whole, arrayBuffer: async () => new Uint8Array(length).buffer })
    expect(await answerTo(request(2000) as never, { maxBodyBytes: 1000, maxBufferedBytes: 1000 })).toMatchObject({
      status: 429,
    })
    const fits = { ...whole, arrayBuffer: async () => bytes.buffer }
    expect(await answerTo(fits as never, { maxBodyBytes: 1000, maxBufferedBytes: 1000 })).toMatchObject({ status: 200 })
  })

  it('gives a body up if timers are numbers, too, as in browsers and Workers', async () => {
    const timeout = globalThis.setTimeout
    const numbered = (...given: Parameters<typeof setTimeout>): number => Number(timeout(...given))
    vi.stubGlobal('setTimeout', numbered)
    try {
      const large = streamOf((controller) => controller.enqueue(new Uint8Array(600)))
      expect(await answerTo(requestOf(large), { maxBodyBytes: 1000 })).toMatchObject({ status: 413 })
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('reports a body that breaks off as request_aborted', async () => {
    const broken = streamOf((controller) => controller.error(new Error('reset')))
    const { status, body, reports } = await answerTo(requestOf(broken))
    expect([status, body.error, reports[0]?.code]).toEqual([400, 'request_aborted', 'request_aborted'])
  })

  it('starts no handler after the sender has disconnected, and interrupts none', async () => {
    const gone = new AbortController()
    gone.abort()
    expect(await answerTo(requestOf('{}', { signal: gone.signal }))).toMatchObject({ status: 400, runs: [] })
    const going = new AbortController()
    let finished = false
    const route = createWebhookRoute({ secrets: SECRET }, async () => {
      going.abort()
      await sleep(5)
      finished = true
    })
    expect((await route(requestOf('{}', { signal: going.signal }))).status).toBe(200)
    expect(finished).toBe(true)
  })

  it.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('refuses %s', async (method) => {
    const request = new Request('http://localhost', { method })
    const { status, headers } = await answerTo(request)
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('throws at creation if the options make no sense', () => {
    const make = (options: object, handle: unknown = () => {}) => createWebhookRoute(options as never, handle as never)
    expect(() => make({})).toThrow(expect.objectContaining({ code: 'invalid_secret' }))
    expect(() => make({ secrets: SECRET, bodyTimeoutSeconds: 0 })).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    )
    expect(() => make({ secrets: SECRET }, 'handle')).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(/handle.*a function/) }),
    )
  })

  it('types the payload by the event name', () => {
    interface Events {
      'stream.updated': { amount: string }
      'stream.closed': { reason: string }
    }
    createWebhookRoute<Events>({ secrets: SECRET }, (delivery) => {
      expectTypeOf(delivery.event).toEqualTypeOf<'stream.updated' | 'stream.closed'>()
      if (delivery.event === 'stream.updated') expectTypeOf(delivery.json()).toEqualTypeOf<{ amount: string }>()
      else expectTypeOf(delivery.json()).toEqualTypeOf<{ reason: string }>()
    })
    createWebhookRoute({ secrets: SECRET }, (delivery) => {
      expectTypeOf(delivery).toEqualTypeOf<VerifiedDelivery>()
    })
    const route = createWebhookRoute({ secrets: SECRET }, () => {})
    expectTypeOf(route).toEqualTypeOf<(request: Request) => Promise<Response>>()
  })
})

describe('a br body', () => {
  async function send(): Promise<Response> {
    const body = '{"event":"stream.updated"}'
    const headers = createWebhookSigner({ secrets: SECRET }).sign({ body })
    const route = createWebhookRoute({ secrets: SECRET, inflate: true }, () => {})
    const compressed = new Uint8Array(brotliCompressSync(body))
    const sent = { ...headers, 'content-encoding': 'br' }
    return route(new Request('http://localhost/', { method: 'POST', headers: sent, body: compressed }))
  }

  it('is refused as 415 where the runtime cannot inflate it, and accepted elsewhere', async () => {
    const Decoder = DecompressionStream
    class WithoutBrotli extends Decoder {
      constructor(format: CompressionFormat) {
        if (!['gzip', 'deflate', 'deflate-raw'].includes(format)) throw new TypeError('Unsupported format')
        super(format)
      }
    }
    vi.stubGlobal('DecompressionStream', WithoutBrotli)
    try {
      const answer = await send()
      expect(answer.status).toBe(415)
      expect(await answer.json()).toMatchObject({
        error: 'unsupported_content_encoding',
        message: expect.stringContaining('gzip, x-gzip, deflate'),
      })
    } finally {
      vi.unstubAllGlobals()
    }
    expect((await send()).status).toBe(webInflater.encodings().includes('br') ? 200 : 415)
  })
})
