// The dispatcher: takes deliveries, and tries each until it is delivered or dead.

import { invalidOption, readNumber, WebhookError } from '../../shared/webhook-error.ts'
import type { Attempt } from '../delivery.ts'
import type { NewDelivery } from '../log/contract.ts'
import { type DispatcherOptions, readOptions, type Settings } from './options.ts'
import type { DispatcherStats } from './records.ts'
import { attemptAt, tell } from './send.ts'
import { createWorker } from './worker.ts'

/** Sends deliveries out of a log, with retries. */
export interface Dispatcher {
  /**
   * Logs a delivery, to be sent by whichever dispatcher on the log comes first. Once this has resolved, the log has it.
   *
   * @returns `duplicate` if the endpoint has had a delivery with this id already; nothing is sent for it again.
   * @throws {WebhookError} `invalid_input` for a delivery that makes no sense.
   */
  enqueue(delivery: NewDelivery): Promise<'enqueued' | 'duplicate'>
  /** Begins to send. */
  start(): void
  /** Begins no further attempt, and waits for those that are running, at most `timeoutMs` (30 s by default). What is left waits in the log. */
  drain(options?: { readonly timeoutMs?: number | undefined }): Promise<void>
  /**
   * Makes one attempt now, whatever has become of the delivery and also at a disabled endpoint: with the same id and the current secrets.
   * It changes nothing about the endpoint. A success marks the delivery as delivered.
   *
   * @throws {WebhookError} `unknown_delivery` if the log does not have it, or no longer.
   */
  replay(endpointId: string, deliveryId: string): Promise<Attempt>
  /** Lets a disabled endpoint be sent to again. False if it was not disabled. */
  enable(endpointId: string): Promise<boolean>
  /** Counts, for metrics. The log reads all its deliveries for this, so ask every few seconds at most. */
  stats(): Promise<DispatcherStats>
}

/**
 * Makes a dispatcher: a worker that takes deliveries out of a log and tries each until it is delivered or dead. Any number of them, in as
 * many processes, may share a log in a database. A delivery is sent at least once, and mostly once: a worker that dies after the endpoint
 * has answered leaves it to another, which sends it again under the same id.
 *
 * @param options The sender and the log; all others have defaults.
 * @throws {WebhookError} `invalid_option` if an option makes no sense.
 *
 * @example
 * ```ts
 * const dispatcher = createDispatcher({ sender: createWebhookSender(), log: memoryDeliveryLog(), onAttempt: (attempt) => logger.info(attempt) })
 * dispatcher.start()
 * await dispatcher.enqueue({ endpoint, deliveryId: 'evt_1', event: 'stream.created', body: '{"amount":"1.50"}' })
 * process.once('SIGTERM', () => dispatcher.drain({ timeoutMs: 20_000 }))
 * ```
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const settings = readOptions(options)
  const worker = createWorker(settings)
  const { log, nowMs } = settings
  return Object.freeze({
    async enqueue(delivery: NewDelivery) {
      const answer = await log.enqueue(toLog(settings, delivery), nowMs())
      worker.wake()
      return answer
    },
    start: worker.start,
    async drain({ timeoutMs }: { readonly timeoutMs?: number | undefined } = {}) {
      await worker.drain(readNumber('timeoutMs', timeoutMs, 30_000, 0, 86_400_000))
    },
    replay: (endpointId: string, deliveryId: string) => replay(settings, endpointId, deliveryId),
    enable: (endpointId: string) => log.enableEndpoint(endpointId),
    async stats() {
      return { inFlight: worker.inFlight(), ...(await log.counts(nowMs())) }
    },
  })
}

/** Where endpoints are looked up, the log gets no more than the id. */
function toLog({ endpoints }: Settings, delivery: NewDelivery): NewDelivery {
  const { endpoint, ...rest } = Object(delivery) as NewDelivery
  if (endpoints) return { ...rest, endpoint: { id: Object(endpoint).id } }
  if (typeof Object(endpoint).url === 'string') return { ...rest, endpoint }
  throw invalidOption('endpoint', 'an endpoint with url and secrets, since the dispatcher has no option endpoints')
}

async function replay(settings: Settings, endpointId: string, deliveryId: string): Promise<Attempt> {
  const { log, nowMs, sender } = settings
  const found = await log.find(endpointId, deliveryId)
  if (!found) throw new WebhookError('unknown_delivery', 'The log has no such delivery, or no longer.')
  // The last attempt that the schedule has: there is none after it.
  const made = await attemptAt(settings, found, sender.maxAttempts ?? 1)
  const attempt = { ...made, attempt: found.attempt + 1 }
  if (attempt.outcome === 'delivered') await log.markDelivered(endpointId, deliveryId, nowMs())
  tell(settings, found, attempt, true)
  return attempt
}
