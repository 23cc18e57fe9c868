// A handler may answer for itself: with `{ status, headers, body }` in `./http`, with a `Response` in `./fetch`. A 2xx commits the delivery
// and is sent; any other status releases it and is sent. A value that looks like an answer but cannot be sent is the handler's mistake.
// The reader for `./http` is in http-answer.ts, because it needs Node.

import { isThenable } from '../../shared/thenable.ts'
import { WebhookError } from '../../shared/webhook-error.ts'
import type { AdapterOutcome } from '../../webhook/receiving/outcome.ts'
import type { HandlerContext, WebhookHandler } from '../../webhook/receiving/receiver-contract.ts'
import type { VerifiedDelivery } from '../../webhook/verified-delivery.ts'
import { applicationDeclined } from './decision.ts'

/** A handler whose own answer is kept. */
export interface AnsweringHandler<OwnAnswer> {
  readonly handle: WebhookHandler
  /** The handler's own answer, if that is the one to send: not after a failed commit or transaction. */
  answerFor(outcome: AdapterOutcome): OwnAnswer | undefined
}

/**
 * Wraps a handler for one call. `read` reads its result as an answer: it returns undefined if the result is something else, and throws if
 * the answer cannot be sent.
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
 * Reads the result of a handler of `./fetch` as an answer; undefined if it is something else.
 *
 * @throws {WebhookError} `invalid_input` for a Response that cannot be sent.
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

export function hasResponseTag(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Response]'
}

const MEMBERS = ['status', 'headers', 'body', 'statusText']

/** Whether a handler meant an object as its own answer: only its members show that. */
export function isMeantAsAnswer(value: unknown): value is { status: number; headers?: unknown; body?: unknown } {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'status')) return false
  const names = Object.keys(value)
  return 'status' in value && typeof value.status === 'number' && names.every((name) => MEMBERS.includes(name))
}

/** @throws {WebhookError} `invalid_input` if it is not the status of a final answer. */
export function checkStatus(status: number): void {
  if (!isFinalStatus(status)) throw cannotBeSent(`its status is ${status}, not a whole number from 200 to 599`)
}

function isFinalStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599
}

export function cannotBeSent(why: string): WebhookError {
  return new WebhookError('invalid_input', `The handler's answer cannot be sent: ${why}.`)
}
