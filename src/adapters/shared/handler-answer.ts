// A handler may answer for itself: with `{ status, headers, body }` in `./http`, with a `Response` in `./fetch`. A 2xx commits the delivery
// and is sent; any other status releases it and is sent. A value that looks like an answer but cannot be sent is the handler's mistake.

import { isThenable } from '../../shared/thenable.ts'
import { WebhookError } from '../../shared/webhook-error.ts'
import type { Outcome } from '../../webhook/receiving/outcome.ts'
import type { HandlerContext, WebhookHandler } from '../../webhook/receiving/receiver.ts'
import type { VerifiedDelivery } from '../../webhook/verified-delivery.ts'
import type { Answer } from './answer.ts'
import { applicationDeclined } from './decision.ts'

/** A handler whose own answer is kept. */
export interface AnsweringHandler<OwnAnswer> {
  readonly handle: WebhookHandler
  /** The handler's own answer, if that is the one to send: not after a failed commit or transaction. */
  answerFor(outcome: Outcome): OwnAnswer | undefined
}

/**
 * Wraps a handler for one call. `read` returns the answer in what the handler resolved to, or undefined if it is something else, and throws
 * if the answer cannot be sent.
 */
export function keepAnswer<OwnAnswer extends { readonly status: number }>(
  handle: (delivery: VerifiedDelivery, context: HandlerContext) => unknown,
  read: (result: unknown) => OwnAnswer | undefined,
): AnsweringHandler<OwnAnswer> {
  let own: OwnAnswer | undefined
  let expected: 'ok' | 'handler_failed' = 'ok'
  function keep(result: unknown): void {
    own = read(result)
    if (!own || own.status < 300) return
    expected = 'handler_failed'
    throw applicationDeclined(own.status)
  }
  return {
    handle(delivery, context) {
      const result = handle(delivery, context)
      if (isThenable(result)) return Promise.resolve(result).then(keep)
      return keep(result) // a synchronous handler stays synchronous
    },
    answerFor({ code }) {
      if (code === expected) return own
      return undefined
    },
  }
}

/**
 * An answer of a handler's own. An object counts as one if its `status` is a number, and it has no other members than `headers`, `body`
 * and `statusText`, which is ignored. An object with other members, such as a database row, is not an answer, and the usual one is sent. A
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
 * Reads the answer in what a handler of `./http` resolved to; undefined if it is something else.
 *
 * @throws {WebhookError} `invalid_input` for an answer that cannot be sent
 */
export function readHandlerAnswer(result: unknown): Answer | undefined {
  if (hasResponseTag(result)) throw cannotBeSent('it is a Response; return { status, headers, body } instead')
  if (!isMeantAsAnswer(result)) return undefined
  const { status, headers, body } = result
  checkStatus(status)
  const content = readBody(status, body)
  const read = readHeaders(headers)
  if (content.length > 0) read['content-type'] ??= typeof content === 'string' ? TEXT : BYTES
  const length = String(Buffer.byteLength(content))
  if ((read['content-length'] ?? length) !== length) throw cannotBeSent('its content-length does not match its body')
  return { status, headers: read, body: content }
}

const TEXT = 'text/plain; charset=utf-8'
const BYTES = 'application/octet-stream'

function readBody(status: number, body: unknown): string | Uint8Array {
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

/**
 * Reads the answer in what a handler of `./fetch` resolved to; undefined if it is something else.
 *
 * @throws {WebhookError} `invalid_input` for a Response that cannot be sent
 */
export function readOwnResponse(result: unknown): Response | undefined {
  if (isMeantAsAnswer(result) && isFinalStatus(result.status))
    throw cannotBeSent('it is a plain object with a status; return a Response instead')
  if (!isResponse(result)) return undefined
  checkStatus(result.status)
  if (result.bodyUsed || result.body?.locked) throw cannotBeSent('the body of its Response has already been read')
  return result
}

/** Whether a value is a Response, of any realm or polyfill. */
export function isResponse(value: unknown): value is Response {
  return value instanceof Response || hasResponseTag(value)
}

function hasResponseTag(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Response]'
}

const MEMBERS = ['status', 'headers', 'body', 'statusText']

/** Whether a handler meant an object as its own answer: see {@link HandlerAnswer}. */
function isMeantAsAnswer(value: unknown): value is { status: number; headers?: unknown; body?: unknown } {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'status')) return false
  const names = Object.keys(value)
  return 'status' in value && typeof value.status === 'number' && names.every((name) => MEMBERS.includes(name))
}

function checkStatus(status: number): void {
  if (!isFinalStatus(status)) throw cannotBeSent(`its status is ${status}, not a whole number from 200 to 599`)
}

function isFinalStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599
}

function cannotBeSent(why: string): WebhookError {
  return new WebhookError('invalid_input', `The handler's answer cannot be sent: ${why}.`)
}
