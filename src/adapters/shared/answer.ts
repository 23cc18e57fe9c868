// The HTTP answer to an outcome. It has a content type and a small JSON body, since some senders count a bare 204 as a failure, unless a
// handshake says what its sender wants.

import type { AdapterOutcome, Outcome } from '../../webhook/receiving/outcome.ts'
import type { WebhookHandshake } from '../../webhook/schemes/handshakes/handshake.ts'

/** A response for any framework. Header names are in lower case. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[]>
  readonly body: string | Uint8Array
}

/** An answer whose body is text, as all answers to outcomes are. */
export interface TextAnswer extends Answer {
  readonly headers: Record<string, string>
  readonly body: string
}

/** The answer to an outcome. A sender whose handshake says so gets no body. */
export function answerOf(outcome: AdapterOutcome, handshake?: WebhookHandshake): TextAnswer {
  const { status, headers } = outcome
  if (outcome.ok && outcome.code === 'handshake') return { status, headers, body: outcome.body }
  if (handshake?.emptyAnswers) return { status, headers, body: '' }
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(contentOf(outcome)),
  }
}

function contentOf({ ok, status, code, message, delivery }: Outcome): object {
  const deliveryId = delivery?.deliveryId
  if (!ok) return { error: code, message }
  if (code !== 'duplicate_delivery') return { ok, deliveryId }
  // A sender that learns of duplicates by the status 409 reads the answer as an error.
  if (status === 409) return { error: code, message, deliveryId }
  return { ok, deliveryId, duplicate: true }
}
