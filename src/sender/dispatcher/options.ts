// The options of a dispatcher, read once.

import { demandKnownNames, invalidOption, readNumber } from '../../shared/webhook-error.ts'
import { readClock } from '../../webhook/pipeline/unix-seconds.ts'
import type { Attempt, Endpoint, OutgoingDelivery } from '../delivery.ts'
import type { DeliveryLog } from '../log/contract.ts'
import type { AttemptRecord, EndpointRecord } from './records.ts'

/** What a dispatcher uses of a sender. */
export interface AttemptMaker {
  readonly maxAttempts?: number
  readonly timeoutMs?: number
  attempt(delivery: OutgoingDelivery): Promise<Attempt>
}

/** Options of {@link createDispatcher}. */
export interface DispatcherOptions {
  /** Made by `createWebhookSender`. The dispatcher does not close it. */
  readonly sender: AttemptMaker
  /** Where deliveries wait. */
  readonly log: DeliveryLog
  /**
   * Finds an endpoint by its id, for each attempt. With it the log stores nothing of an endpoint but the id; without it, the address and the
   * secrets are stored with each delivery. `undefined` for an endpoint that is no more: its deliveries end dead, as `gone`.
   */
  readonly endpoints?: ((id: string) => Endpoint | undefined | Promise<Endpoint | undefined>) | undefined
  /** How long a delivery belongs to a worker: longer than an attempt lasts. In seconds; by default the sender's `timeoutMs` and 15 s. */
  readonly leaseSeconds?: number | undefined
  /** The clock, in Unix seconds. By default the log's own: PostgreSQL's is that of the server. */
  readonly now?: (() => number) | undefined
  /** How many attempts this process makes at a time, 1 to 10,000; 64 by default. At most half of them at failing endpoints. */
  readonly concurrency?: number | undefined
  /** How many of them at one endpoint, 4 by default; at a failing one, one. */
  readonly perEndpoint?: number | undefined
  /** How long a delivery is kept, with its body, after it has ended: in that time it can be replayed. In seconds; 4 days by default. */
  readonly retentionSeconds?: number | undefined
  /** An endpoint that has failed for so long without a success is disabled. In seconds; 5 days by default. */
  readonly disableAfterSeconds?: number | undefined
  /** How long to wait at most before looking for deliveries that others have enqueued, in milliseconds; 1,000 by default. */
  readonly pollMs?: number | undefined
  /** Told of every attempt, for logs and metrics. */
  readonly onAttempt?: ((attempt: AttemptRecord) => void) | undefined
  /** Told once of every change of an endpoint. */
  readonly onEndpoint?: ((endpoint: EndpointRecord) => void) | undefined
  /** Told when the log fails, or one of these functions. The work goes on. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** The options with their defaults. */
export interface Settings {
  readonly sender: AttemptMaker
  readonly log: DeliveryLog
  readonly endpoints: DispatcherOptions['endpoints']
  readonly leaseMs: number
  /** Undefined where the log's own clock counts. */
  readonly nowMs: () => number | undefined
  readonly concurrency: number
  readonly perEndpoint: number
  readonly retentionMs: number
  readonly disableAfterMs: number
  readonly pollMs: number
  readonly onAttempt: (attempt: AttemptRecord) => void
  readonly onEndpoint: (endpoint: EndpointRecord) => void
  readonly onError: (error: unknown) => void
}

const NAMES: Record<keyof DispatcherOptions, true> = {
  sender: true,
  log: true,
  endpoints: true,
  leaseSeconds: true,
  now: true,
  concurrency: true,
  perEndpoint: true,
  retentionSeconds: true,
  disableAfterSeconds: true,
  pollMs: true,
  onAttempt: true,
  onEndpoint: true,
  onError: true,
}

const DAY_SECONDS = 86_400
const MOST_SECONDS = 3_650 * DAY_SECONDS
/** Beyond the deadline of an attempt: to look the endpoint up, and to write down how it ended. */
const LEASE_MARGIN_SECONDS = 15

/** @throws {WebhookError} `invalid_option` */
export function readOptions(options: DispatcherOptions): Settings {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, Object.keys(NAMES))
  const { sender, log, endpoints, now } = options
  if (typeof sender?.attempt !== 'function') throw invalidOption('sender', 'a sender made by createWebhookSender')
  if (typeof log?.claim !== 'function') throw invalidOption('log', 'a delivery log, such as memoryDeliveryLog()')
  for (const name of ['endpoints', 'now', 'onAttempt', 'onEndpoint', 'onError'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') throw invalidOption(name, 'a function')
  }
  const onError = options.onError ?? (() => {})
  const deadline = (sender.timeoutMs ?? 10_000) / 1000
  const leaseDefault = deadline + LEASE_MARGIN_SECONDS
  const days = (name: 'retentionSeconds' | 'disableAfterSeconds', fallback: number) =>
    1000 * readNumber(name, options[name], fallback * DAY_SECONDS, 0, MOST_SECONDS)
  return {
    sender,
    log,
    endpoints,
    leaseMs: 1000 * readNumber('leaseSeconds', options.leaseSeconds, leaseDefault, deadline, MOST_SECONDS),
    nowMs: () => now && 1000 * readClock(now()),
    concurrency: Math.floor(readNumber('concurrency', options.concurrency, 64, 1, 10_000)),
    perEndpoint: Math.floor(readNumber('perEndpoint', options.perEndpoint, 4, 1, 10_000)),
    retentionMs: days('retentionSeconds', 4),
    disableAfterMs: days('disableAfterSeconds', 5),
    pollMs: readNumber('pollMs', options.pollMs, 1_000, 1, 3_600_000),
    onAttempt: guarded(options.onAttempt, onError),
    onEndpoint: guarded(options.onEndpoint, onError),
    onError: guarded(onError, () => {}),
  }
}

/** A listener that throws, or whose promise rejects, must not stop the deliveries. */
function guarded<T>(listener: ((value: T) => unknown) | undefined, onError: (error: unknown) => void) {
  return (value: T): void => {
    new Promise((resolve) => resolve(listener?.(value))).catch(onError).catch(() => {})
  }
}
