// A hostile stream beside genuine ones on one HTTP/2 connection: it alone is closed, and the others are not affected.

import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fastify5, { type FastifyInstance } from 'fastify'
import fastify4 from 'fastify4'
import { afterEach, describe, expect, it } from 'vitest'
import { fastifyWebhook } from '../../src/adapters/fastify.ts'
import { createWebhookListener, type WebhookListenerOptions } from '../../src/adapters/http.ts'
import { createWebhookSigner } from '../../src/webhook/index.ts'

const secrets = 'topsecret'
const signer = createWebhookSigner({ secrets })
const LIMIT = 20_000
const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Serve = (options: WebhookListenerOptions, run: () => Promise<unknown>) => Promise<Served>

interface Served {
  readonly port: number
  /** How many streams the server has not closed. */
  open(): number
}

function watch(server: Http2Server): Served {
  let count = 0
  server.on('stream', (stream) => {
    count++
    stream.on('close', () => count--)
  })
  return { port: (server.address() as AddressInfo).port, open: () => count }
}

const listen: Serve = async (options, run) => {
  const listener = createWebhookListener(options, run)
  const server: Http2Server = createServer((request, response) => {
    // The types of the compatibility layer are similar to node:http's, but not the same.
    void listener(request as never, response as never)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return watch(server)
}

const plugged =
  (fastify: typeof fastify5): Serve =>
  async (options, run) => {
    const app = fastify({ http2: true, forceCloseConnections: true } as never) as unknown as FastifyInstance
    app.register(async (scope) => {
      await scope.register(fastifyWebhook, options)
      scope.post('/', async () => {
        await run()
        return { ok: true }
      })
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    closing.push(() => app.close())
    return watch(app.server as unknown as Http2Server)
  }

interface Stream {
  readonly stream: ReturnType<ClientHttp2Session['request']>
  readonly status: Promise<number>
  /** The error code with which the stream was closed. */
  readonly closed: Promise<number>
}

function open(session: ClientHttp2Session, headers: Record<string, string>): Stream {
  const stream = session.request({ ':method': 'POST', ':path': '/', ...headers })
  stream.on('error', () => {})
  const status = once(stream, 'response').then(([head]) => Number((head as IncomingHttpHeaders)[':status']))
  status.catch(() => {})
  const closed = once(stream, 'close').then(() => Number(stream.rstCode))
  stream.resume()
  return { stream, status, closed }
}

/** Keeps sending until the stream is closed, as fast as flow control allows. */
async function flood({ stream }: Stream): Promise<void> {
  const filler = Buffer.alloc(5000, 'f')
  while (!stream.destroyed) {
    const hasRoom = await new Promise<boolean>((resolve) => {
      const isWritten = stream.write(filler, () => resolve(isWritten))
    })
    await sleep(hasRoom ? 1 : 5)
  }
}

const hostile: [string, Record<string, string>, (stream: Stream) => unknown][] = [
  ['declares more than is drained, and sends nothing', { 'content-length': '1000000000' }, () => {}],
  ['declares more than is drained, and sends it', { 'content-length': '1000000000' }, flood],
  ['never ends its body', {}, flood],
  ['never sends its body', {}, () => {}],
  ['sends one byte and stops', {}, ({ stream }) => stream.write('x')],
]

describe.each<[string, Serve]>([
  ['http', listen],
  ['Fastify 4', plugged(fastify4 as unknown as typeof fastify5)],
  ['Fastify 5', plugged(fastify5)],
])('%s, over HTTP/2', (_name, serve) => {
  async function bench(options: Partial<WebhookListenerOptions> = {}) {
    let proceed = (): void => {}
    const gate = new Promise<void>((resolve) => {
      proceed = resolve
    })
    let runs = 0
    const { port, open: openOnServer } = await serve({ secrets, maxBodyBytes: LIMIT, ...options }, () => {
      runs++
      return gate
    })
    // Node's client counts data that it could not send against its own memory limit.
    const session = connect(`http://127.0.0.1:${port}`, { maxSessionMemory: 1000 })
    const trouble: unknown[] = []
    session.on('error', (error) => trouble.push(error))
    session.on('goaway', (code) => trouble.push(`goaway ${code}`))
    session.on('close', () => trouble.push('closed'))
    closing.push(async () => session.destroy())
    let count = 0
    const genuine = (): Stream => {
      const body = `{"n":${++count}}`
      const sent = open(session, signer.sign({ body, deliveryId: `dlv-${count}` }))
      sent.stream.end(body)
      return sent
    }
    return { session, trouble, genuine, proceed, runs: () => runs, open: openOnServer }
  }

  it.each(hostile)('closes an unsigned stream that %s, and no other', async (_what, headers, attack) => {
    const { session, trouble, genuine, proceed, runs } = await bench()
    const before = [genuine(), genuine()]
    while (runs() < 2) await sleep(1)
    const bad = open(session, headers)
    const attacked = attack(bad)
    const during = genuine()
    expect(await bad.status).toBe(401)
    expect(await bad.closed).toBe(constants.NGHTTP2_NO_ERROR)
    await attacked
    const after = genuine()
    while (runs() < 4) await sleep(1)
    proceed()
    expect(await Promise.all([...before, during, after].map(({ status }) => status))).toEqual([200, 200, 200, 200])
    expect(await genuine().status).toBe(200)
    expect(trouble).toEqual([])
  })

  it('keeps none of the streams that it closes, however many there are', async () => {
    const { session, trouble, genuine, proceed, open: opened } = await bench()
    proceed()
    for (let round = 0; round < 4; round++) {
      const streams = Array.from({ length: 40 }, () => open(session, round % 2 ? signer.sign({ body: 'x' }) : {}))
      for (const { stream } of streams) for (let i = 0; i < 4; i++) stream.write(Buffer.alloc(16_384))
      await Promise.all(streams.map(({ status }) => status))
      await expect.poll(opened, { timeout: 5000 }).toBe(0)
      for (const { stream } of streams) stream.destroy()
    }
    expect(await Promise.all([genuine(), genuine()].map(({ status }) => status))).toEqual([200, 200])
    expect(trouble).toEqual([])
  })

  it('closes a stream whose signed body never ends, and no other', async () => {
    const { session, trouble, genuine, proceed, runs } = await bench({ bodyTimeoutSeconds: 0.1 })
    const before = genuine()
    while (runs() < 1) await sleep(1)
    const stalled = open(session, signer.sign({ body: 'never' }))
    stalled.stream.write('ne')
    const large = open(session, signer.sign({ body: 'large' }))
    const flooded = flood(large)
    expect([await stalled.status, await large.status]).toEqual([408, 413])
    expect([await stalled.closed, await large.closed]).toEqual([0, 0])
    await flooded
    proceed()
    expect(await before.status).toBe(200)
    expect(await genuine().status).toBe(200)
    expect(trouble).toEqual([])
  })

  it('closes a stream whose client never reads its answer', async () => {
    const { session, trouble, genuine, proceed, runs } = await bench()
    const before = genuine()
    while (runs() < 1) await sleep(1)
    session.settings({ initialWindowSize: 0 })
    await once(session, 'localSettings')
    const bad = open(session, {})
    bad.stream.write('x')
    expect(await bad.closed).toBe(constants.NGHTTP2_CANCEL)
    session.settings({ initialWindowSize: 65_535 })
    await once(session, 'localSettings')
    proceed()
    expect(await before.status).toBe(200)
    expect(await genuine().status).toBe(200)
    expect(trouble).toEqual([])
  })
})
