// Hostile and broken senders on a raw socket, against the listener for Node's http.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createWebhookListener, type WebhookListenerOptions } from '../../src/adapters/http.ts'
import { createWebhookSigner, type OutcomeReport, type WebhookHandler } from '../../src/webhook/index.ts'
import { chronomind } from '../../src/webhook/schemes/index.ts'

const secrets = 'topsecret'
const open: { server: Server; sockets: Socket[] }[] = []

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

async function serve(options: Partial<WebhookListenerOptions> = {}, handle: WebhookHandler = () => {}) {
  const reports: OutcomeReport[] = []
  const listener = createWebhookListener({ secrets, onOutcome: (report) => reports.push(report), ...options }, handle)
  let bytesRead = 0
  // Node's own timeouts are switched off, so whatever is closed, the listener has closed.
  const server = createServer({ maxHeaderSize: 512 * 1024, requestTimeout: 0, keepAliveTimeout: 0 }, listener)
  server.on('connection', (socket) => socket.on('close', () => (bytesRead += socket.bytesRead)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets: Socket[] = []
  open.push({ server, sockets })
  const { port } = server.address() as AddressInfo
  return {
    server,
    reports,
    port,
    bytesRead: () => bytesRead,
    async connect(): Promise<Peer> {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.on('error', () => {})
      sockets.push(socket)
      await once(socket, 'connect')
      return peerOver(socket)
    },
  }
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: { ok?: boolean; error?: string; duplicate?: boolean }
}

interface Peer {
  readonly socket: Socket
  send(text: string | Uint8Array): void
  /** The next response on the connection. */
  answer(): Promise<Answer>
  closed(): Promise<void>
}

function peerOver(socket: Socket): Peer {
  let received = ''
  let isClosed = false
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  socket.on('close', () => {
    isClosed = true
  })
  return {
    socket,
    send: (text) => socket.write(text),
    async answer() {
      for (;;) {
        const end = received.indexOf('\r\n\r\n')
        const length = /content-length: (\d+)/i.exec(received)?.[1]
        if (end >= 0 && length !== undefined && received.length >= end + 4 + Number(length)) {
          const [statusLine, ...lines] = received.slice(0, end).split('\r\n')
          const body = received.slice(end + 4, end + 4 + Number(length))
          received = received.slice(end + 4 + Number(length))
          const headers = Object.fromEntries(lines.map((line) => line.toLowerCase().split(': ') as [string, string]))
          return { status: Number(statusLine?.split(' ')[1]), headers, body: JSON.parse(body) }
        }
        if (isClosed) throw new Error(`closed without an answer: ${received}`)
        await sleep(2)
      }
    },
    async closed() {
      if (!isClosed) await new Promise((resolve) => socket.once('close', resolve))
    },
  }
}

function head(body: string, extra: Record<string, string> = {}, deliveryId = 'd-1'): string {
  const signed = createWebhookSigner({ secrets }).sign({ body, deliveryId })
  const headers = { host: 'localhost', 'content-length': String(Buffer.byteLength(body)), ...signed, ...extra }
  return `POST / HTTP/1.1\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
}

const chunked = (body: string, deliveryId?: string): string =>
  head(body, {}, deliveryId).replace(/content-length: \d+/, 'transfer-encoding: chunked')
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

describe('createWebhookListener with a hostile sender', () => {
  it('refuses a Content-Length of 1 GiB before it reads the body, and closes', async () => {
    const server = await serve()
    const peer = await server.connect()
    peer.send(head('', { 'content-length': String(2 ** 30) }))
    const answer = await peer.answer()
    expect(answer).toMatchObject({
      status: 413,
      body: { error: 'payload_too_large' },
      headers: { connection: 'close' },
    })
    peer.send('x'.repeat(1000))
    await peer.closed()
  })

  it('cuts a chunked body at the limit, and stops reading soon after', async () => {
    const server = await serve({ maxBodyBytes: 10_000 })
    const peer = await server.connect()
    peer.send(chunked('x'))
    const answered = peer.answer()
    let sent = 0
    while (!peer.socket.destroyed && sent < 1000) {
      peer.send(chunk('x'.repeat(1000)))
      sent++
      await sleep(1)
    }
    expect(await answered).toMatchObject({ status: 413, body: { error: 'payload_too_large' } })
    await peer.closed()
    expect(sent).toBeLessThan(1000)
    expect(server.reports).toMatchObject([{ code: 'payload_too_large' }])
  })

  it('reads a body of one-byte chunks', async () => {
    const server = await serve()
    const peer = await server.connect()
    const body = 'abcdefghij'.repeat(300)
    peer.send(chunked(body))
    for (const letter of body) peer.send(chunk(letter))
    peer.send('0\r\n\r\n')
    expect(await peer.answer()).toMatchObject({ status: 200, body: { ok: true } })
  })

  it('reads only the first 16 of 2,000 candidate signatures', async () => {
    const server = await serve({ scheme: chronomind })
    const signature =
      createWebhookSigner({ scheme: chronomind, secrets }).sign({ body: '' })['x-webhook-signature'] ?? ''
    const [time, valid] = signature.split(',') as [string, string]
    const bogus = Array.from({ length: 1999 }, (_, i) => `v1=${i.toString(16).padStart(64, '0')}`)
    const request = (fields: string[]): string =>
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nx-webhook-signature: ${[time, ...fields].join()}\r\n\r\n`
    const peer = await server.connect()
    peer.send(request([...bogus.slice(0, 15), valid, ...bogus.slice(15)]))
    expect(await peer.answer()).toMatchObject({ status: 200 })
    peer.send(request([...bogus.slice(0, 16), valid, ...bogus.slice(16)]))
    expect(await peer.answer()).toMatchObject({ status: 401, body: { error: 'signature_mismatch' } })
  })

  it.each(['x-fluxora-signature', 'x-fluxora-timestamp', 'x-fluxora-delivery-id'])(
    'refuses a duplicated %s header',
    async (name) => {
      const server = await serve()
      const peer = await server.connect()
      const request = head('{}')
      const line = request.split('\r\n').find((each) => each.startsWith(name))
      peer.send(`${request.replace(`${line}\r\n`, `${line}\r\n${line}\r\n`)}{}`)
      expect(await peer.answer()).toMatchObject({ status: 401, body: { error: 'ambiguous_header' } })
    },
  )

  it('refuses a compressed body', async () => {
    const server = await serve()
    const peer = await server.connect()
    peer.send(`${head('{}', { 'content-encoding': 'gzip' })}{}`)
    expect(await peer.answer()).toMatchObject({ status: 415, body: { error: 'unsupported_content_encoding' } })
  })

  it('gives up on a body that stalls, and closes', async () => {
    const server = await serve({ bodyTimeoutSeconds: 0.1 })
    const peer = await server.connect()
    peer.send(`${head('0123456789')}01234`)
    expect(await peer.answer()).toMatchObject({
      status: 408,
      body: { error: 'body_timeout' },
      headers: { connection: 'close' },
    })
    await peer.closed()
  })

  it('answers an unsigned request before its body, drains it, and keeps the connection', async () => {
    const server = await serve()
    const peer = await server.connect()
    peer.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n')
    expect(await peer.answer()).toMatchObject({ status: 401, body: { error: 'missing_delivery_id' } })
    peer.send('0123456789')
    peer.send(`${head('{}')}{}`)
    expect(await peer.answer()).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    })
  })

  it('drains no more than one limit after an early answer', async () => {
    const server = await serve({ maxBodyBytes: 1000 })
    const peer = await server.connect()
    peer.send('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
    expect(await peer.answer()).toMatchObject({ status: 401 })
    peer.send(chunk('x'.repeat(1000)))
    await sleep(20)
    expect(peer.socket.readyState).toBe('open')
    const flood = chunk('x'.repeat(10_000))
    for (let sent = 0; sent < 5000 && !peer.socket.destroyed; sent++) {
      if (!peer.socket.write(flood))
        await Promise.race([new Promise((resolve) => peer.socket.once('drain', resolve)), peer.closed(), sleep(10)])
    }
    await peer.closed()
    await expect.poll(() => server.bytesRead()).toBeGreaterThan(0)
    expect(server.bytesRead()).toBeLessThan(500_000)
  })

  it('drains up to two limits if it has read nothing yet, and keeps the connection', async () => {
    const server = await serve({ maxBodyBytes: 100_000 })
    const peer = await server.connect()
    peer.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 150000\r\n\r\n')
    const answer = await peer.answer()
    expect(answer.status).toBe(401)
    expect(answer.headers).not.toHaveProperty('connection', 'close')
    peer.send('x'.repeat(150_000))
    peer.send(`${head('{}')}{}`)
    expect(await peer.answer()).toMatchObject({ status: 200 })
  })

  it('waits no more than a second for the rest of a refused body', async () => {
    const server = await serve()
    const peer = await server.connect()
    peer.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n')
    expect(await peer.answer()).toMatchObject({ status: 401 })
    await peer.closed()
  })

  it('answers two pipelined requests in order', async () => {
    const server = await serve()
    const peer = await server.connect()
    peer.send(`${head('{}', {}, 'a')}{}${head('[]', {}, 'b')}[]`)
    expect([await peer.answer(), await peer.answer()]).toMatchObject([
      { status: 200, body: { deliveryId: 'a' } },
      { status: 200, body: { deliveryId: 'b' } },
    ])
  })

  it('reports a sender that disconnects in the middle of its body, and runs nothing', async () => {
    let runs = 0
    const server = await serve({}, () => runs++)
    const peer = await server.connect()
    peer.send(`${head('0123456789')}01234`)
    await sleep(20)
    peer.socket.destroy()
    await expect.poll(() => server.reports).toMatchObject([{ code: 'request_aborted', status: 400, ok: false }])
    expect(runs).toBe(0)
  })

  it('lets a running handler finish after the sender has disconnected, and remembers the delivery', async () => {
    let runs = 0
    const server = await serve({}, async () => {
      runs++
      await sleep(60)
    })
    const request = `${head('{}')}{}`
    const first = await server.connect()
    first.send(request)
    await expect.poll(() => runs).toBe(1)
    first.socket.destroy()
    const second = await server.connect()
    second.send(request)
    expect(await second.answer()).toMatchObject({ status: 503, body: { error: 'delivery_in_progress' } })
    await expect.poll(() => server.reports.some(({ code }) => code === 'ok')).toBe(true)
    second.send(request)
    expect(await second.answer()).toMatchObject({ status: 200, body: { duplicate: true } })
    expect(runs).toBe(1)
  })

  it('holds 1,000 stalled connections in bounded memory, and closes every one', async () => {
    const server = await serve({ bodyTimeoutSeconds: 2 })
    const declared = head('x'.repeat(262_144))
    const before = process.memoryUsage().rss
    const peers = await Promise.all(Array.from({ length: 1000 }, () => server.connect()))
    for (const peer of peers) peer.send(`${declared}x`)
    await sleep(500)
    // With a buffer of the declared length for each, this would be 256 MiB.
    const grown = process.memoryUsage().rss - before
    expect(grown).toBeLessThan(128 * 2 ** 20)
    const answers = await Promise.all(peers.map((peer) => peer.answer()))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([408]))
    await Promise.all(peers.map((peer) => peer.closed()))
    await expect
      .poll(() => new Promise((resolve) => server.server.getConnections((_, count) => resolve(count))))
      .toBe(0)
  })
})

describe('a body that was read before', () => {
  async function behind(read: (request: import('node:http').IncomingMessage) => Promise<unknown>): Promise<string> {
    const listener = createWebhookListener({ secrets }, () => {})
    const server = createServer(async (request, response) => {
      await read(request)
      listener(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push({ server, sockets: [] })
    const body = '{"a":1}'
    const { port } = server.address() as AddressInfo
    const headers = createWebhookSigner({ secrets }).sign({ body })
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers })
    const { error } = (await response.json()) as { error?: string }
    return `${response.status} ${error ?? 'ok'}`
  }
  const consume = async (request: import('node:http').IncomingMessage): Promise<Buffer> =>
    Buffer.concat(await request.toArray())

  it('is refused at once, and the error says how to fix it', async () => {
    expect(await behind((request) => consume(request))).toBe('500 body_already_parsed')
    expect(
      await behind(async (request) =>
        Object.assign(request, { body: JSON.parse((await consume(request)).toString()) }),
      ),
    ).toBe('500 body_already_parsed')
  })

  it('is accepted if its bytes were kept', async () => {
    expect(await behind(async (request) => Object.assign(request, { body: await consume(request) }))).toBe('200 ok')
    expect(await behind(async (request) => Object.assign(request, { rawBody: await consume(request) }))).toBe('200 ok')
  })

  it('is read as usual if the parser skipped it', async () => {
    expect(await behind(async (request) => Object.assign(request, { body: {} }))).toBe('200 ok')
  })
})

it('throws at creation if there is no handler', () => {
  expect(() => createWebhookListener({ secrets }, 'handle' as never)).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(/handle.*a function/) }),
  )
})
