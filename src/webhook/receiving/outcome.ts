// What a received delivery came to, for whoever answers the sender and for whoever reads the log.

import { type Refusal, refuse, WEBHOOK_STATUS, type WebhookCode } from '../codes.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'

/** What a delivery came to, and how to answer it. `ok` is true for a duplicate too: it was received, before. */
export interface Outcome {
  readonly ok: boolean
  readonly status: number
  readonly code: WebhookCode
  readonly message: string
  /** Response headers by lower-case name: `retry-after` where the sender should come back, `allow` after a wrong method. */
  readonly headers: Record<string, string>
  /** There once the signature was found valid. */
  readonly delivery?: VerifiedDelivery
}

/** An outcome as `onOutcome` sees it: flat and structured, without body or secret. */
export interface OutcomeReport {
  readonly ok: boolean
  readonly status: number
  readonly code: WebhookCode
  readonly message: string
  readonly scheme: string
  readonly deliveryId?: string | undefined
  readonly event?: string | undefined
  readonly keyId?: string | undefined
  readonly durationMs: number
  /** What went wrong behind an answer that does not show it. After a 2xx the effect stands, but may not be remembered. */
  readonly problem?: ReceiveProblem | undefined
  /** What the handler, the store, or a look-up of the secrets threw. It is yours and may hold anything. */
  readonly error?: unknown
}

/**
 * `claim_lost`: the lease ran out before the commit, another worker may have handled the delivery too.
 * `unclaimed`: the store failed, and the delivery was handled without a claim, as `onStoreFailure: 'accept'` says.
 */
export type ReceiveProblem = 'commit_failed' | 'claim_lost' | 'release_failed' | 'unclaimed'

/** What is noted on the way, for the report alone. */
export interface Notes {
  problem?: ReceiveProblem
  error?: unknown
}

export function handled(delivery: VerifiedDelivery): Outcome {
  return {
    ok: true,
    status: WEBHOOK_STATUS.ok,
    code: 'ok',
    message: 'The delivery was handled.',
    headers: {},
    delivery,
  }
}

export function duplicate(status: 200 | 409, delivery: VerifiedDelivery): Outcome {
  const message = 'The delivery was handled before.'
  return { ok: true, status, code: 'duplicate_delivery', message, headers: {}, delivery }
}

export function refused(refusal: Refusal, delivery?: VerifiedDelivery, retryAfterMs?: number): Outcome {
  const headers: Record<string, string> = {}
  if (refusal.code === 'method_not_allowed') headers.allow = 'POST'
  // RFC 9110 section 10.2.3: whole seconds. A day is the longest lease there is.
  const waitMs = retryAfterMs ?? (refusal.code === 'overloaded' ? 1000 : undefined)
  if (waitMs !== undefined)
    headers['retry-after'] = String(Math.min(Math.max(1, Math.ceil(waitMs / 1000) || 1), 86_400))
  return delivery ? { ...refusal, headers, delivery } : { ...refusal, headers }
}

export function aborted(): Refusal {
  return refuse('request_aborted', 'The sender went away before the delivery was handled.')
}

export function reportOf(outcome: Outcome, scheme: string, startedAt: number, notes: Notes): OutcomeReport {
  const { ok, status, code, message, delivery } = outcome
  const { deliveryId, event, keyId } = delivery ?? {}
  const durationMs = performance.now() - startedAt
  return { ok, status, code, message, scheme, deliveryId, event, keyId, durationMs, ...notes }
}
