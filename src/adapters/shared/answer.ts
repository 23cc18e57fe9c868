// How an outcome is written to the sender: always a Content-Type and a small JSON body, for some senders count a bare 204 as a failure.

import type { Outcome } from '../../webhook/receiving/outcome.ts'

/** A response, whatever the framework. Header names are in lower case. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[]>
  readonly body: string | Uint8Array
}

/** The answer to an outcome; text, for `./fetch` and whoever measures it. */
export interface TextAnswer extends Answer {
  readonly headers: Record<string, string>
  readonly body: string
}

export function answerOf(outcome: Outcome): TextAnswer {
  return {
    status: outcome.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...outcome.headers },
    body: JSON.stringify(contentOf(outcome)),
  }
}

function contentOf({ ok, status, code, message, delivery }: Outcome): object {
  const deliveryId = delivery?.deliveryId
  if (!ok) return { error: code, message }
  if (code !== 'duplicate_delivery') return { ok, deliveryId }
  // A sender that wants to be told of a duplicate by its status reads the answer as an error.
  return status === 409 ? { error: code, message, deliveryId } : { ok, deliveryId, duplicate: true }
}
