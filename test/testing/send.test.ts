import { createServer } from 'node:http'
import express from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import { sendTestDelivery, signTestDelivery, type TestTarget } from '../../src/testing/index.ts'
import { createWebhookVerifier } from '../../src/webhook/index.ts'

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
  it('is sent and answered', async () => {
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
  it('reaches a URL, and does not stop a server that was already listening', async () => {
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
    // A server that does not listen is started, and stopped again.
    const again = await sendTestDelivery(server, delivery)
    expect([again.status, await again.text(), server.listening]).toEqual([404, '2 bytes', false])
    const injected = await sendTestDelivery(fastifyApp(), delivery, { path: '/hook' })
    expect(injected.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('keeps a response without a body as it is', async () => {
    const app = fastify()
    app.post('/', async (_, reply) => reply.code(204).send())
    expect((await sendTestDelivery(app, signTestDelivery({ secret, body: '{}' }))).status).toBe(204)
    const server = createServer((_, response) => response.writeHead(204).end())
    expect((await sendTestDelivery(server, signTestDelivery({ secret, body: '{}' }))).status).toBe(204)
  })

  it('sends JSON as the content type if the delivery names none', async () => {
    const type = (request: Request): Response => new Response(request.headers.get('content-type'))
    for (const [headers, expected] of [
      [{}, 'application/json'],
      [{ 'content-type': 'text/plain' }, 'text/plain'],
    ] as const)
      expect(await (await sendTestDelivery(type, { headers, body: '{}' })).text()).toBe(expected)
  })

  it('injects text as it is, and bytes as a Buffer if there is one', async () => {
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

  it('needs only address, once and close of a server, and does not wait for one that listens already', async () => {
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

  it('refuses an unknown target, and passes on what the handler throws', async () => {
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
