// A handler's own answer: a 2xx commits and is sent, anything from 300 releases and is sent. What is no answer at all is the handler's
// fault, and is told as such.

import { isThenable } from '../../shared/thenable.ts'
import { WebhookError } from '../../shared/webhook-error.ts'
import type { Outcome } from '../../webhook/receiving/outcome.ts'
import type { HandlerContext, WebhookHandler } from '../../webhook/receiving/receiver.ts'
import type { VerifiedDelivery } from '../../webhook/verified-delivery.ts'
import { declined } from './declined.ts'

/** A handler that is watched for an answer of its own. */
export interface Answering<Answer> {
  readonly handle: WebhookHandler
  /** The handler's own answer, where it is what the sender must be told: a failed commit or transaction overrules it. */
  answerTo(outcome: Outcome): Answer | undefined
}

/**
 * Watches one call of a handler. `read` tells an answer from whatever else a handler may resolve to, and throws where it is one that
 * cannot be sent.
 */
export function answering<Answer extends { readonly status: number }>(
  handle: (delivery: VerifiedDelivery, context: HandlerContext) => unknown,
  read: (result: unknown) => Answer | undefined,
): Answering<Answer> {
  let own: Answer | undefined
  function take(result: unknown): void {
    own = read(result)
    if (own && own.status >= 300) throw declined(own.status)
  }
  return {
    handle(delivery, context) {
      const result = handle(delivery, context)
      // A handler that was done at once stays so.
      return isThenable(result) ? Promise.resolve(result).then(take) : take(result)
    },
    answerTo({ code }) {
      const expected = own && own.status >= 300 ? 'handler_failed' : 'ok'
      return code === expected ? own : undefined
    },
  }
}

const MEMBERS = ['status', 'headers', 'body', 'statusText']

/** Whether a handler meant to answer for itself, by an object of this form. */
export function isMeantAsAnswer(value: unknown): value is { status: number; headers?: unknown; body?: unknown } {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'status')) return false
  const names = Object.keys(value)
  return typeof (value as { status: unknown }).status === 'number' && names.every((name) => MEMBERS.includes(name))
}

/** @throws {WebhookError} `invalid_input` where it is no status of a final answer */
export function checkStatus(status: number): void {
  if (!isStatus(status)) throw cannotBeSent(`its status is ${status}, and not a whole number from 200 to 599`)
}

/** Whether it is the status of a final answer. */
export function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599
}

export function cannotBeSent(why: string): WebhookError {
  return new WebhookError('invalid_input', `The handler's answer cannot be sent: ${why}.`)
}
