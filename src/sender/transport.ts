// The seam between a sender and the network.

import type { AddressGuard, VettedUrl } from './address/guard.ts'
import type { AttemptReason, AttemptResponse } from './delivery.ts'

/** A request to be sent by POST. */
export interface TransportRequest {
  /** Vetted by the guard. */
  readonly target: VettedUrl
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly maxResponseBytes: number
  /** For the look-up of the name, the connection and the whole answer. */
  readonly timeoutMs: number
  readonly guard: AddressGuard
}

/** An answer that was read to its end, or why there is none. */
export type TransportResult =
  | { readonly ok: true; readonly statusCode: number; readonly response: AttemptResponse }
  | {
      readonly ok: false
      readonly reason: AttemptReason
      readonly statusCode?: number
      readonly response?: AttemptResponse
    }

/** Sends requests. It must connect only to addresses that the guard allows, follow nothing, and never reject. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResult>
  /** Ends connections that are kept open. */
  close(): void
}
