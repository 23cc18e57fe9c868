// What a dispatcher tells of its work: plain records without secrets, addresses, headers or bodies.

import type { Attempt, AttemptReason } from '../delivery.ts'

/** An attempt that a dispatcher has made, without the answer's headers and body. */
export interface AttemptRecord extends Omit<Attempt, 'response'> {
  readonly endpointId: string
  readonly deliveryId: string
  readonly event: string | undefined
  /** Whether somebody asked for it by `replay`. */
  readonly isReplay: boolean
}

/** A change of an endpoint; each is told once. */
export interface EndpointRecord {
  readonly endpointId: string
  /** `failing` after the first failure, `recovered` after the first success, `disabled` after a 410 or when it has failed for too long. */
  readonly state: 'failing' | 'recovered' | 'disabled'
  /** Why the attempt that brought the change ended as it did. */
  readonly reason: AttemptReason
  /** Since when the endpoint has failed, or had failed, in Unix seconds. */
  readonly since: number
}

/** What a dispatcher and its log hold. */
export interface DispatcherStats {
  /** Attempts that this process is making. */
  readonly inFlight: number
  /** Deliveries in the log that have not ended, those that are being sent included. */
  readonly pending: number
  /** Of those, how many could be sent now. */
  readonly due: number
  /** For how long the oldest of them has been due, in milliseconds. */
  readonly oldestDueMs: number
  /** Deliveries that have ended, as far back as they are kept. */
  readonly delivered: number
  readonly dead: number
}
