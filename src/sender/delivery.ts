// What a sender is given and what it answers: plain data, so that any queue can drive it.

import type { WebhookSecrets } from '../webhook/secrets.ts'

/** Where deliveries are sent to. */
export interface Endpoint {
  /** Names the endpoint in reports. Not secret. */
  readonly id: string
  readonly url: string
  /** The first one that has not expired signs. If the scheme can carry several signatures, all that have not expired sign. */
  readonly secrets: WebhookSecrets
  /** Further headers, at most 32 of at most 4,096 characters. Those that the transport or the scheme writes are refused. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** One attempt to be made at a delivery. */
export interface OutgoingDelivery {
  readonly endpoint: Endpoint
  /** The same for all attempts at one delivery: visible ASCII. */
  readonly deliveryId: string
  readonly event?: string | undefined
  /** Exactly what is sent, the same bytes on each attempt. Text stands for its UTF-8 bytes. */
  readonly body: string | Uint8Array
  /** From 1. */
  readonly attempt: number
}

/**
 * Why an attempt ended as it did.
 *
 * | reason | outcome |
 * |---|---|
 * | `ok` | delivered: a 2xx, read to its end |
 * | `http_status` | retried or dead, as the schedule says: any other status |
 * | `redirect_refused` | retried: a 3xx; redirects are never followed |
 * | `gone` | dead: 410 |
 * | `timeout` | retried: not answered to the end within `timeoutMs` |
 * | `connection_refused`, `connection_reset`, `network_unreachable`, `tls_error` | retried |
 * | `dns_error` | retried: the name does not exist, or has no address |
 * | `address_refused` | dead: the address, or one that the name resolves to, is not public |
 * | `url_refused` | dead: not https, a user name in it, a port of another protocol |
 * | `header_refused` | dead: a header that an endpoint may not set |
 * | `payload_too_large` | dead: more than 262,144 bytes |
 * | `response_too_large`, `response_incomplete` | retried, even after a 2xx |
 * | `exhausted` | dead, unsent: beyond the schedule's attempts |
 * | `own_fault` | not counted: our resolver, our secrets, our own machine |
 */
export type AttemptReason =
  | 'ok'
  | 'http_status'
  | 'redirect_refused'
  | 'gone'
  | 'timeout'
  | 'connection_refused'
  | 'connection_reset'
  | 'network_unreachable'
  | 'dns_error'
  | 'address_refused'
  | 'url_refused'
  | 'header_refused'
  | 'tls_error'
  | 'response_too_large'
  | 'response_incomplete'
  | 'payload_too_large'
  | 'exhausted'
  | 'own_fault'

/** What the endpoint answered. */
export interface AttemptResponse {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** As far as it was read: at most `maxResponseBytes`, never inflated. */
  readonly body: Uint8Array
}

/** What became of an attempt. */
export interface Attempt {
  /** `not_counted`: the fault is ours, so try the same attempt again. */
  readonly outcome: 'delivered' | 'retry' | 'dead' | 'not_counted'
  readonly reason: AttemptReason
  /** The status of the answer, if there was one. */
  readonly statusCode?: number
  /** How long to wait before the next attempt, in milliseconds. There for `retry` and `not_counted`. */
  readonly delayMs?: number
  /** How long this one took, in milliseconds. */
  readonly durationMs: number
  readonly attempt: number
  readonly response?: AttemptResponse
}
