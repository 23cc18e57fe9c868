// The answer that a handler of `./http` may give: `{ status, headers?, body? }`.

import type { Answer } from './answer.ts'
import { cannotBeSent, checkStatus } from './own-answer.ts'

/**
 * A handler's own answer. It is told from other objects by its members: a `status` that is a number, and beside it `headers` and `body` at
 * most. What has other members, such as a row of a database or another library's response, is no answer, and the usual one is sent.
 */
export interface HandlerAnswer {
  /** A whole number from 200 to 599. A 2xx commits the delivery, anything else releases it. */
  readonly status: number
  /** By name, in any case. Content-Length is set by itself; the connection's own headers are not a handler's to set. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[]>> | undefined
  /** Text is sent as UTF-8, as `text/plain` where no content type is given. 204, 205 and 304 can have no body. */
  readonly body?: string | Uint8Array | undefined
}

const MEMBERS = ['status', 'headers', 'body']

/**
 * Reads what a handler resolved to; undefined for anything that is not meant as an answer.
 *
 * @throws {WebhookError} `invalid_input` for an answer that cannot be sent
 */
export function readHandlerAnswer(result: unknown): Answer | undefined {
  if (!isMeantAsAnswer(result)) return undefined
  const { status, headers, body } = result
  checkStatus(status)
  const content = readBody(status, body)
  const read = readHeaders(headers)
  if (content.length > 0) read['content-type'] ??= typeof content === 'string' ? TEXT : BYTES
  const length = String(Buffer.byteLength(content))
  if ((read['content-length'] ?? length) !== length) throw cannotBeSent(`its body is not of its content-length`)
  return { status, headers: read, body: content }
}

const TEXT = 'text/plain; charset=utf-8'
const BYTES = 'application/octet-stream'

function isMeantAsAnswer(value: unknown): value is { status: number; headers?: unknown; body?: unknown } {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'status')) return false
  const names = Object.keys(value)
  return typeof (value as { status: unknown }).status === 'number' && names.every((name) => MEMBERS.includes(name))
}

function readBody(status: number, body: unknown): string | Uint8Array {
  if (body === undefined || body === null || body === '') return ''
  if (typeof body !== 'string' && !(body instanceof Uint8Array))
    throw cannotBeSent('its body is neither text nor bytes')
  if ([204, 205, 304].includes(status)) throw cannotBeSent(`there can be no body with ${status}`)
  return body
}

function readHeaders(headers: unknown): Record<string, string | string[]> {
  if (headers === undefined || headers === null) return {}
  if (typeof headers !== 'object') throw cannotBeSent('its headers are no object')
  const read: Record<string, string | string[]> = Object.create(null)
  for (const [given, value] of entriesOf(headers)) {
    const name = String(given).toLowerCase()
    if (!TOKEN.test(name)) throw cannotBeSent('a header has a name that is none')
    if (OF_THE_CONNECTION.includes(name)) throw cannotBeSent(`the header ${name} is the connection's own`)
    read[name] = Array.isArray(value) ? value.map((each) => readValue(name, each)) : readValue(name, value)
  }
  return read
}

/** `Headers`, a Map and pairs are what people have at hand; their members are not what `Object.entries` sees. */
function entriesOf(headers: object): Iterable<readonly [unknown, unknown]> {
  return Symbol.iterator in headers ? (headers as Iterable<readonly [unknown, unknown]>) : Object.entries(headers)
}

function readValue(name: string, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !FIELD_VALUE.test(text))
    throw cannotBeSent(`the header ${name} has a value that is none`)
  return text
}

// RFC 9110 sections 5.1, 5.5 and 7.6.1.
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const OF_THE_CONNECTION = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
