// A handler's own answer: a 2xx commits and is sent, anything from 300 releases and is sent. What is no answer at all is the handler's
// fault, and is told as such.

import type { VerifiedDelivery } from '../../webhook/delivery.ts'
import { WebhookError } from '../../webhook/errors.ts'
import type { Outcome } from '../../webhook/outcome.ts'
import type { HandlerContext, WebhookHandler } from '../../webhook/receiver.ts'
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

/** @throws {WebhookError} `invalid_input` where it is no status of a final answer */
export function checkStatus(status: number): void {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw cannotBeSent(`its status is ${status}, and not a whole number from 200 to 599`)
}

export function cannotBeSent(why: string): WebhookError {
  return new WebhookError('invalid_input', `The handler's answer cannot be sent: ${why}.`)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
