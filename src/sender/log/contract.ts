// The delivery log: where deliveries wait, and what has become of them. Everything that several workers must agree on is decided in here.

import type { AttemptReason, Endpoint } from '../delivery.ts'

/** A delivery to be logged. */
export interface NewDelivery {
  /** The endpoint; its id alone where the dispatcher looks endpoints up. All else of it is stored as it is, its secrets too. */
  readonly endpoint: Endpoint | { readonly id: string }
  /** Visible ASCII. An endpoint gets each id once. */
  readonly deliveryId: string
  readonly event?: string | undefined
  readonly body: string | Uint8Array
}

/** A delivery as it was logged. */
export interface LoggedDelivery {
  readonly endpointId: string
  /** The endpoint that was stored with the delivery; undefined where only its id was. */
  readonly endpoint: Endpoint | undefined
  readonly deliveryId: string
  readonly event: string | undefined
  readonly body: Uint8Array
  /** `pending` until it is settled for good, also while a worker holds it. */
  readonly state: 'pending' | 'delivered' | 'dead'
  /** How many attempts have been counted, the one that is running included. */
  readonly attempt: number
  /** Why the last attempt ended as it did; undefined before the first. */
  readonly reason: AttemptReason | undefined
}

/** A delivery that is leased to one worker. */
export interface ClaimedDelivery extends LoggedDelivery {
  /** Only its holder can settle the delivery. */
  readonly token: string
  /** How often in a row an attempt was not counted. */
  readonly ownFaults: number
  /** Whether the last attempt at its endpoint failed. */
  readonly isFailing: boolean
  /** Why the endpoint is disabled; undefined if it is not. */
  readonly disabledReason: AttemptReason | undefined
}

/** What a worker asks for. */
export interface ClaimOptions {
  /** How many deliveries at most. */
  readonly limit: number
  readonly leaseMs: number
  /** How many deliveries of one endpoint this worker may hold; of a failing endpoint it may hold one. */
  readonly perEndpoint: number
  /** How many deliveries of failing endpoints at most. */
  readonly failingLimit: number
  /** How many deliveries of each endpoint this worker holds already. */
  readonly busy: ReadonlyMap<string, number>
  /** The time in milliseconds since 1970, in place of the log's own clock. */
  readonly nowMs?: number | undefined
}

/** What has become of a claimed delivery, and of its endpoint. */
export interface Settlement {
  /** `pending`: to be claimed again after `delayMs`. */
  readonly state: 'pending' | 'delivered' | 'dead'
  readonly reason: AttemptReason | undefined
  readonly delayMs: number
  /** How many attempts have been counted by now. */
  readonly attempt: number
  readonly ownFaults: number
  /** What the attempt says of the endpoint; `gone` disables it at once. */
  readonly health: 'up' | 'down' | 'gone' | 'unchanged'
  /** An endpoint that has failed for so long, at least 10 times and without a success, is disabled. */
  readonly disableAfterMs: number
  readonly nowMs?: number | undefined
}

/** How an endpoint has changed. Each change is told to one worker only. */
export interface EndpointChange {
  readonly state: 'failing' | 'recovered' | 'disabled'
  /** Since when it has failed, in milliseconds since 1970. */
  readonly sinceMs: number
}

/** Whether the delivery still belonged to the worker, and what that changed. */
export interface Settled {
  readonly isSettled: boolean
  readonly change?: EndpointChange | undefined
}

/** How many deliveries there are. */
export interface DeliveryCounts {
  /** Waiting, or held by a worker. */
  readonly pending: number
  /** Of those, how many could be claimed now. */
  readonly due: number
  /** How long the oldest of them has been due, in milliseconds. */
  readonly oldestDueMs: number
  readonly delivered: number
  readonly dead: number
}

/** Where deliveries wait. `deliveryLogConformance` in `./testing` checks each of its promises. */
export interface DeliveryLog {
  /**
   * Logs a delivery, due at once.
   *
   * @throws {WebhookError} `invalid_input` for a delivery that makes no sense.
   */
  enqueue(delivery: NewDelivery, nowMs?: number): Promise<'enqueued' | 'duplicate'>
  /** Leases deliveries that are due, the oldest first, and counts the attempt. A lease that has run out makes its delivery due again. */
  claim(options: ClaimOptions): Promise<readonly ClaimedDelivery[]>
  /** Settles a delivery, if it still belongs to the worker: after its lease too, unless another has taken it over. */
  settle(
    claimed: Pick<ClaimedDelivery, 'endpointId' | 'deliveryId' | 'token'>,
    settlement: Settlement,
  ): Promise<Settled>
  /** Finds a delivery that has not been forgotten. */
  find(endpointId: string, deliveryId: string): Promise<LoggedDelivery | undefined>
  /** Marks a delivery as delivered, whoever holds it: a replay has succeeded. */
  markDelivered(endpointId: string, deliveryId: string, nowMs?: number): Promise<void>
  /** Lets a disabled endpoint be sent to again. What has ended dead stays dead. False if it was not disabled. */
  enableEndpoint(endpointId: string): Promise<boolean>
  counts(nowMs?: number): Promise<DeliveryCounts>
  /** Forgets deliveries, their bodies included, that were settled more than `retentionMs` ago; at most `limit`. Returns how many. */
  deleteSettled(retentionMs: number, limit: number, nowMs?: number): Promise<number>
}

/** An endpoint is not disabled for fewer failures than this, however long ago the first one was. */
export const LEAST_FAILURES = 10
