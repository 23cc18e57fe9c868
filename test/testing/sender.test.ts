import { createServer } from 'node:http'
import express from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import {
  fakeClock,
  type SignTestDeliveryInput,
  sendTestDelivery,
  signTestDelivery,
  type TestTarget,
} from '../../src/testing/index.ts'
import { createWebhookSigner, createWebhookVerifier } from '../../src/webhook/index.ts'
import { SCHEME_NAMES, schemeOf, secretOf } from '../webhook/support.ts'

const secret = 'topsecret'
const verifier = createWebhookVerifier({ secrets: secret })

/** Answers 201 with the length of a genuine delivery's body, 401 to any other. */
const judge = (headers: Parameters<typeof verifier.verify>[0]['headers'], body: Uint8Array): [number, string] => {
  const verdict = verifier.verify({ headers, body })
  return verdict.ok ? [201, `${verdict.delivery.body.length} bytes`] : [401, verdict.code]
}

async function answer(request: Request): Promise<Response> {
  const [status, text] = judge(request.headers, new Uint8Array(await request.arrayBuffer()))
  return new Response(text, { status })
}

function expressApp(make: typeof express): TestTarget {
  const app = make()
  app.post('/hook', make.raw({ type: 'application/json' }), (request, response) => {
    const [status, text] = judge(request.headers, request.body as Uint8Array)
    response.status(status).send(text)
  })
  return app
}

function nodeServer() {
  return createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array)
    const [status, text] = judge(request.headers, Buffer.concat(chunks))
    response.writeHead(request.url === '/hook' ? status : 404, { 'set-cookie': ['a=1', 'b=2'] }).end(text)
  })
}

function fastifyApp() {
  const app = fastify()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  app.post('/hook', async (request, reply) => {
    const [status, text] = judge(request.headers, request.body as Uint8Array)
    return reply.code(status).header('set-cookie', ['a=1', 'b=2']).send(text)
  })
  return app
}

const targets: readonly (readonly [string, () => TestTarget])[] = [
  ['a Fetch handler', () => answer],
  ['a Hono application', () => new Hono().post('/hook', (context) => answer(context.req.raw))],
  ['an Express 5 application', () => expressApp(express)],
  ['an Express 4 application', () => expressApp(express4 as unknown as typeof express)],
  ['a Fastify application', fastifyApp],
  ['a Node server', nodeServer],
]

describe.each(targets)('a test delivery to %s', (_, make) => {
  it('is sent in one line, and answered', async () => {
    const target = make()
    for (const body of ['{"amount":"1.50"}', '{"é":"🚀"}\n', new Uint8Array([0, 255, 128]), '']) {
      const delivery = signTestDelivery({ secret, body })
      const response = await sendTestDelivery(target, delivery, { path: '/hook' })
      expect([response.status, await response.text()]).toEqual([201, `${Buffer.from(body).length} bytes`])
      const forged = await sendTestDelivery(target, { ...delivery, body: `${body} ` }, { path: '/hook' })
      expect([forged.status, await forged.text()]).toEqual([401, 'signature_mismatch'])
    }
    const delivery = signTestDelivery({ secret, body: '{}' })
    const compressed = await sendTestDelivery(target, delivery, {
      path: '/hook',
      headers: { 'x-fluxora-timestamp': '' },
    })
    expect([compressed.status, await compressed.text()]).toEqual([401, 'missing_timestamp'])
  })
})

describe('sending', () => {
  it('goes to a URL, and leaves a server that listens alone', async () => {
    const server = nodeServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const delivery = signTestDelivery({ secret, body: '{}' })
    for (const target of [`http://127.0.0.1:${port}/hook`, new URL(`http://127.0.0.1:${port}/hook`)]) {
      expect((await sendTestDelivery(target, delivery)).status).toBe(201)
    }
    const response = await sendTestDelivery(server, delivery, { path: '/hook' })
    expect([response.status, response.headers.getSetCookie()]).toEqual([201, ['a=1', 'b=2']])
    expect(server.listening).toBe(true)
    await new Promise((resolve) => server.close(resolve))
    // Stopped, it is started and stopped again.
    const again = await sendTestDelivery(server, delivery)
    expect([again.status, await again.text(), server.listening]).toEqual([404, '2 bytes', false])
    const injected = await sendTestDelivery(fastifyApp(), delivery, { path: '/hook' })
    expect(injected.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('answers without a body stay so', async () => {
    const app = fastify()
    app.post('/', async (_, reply) => reply.code(204).send())
    expect((await sendTestDelivery(app, signTestDelivery({ secret, body: '{}' }))).status).toBe(204)
    const server = createServer((_, response) => response.writeHead(204).end())
    expect((await sendTestDelivery(server, signTestDelivery({ secret, body: '{}' }))).status).toBe(204)
  })

  it('names JSON as the type where the delivery names none', async () => {
    const type = (request: Request): Response => new Response(request.headers.get('content-type'))
    for (const [headers, expected] of [
      [{}, 'application/json'],
      [{ 'content-type': 'text/plain' }, 'text/plain'],
    ] as const)
      expect(await (await sendTestDelivery(type, { headers, body: '{}' })).text()).toBe(expected)
  })

  it('injects text as it is, and bytes as the Buffer that an application knows', async () => {
    const injected: { payload: unknown }[] = []
    const app = {
      async inject(request: { payload: unknown }) {
        vi.unstubAllGlobals() // Node's own Response needs a Buffer too
        injected.push(request)
        return {
          statusCode: 200,
          headers: { a: undefined, b: ['1', '2'], c: 3 },
          rawPayload: new Uint8Array([111, 107]),
        }
      },
    }
    const bytes = new Uint8Array([1, 2])
    const response = await sendTestDelivery(app as never, { headers: {}, body: 'text' })
    expect([[...response.headers], await response.text()]).toEqual([
      [
        ['b', '1, 2'],
        ['c', '3'],
      ],
      'ok',
    ])
    await sendTestDelivery(app as never, { headers: {}, body: bytes })
    vi.stubGlobal('Buffer', undefined)
    await sendTestDelivery(app as never, { headers: {}, body: bytes })
    expect(injected.map(({ payload }) => payload)).toEqual(['text', Buffer.from([1, 2]), bytes])
    expect(Buffer.isBuffer(injected[1]?.payload)).toBe(true)
    expect(injected[2]?.payload).toBe(bytes)
  })

  it('needs of a server an address, once and close, and does not wait for one that listens at once', async () => {
    const delivery = signTestDelivery({ secret, body: '{}' })
    const server = nodeServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const small = {
      address: () => server.address(),
      once: () => expect.fail('waited'),
      close: (done: () => void) => {
        server.close(done)
        server.closeAllConnections()
      },
    }
    const response = await sendTestDelivery({ listen: () => small } as never, delivery, { path: '/hook' })
    expect([response.status, server.listening]).toEqual([201, false])
  })

  it('refuses what it cannot send to, and passes on what the handler throws', async () => {
    const delivery = signTestDelivery({ secret, body: '{}' })
    for (const target of [
      {},
      null,
      7,
      { listen: () => ({}) },
      { listen: () => undefined, address: () => 'pipe', once: () => {}, close: (done: () => void) => done() },
    ]) {
      await expect(sendTestDelivery(target as never, delivery)).rejects.toMatchObject({ code: 'invalid_option' })
    }
    await expect(sendTestDelivery(answer, delivery, { path: 'hook' })).rejects.toMatchObject({ option: 'path' })
    await expect(sendTestDelivery(() => Promise.reject(new Error('broken')), delivery)).rejects.toThrow('broken')
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const other = createServer()
    const target = { listen: () => other.listen(port, '127.0.0.1') }
    await expect(sendTestDelivery(target, delivery)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await new Promise((resolve) => taken.close(resolve))
  })
})

describe('signing a test delivery', () => {
  it.each([...SCHEME_NAMES])('writes what createWebhookSigner writes: %s', (name) => {
    const options = { scheme: schemeOf(name), now: () => 1_710_000_000 }
    const input = { body: '{"é":1}', deliveryId: 'd1', event: 'push', timestamp: 1_710_000_000 }
    const { headers, body } = signTestDelivery({ ...input, scheme: schemeOf(name), secret: secretOf(name) })
    const signed = createWebhookSigner({ ...options, secrets: secretOf(name) }).sign(input)
    expect(headers).toEqual({ 'content-type': 'application/json', ...signed })
    expect(body).toBe(input.body)
  })

  it('takes the time, and an id of its own, where none are given', () => {
    const { headers } = signTestDelivery({ secret: new TextEncoder().encode(secret), body: '{}' })
    expect(Math.abs(Number(headers['x-fluxora-timestamp']) - Date.now() / 1000)).toBeLessThan(2)
    expect(headers['x-fluxora-delivery-id']).toMatch(/^[\da-f]{8}-/)
  })

  it.each<[string, Partial<Record<keyof SignTestDeliveryInput, unknown>>, string]>([
    ['a scheme that is none', { scheme: {} }, 'invalid_scheme'],
    ['a blank secret', { secret: '' }, 'invalid_secret'],
    ['an object for a body', { body: { a: 1 } }, 'invalid_input'],
    ['ill-formed text', { body: '\ud800' }, 'invalid_input'],
    ['half a second', { timestamp: 1.5 }, 'invalid_input'],
    ['an object without a text for a timestamp', { timestamp: Object.create(null) }, 'invalid_input'],
    ['an id with a line break', { deliveryId: 'a\nb' }, 'invalid_input'],
    ['an id that could be taken for two', { deliveryId: 'a, b' }, 'invalid_input'],
    ['an event that no header carries', { event: 'é' }, 'invalid_input'],
  ])('throws for %s', (_, wrong, code) => {
    expect(() => signTestDelivery({ secret, body: '{}', ...wrong } as never)).toThrow(expect.objectContaining({ code }))
  })

  it('throws for no input at all', () => {
    expect(() => signTestDelivery(null as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  })
})

describe('the fake clock', () => {
  it('stands still until it is moved, and is the now of a verifier', () => {
    const clock = fakeClock(1_710_000_000)
    const { now } = clock
    const timed = createWebhookVerifier({ secrets: secret, now })
    const delivery = signTestDelivery({ secret, body: '{}', timestamp: clock.now() })
    expect(timed.verify(delivery).code).toBe('ok')
    expect(clock.advance(300)).toBe(1_710_000_300)
    expect(timed.verify(delivery).code).toBe('ok')
    clock.advance(1)
    expect(timed.verify(delivery).code).toBe('timestamp_outside_tolerance')
    clock.advance(-1)
    expect(timed.verify(delivery).code).toBe('ok')
    clock.set(1_710_000_000.5)
    expect([now(), clock.date().toISOString()]).toEqual([1_710_000_000.5, '2024-03-09T16:00:00.500Z'])
    expect(fakeClock().now()).toBe(1_700_000_000)
    expect([fakeClock(1e11).now(), fakeClock(-1e11).now()]).toEqual([1e11, -1e11])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1_710_000_000_000, '1', null])('takes no %s', (time) => {
    const clock = fakeClock()
    for (const call of [fakeClock, clock.advance, clock.set]) {
      expect(() => call(time as number)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    }
    expect(clock.now()).toBe(1_700_000_000)
  })
})
