// The result of receiving a delivery: the outcome, which says how to answer the sender, and its report, for logs and metrics.

import { type Refusal, refuse, WEBHOOK_STATUS, type WebhookCode } from '../codes.ts'
import type { HandshakeAnswer } from '../schemes/handshakes/handshake.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'

/** What became of a delivery, and how to answer the sender. Tell the two kinds apart by `ok`, which is true for a duplicate too. */
export type Outcome = AcceptedOutcome | RefusedOutcome

/** The delivery was handled, now or earlier. */
export interface AcceptedOutcome {
  readonly ok: true
  /** 200, or 409 for a duplicate if `duplicateStatus` says so. */
  readonly status: 200 | 409
  readonly code: 'ok' | 'duplicate_delivery'
  /** The outcome as a sentence. */
  readonly message: string
  /** Response headers by lower-case name; none so far. */
  readonly headers: Record<string, string>
  /** What was handled. */
  readonly delivery: VerifiedDelivery
}

/** The delivery was not handled. The sender may try again, depending on `status`. */
export interface RefusedOutcome extends Refusal {
  /** Response headers by lower-case name: `retry-after` if the sender should come back, `allow` after a wrong method. */
  readonly headers: Record<string, string>
  /** Present if the signature was valid. */
  readonly delivery?: VerifiedDelivery
}

/** A handshake was answered: there was no delivery, so nothing was handled. Only adapters see this one. */
export interface HandshakeOutcome {
  readonly ok: true
  readonly status: 200
  readonly code: 'handshake'
  readonly message: string
  readonly headers: Record<string, string>
  /** Exactly what the sender expects. */
  readonly body: string
  /** The request, if it was signed. */
  readonly delivery: VerifiedDelivery | undefined
}

/** What an adapter has to answer. */
export type AdapterOutcome = Outcome | HandshakeOutcome

/** An outcome as `onOutcome` receives it: flat, without the body or a secret. */
export interface OutcomeReport {
  readonly ok: boolean
  /** The HTTP status of the answer. */
  readonly status: number
  readonly code: WebhookCode
  readonly message: string
  /** The scheme's name. */
  readonly scheme: string
  /** From a verified delivery, like `event` and `keyId`. */
  readonly deliveryId?: string | undefined
  readonly event?: string | undefined
  readonly keyId?: string | undefined
  /** How long it took to receive and handle the delivery, in milliseconds. */
  readonly durationMs: number
  /** A failure that the answer does not show. After a 2xx, the delivery was handled but may not be remembered. */
  readonly problem?: ReceiveProblem | undefined
  /** What the handler, the store, or the function that finds the secrets threw. It is your own error, and may hold anything. */
  readonly error?: unknown
}

/** A failure that the answer to the sender does not show. */
export type ReceiveProblem =
  /** The delivery was handled, but the store could not remember it. */
  | 'commit_failed'
  /** The lease ran out before the commit, so another worker may have handled the delivery too. */
  | 'claim_lost'
  /** The claim blocks the delivery until its lease runs out. */
  | 'release_failed'
  /** The store failed, and the delivery was handled without a claim, as `onStoreFailure: 'accept'` says. */
  | 'unclaimed'

/** What goes wrong while a delivery is received, collected for the report alone: the sender must not see it. */
export interface ReportDetails {
  problem?: ReceiveProblem
  error?: unknown
}

export function handledOutcome(delivery: VerifiedDelivery): AcceptedOutcome {
  return {
    ok: true,
    status: WEBHOOK_STATUS.ok,
    code: 'ok',
    message: 'The delivery was handled.',
    headers: {},
    delivery,
  }
}

export function duplicateOutcome(status: 200 | 409, delivery: VerifiedDelivery): AcceptedOutcome {
  const message = 'The delivery was handled before.'
  return { ok: true, status, code: 'duplicate_delivery', message, headers: {}, delivery }
}

export function handshakeOutcome(answer: HandshakeAnswer, delivery: VerifiedDelivery | undefined): HandshakeOutcome {
  const { headers, body } = answer
  const message = 'The handshake was answered.'
  return {
    ok: true,
    status: WEBHOOK_STATUS.handshake,
    code: 'handshake',
    message,
    headers: { ...headers },
    body,
    delivery,
  }
}

/** @param retryAfterMs When the sender should come back; a second by default if the receiver is overloaded, else unsaid. */
export function refusedOutcome(refusal: Refusal, delivery?: VerifiedDelivery, retryAfterMs?: number): RefusedOutcome {
  const headers: Record<string, string> = {}
  if (refusal.code === 'method_not_allowed') headers.allow = 'POST'
  if (retryAfterMs !== undefined) headers['retry-after'] = retryAfter(retryAfterMs)
  else if (refusal.code === 'overloaded') headers['retry-after'] = '1'
  if (delivery === undefined) return { ...refusal, headers }
  return { ...refusal, headers, delivery }
}

/** RFC 9110 section 10.2.3: whole seconds. A store may answer NaN; and no lease is longer than a day. */
function retryAfter(ms: number): string {
  const seconds = Math.ceil(ms / 1000) || 1
  return String(Math.min(Math.max(seconds, 1), 86_400))
}

export function aborted(): Refusal {
  return refuse('request_aborted', 'The sender went away before the delivery was handled.')
}

export function handlerFailed(): Refusal {
  return refuse('handler_failed', 'The delivery could not be handled; it may be sent again.')
}

export function reportOf(
  outcome: AdapterOutcome,
  scheme: string,
  durationMs: number,
  details: ReportDetails,
): OutcomeReport {
  const { ok, status, code, message, delivery } = outcome
  const { deliveryId, event, keyId } = delivery ?? {}
  return { ok, status, code, message, scheme, deliveryId, event, keyId, durationMs, ...details }
}
