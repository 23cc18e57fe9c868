// A sender that does what a test tells it to, over a real socket.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWebhookSigner, type WebhookScheme, type WebhookSecret } from '../../../src/webhook/index.ts'

export const SECRET = 'topsecret-do-not-show'

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
  readonly json: { ok?: boolean; deliveryId?: string; duplicate?: boolean; error?: string; message?: string }
}

export interface Draft {
  readonly body?: string | Uint8Array
  readonly deliveryId?: string
  readonly event?: string
  readonly timestamp?: number
  readonly secrets?: WebhookSecret
  readonly scheme?: WebhookScheme
  readonly method?: string
  /** Path and query; `/webhooks` by default. */
  readonly path?: string
  /** What is sent instead of the body that is signed. */
  readonly sent?: Uint8Array
  /** Header lines to add; an undefined value leaves the header out. */
  readonly headers?: Record<string, string | undefined>
  /** Raw header lines, such as duplicates, which an object cannot hold. */
  readonly lines?: readonly string[]
  /** How the body is framed: by length, or in chunks of so many bytes. */
  readonly chunks?: number
}

let count = 0
/** A unique delivery id. */
export function freshId(): string {
  return `dlv-${process.pid}-${++count}`
}

/** A draft with a fixed id, body and timestamp, which can be sent again byte for byte. */
export function attempt(): Draft {
  const deliveryId = freshId()
  return { deliveryId, body: JSON.stringify({ deliveryId }), timestamp: Math.floor(Date.now() / 1000) }
}

/** A signed request: its head, and its body as it is sent. */
export function request(draft: Draft = {}): {
  head: string
  body: Uint8Array
  wire: Uint8Array
  signed: Record<string, string>
} {
  const content = Buffer.from(draft.body ?? `{"event":"stream.updated","n":${++count}}`)
  const signer = createWebhookSigner({ secrets: draft.secrets ?? SECRET, scheme: draft.scheme })
  const signed = signer.sign({
    body: content,
    deliveryId: draft.deliveryId ?? freshId(),
    event: draft.event ?? 'stream.updated',
    timestamp: draft.timestamp,
  })
  const body = draft.sent ?? content
  const headers: Record<string, string | undefined> = {
    host: 'localhost',
    'content-type': 'application/json',
    ...(draft.chunks ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }),
    ...signed,
    ...draft.headers,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  const head = [
    `${draft.method ?? 'POST'} ${draft.path ?? '/webhooks'} HTTP/1.1`,
    ...lines,
    ...(draft.lines ?? []),
    '',
    '',
  ].join('\r\n')
  const framed = draft.chunks ? inChunks(body, draft.chunks) : body
  return { head, body, wire: Buffer.concat([Buffer.from(head, 'latin1'), framed]), signed }
}

function inChunks(body: Uint8Array, size: number): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size)
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** One connection. */
export interface Wire {
  readonly socket: Socket
  send(bytes: string | Uint8Array): void
  /** The next answer on the connection, skipping an interim 100. */
  answer(method?: string): Promise<Answer>
  /** Resolves when a `100 Continue` has arrived. */
  continued(): Promise<void>
  closed(): Promise<void>
}

export async function dial(port: number): Promise<Wire> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let received = Buffer.alloc(0)
  let isClosed = false
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  await once(socket, 'connect')

  async function until<T>(read: () => T | undefined): Promise<T> {
    for (const started = Date.now(); Date.now() - started < 8000; ) {
      const value = read()
      if (value !== undefined) return value
      if (isClosed) throw new Error(`closed without an answer, after: ${received.toString('latin1')}`)
      await sleep(1)
    }
    throw new Error(`no answer in time, only: ${received.toString('latin1')}`)
  }

  function readAnswer(method: string): Answer | undefined {
    const end = received.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const [first = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
    const status = Number(first.split(' ')[1])
    if (status === 100) {
      received = received.subarray(end + 4)
      return readAnswer(method)
    }
    const headers: Record<string, string> = {}
    for (const line of lines)
      headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 2)
    const rest = received.subarray(end + 4)
    let text: string
    let used: number
    if (method === 'HEAD' || status === 204) [text, used] = ['', 0]
    else if (headers['transfer-encoding'] === 'chunked') {
      const last = rest.indexOf('0\r\n\r\n')
      if (last < 0) return undefined
      text = rest
        .subarray(0, last)
        .toString('utf8')
        .replaceAll(/[0-9a-f]+\r\n([\s\S]*?)\r\n/g, '$1')
      used = last + 5
    } else {
      used = Number(headers['content-length'] ?? 0)
      if (rest.length < used) return undefined
      text = rest.subarray(0, used).toString('utf8')
    }
    received = rest.subarray(used)
    return { status, headers, text, json: parse(text) }
  }

  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    answer: (method = 'POST') => until(() => readAnswer(method)),
    continued: () =>
      until(() => (received.includes('HTTP/1.1 100 Continue\r\n\r\n') ? true : undefined)).then(() => {}),
    async closed() {
      if (!isClosed) await once(socket, 'close')
    },
  }
}

/** Sends one request on a connection of its own. */
export async function deliver(port: number, draft: Draft = {}): Promise<Answer> {
  const wire = await dial(port)
  try {
    wire.send(request(draft).wire)
    return await wire.answer(draft.method)
  } finally {
    wire.socket.destroy()
  }
}

function parse(text: string): Answer['json'] {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
