// The answer that a handler of `./http` may give: `{ status, headers?, body? }`.

import type { Answer } from './answer.ts'
import { cannotBeSent, checkStatus, hasResponseTag, isMeantAsAnswer } from './handler-answer.ts'

/**
 * A handler's own answer. An object counts as one if its `status` is a number, and if it has no other members than `headers`, `body` and
 * `statusText`, which is ignored. An object with other members, such as a database row, is not an answer, and the usual one is sent. A
 * `Response` is refused, so that a handler which meant to decline with one does not lose the delivery.
 */
export interface HandlerAnswer {
  /** A whole number from 200 to 599. A 2xx commits the delivery, anything else releases it. */
  readonly status: number
  /** By name, in any case. Content-Length is set for you. Headers of the connection itself, such as `connection`, cannot be set. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[]>> | undefined
  /** A string is sent as UTF-8, as `text/plain` unless you set a content type. The statuses 204, 205 and 304 allow no body. */
  readonly body?: string | Uint8Array | undefined
}

/**
 * Reads the result of a handler of `./http` as an answer; undefined if it is something else.
 *
 * @throws {WebhookError} `invalid_input` for an answer that cannot be sent.
 */
export function readHandlerAnswer(result: unknown): Answer | undefined {
  if (hasResponseTag(result)) throw cannotBeSent('it is a Response; return { status, headers, body } instead')
  if (!isMeantAsAnswer(result)) return undefined
  const { status, headers, body } = result
  checkStatus(status)
  const content = readContent(status, body)
  const read = readHeaders(headers)
  if (content.length > 0) read['content-type'] ??= typeof content === 'string' ? TEXT : BYTES
  const length = String(Buffer.byteLength(content))
  if ((read['content-length'] ?? length) !== length) throw cannotBeSent('its content-length does not match its body')
  return { status, headers: read, body: content }
}

const TEXT = 'text/plain; charset=utf-8'
const BYTES = 'application/octet-stream'

function readContent(status: number, body: unknown): string | Uint8Array {
  if (body === undefined || body === null || body === '') return ''
  if (typeof body !== 'string' && !(body instanceof Uint8Array))
    throw cannotBeSent('its body is neither a string nor a Uint8Array')
  if ([204, 205, 304].includes(status)) throw cannotBeSent(`a response with the status ${status} cannot have a body`)
  return body
}

function readHeaders(headers: unknown): Record<string, string | string[]> {
  if (headers === undefined || headers === null) return {}
  if (typeof headers !== 'object') throw cannotBeSent('its headers are not an object')
  const read: Record<string, string | string[]> = Object.create(null)
  for (const [key, value] of entriesOf(headers)) {
    const name = String(key).toLowerCase()
    if (!TOKEN.test(name)) throw cannotBeSent('one of its headers has an invalid name')
    if (CONNECTION_HEADERS.includes(name)) throw cannotBeSent(`the header ${name} belongs to the connection`)
    read[name] = Array.isArray(value) ? value.map((each) => readValue(name, each)) : readValue(name, value)
  }
  return read
}

/** `Headers`, a Map and a list of pairs are accepted, too; `Object.entries` would not see what they hold. */
function entriesOf(headers: object): Iterable<readonly [unknown, unknown]> {
  return Symbol.iterator in headers ? (headers as Iterable<readonly [unknown, unknown]>) : Object.entries(headers)
}

function readValue(name: string, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !FIELD_VALUE.test(text)) throw cannotBeSent(`the header ${name} has an invalid value`)
  return text
}

// RFC 9110 sections 5.1, 5.5 and 7.6.1.
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const CONNECTION_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
