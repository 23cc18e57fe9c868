// How an outcome is written to the sender: always a Content-Type and a small JSON body, for some senders count a bare 204 as a failure.

import type { Outcome } from '../../webhook/outcome.ts'

/** A response, whatever the framework. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

export function answerOf({ ok, status, code, message, headers, delivery }: Outcome): Answer {
  const content = ok
    ? { ok, deliveryId: delivery?.deliveryId, ...(code === 'duplicate_delivery' ? { duplicate: true } : {}) }
    : { error: code, message }
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(content),
  }
}
