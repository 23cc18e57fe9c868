// How the checks talk to the log under test. The time is passed in, so nothing has to be waited for.

import type {
  ClaimedDelivery,
  ClaimOptions,
  DeliveryLog,
  NewDelivery,
  Settled,
  Settlement,
} from '../../../sender/log/contract.ts'

/** One promise, as a test of an empty log. */
export type Check = (log: DeliveryLog) => Promise<void>

/** When every check begins, in milliseconds since 1970. */
export const START = 1_710_000_000_000
export const SECOND = 1000
export const LEASE = 30_000
export const DAY = 86_400_000

/** A delivery to an endpoint whose id alone is logged. */
export function delivery(endpointId: string, deliveryId: string): NewDelivery {
  return { endpoint: { id: endpointId }, deliveryId, event: 'stream.created', body: '{"amount":"1.50"}' }
}

/** Enqueues deliveries that are new to the log, a millisecond after one another. */
export async function enqueueAll(
  log: DeliveryLog,
  endpointId: string,
  ids: readonly string[],
  at: number = START,
): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const answer = await log.enqueue(delivery(endpointId, id), at + index)
    expectEqual(answer, 'enqueued', 'enqueue() of a new delivery must return')
  }
}

/** Claims, with plenty of room where nothing else is said. */
export function claim(
  log: DeliveryLog,
  nowMs: number,
  options: Partial<ClaimOptions> = {},
): Promise<readonly ClaimedDelivery[]> {
  const room = { limit: 100, leaseMs: LEASE, perEndpoint: 100, failingLimit: 100, busy: new Map<string, number>() }
  return log.claim({ ...room, nowMs, ...options })
}

/** Claims the one delivery that is due. */
export async function claimOne(log: DeliveryLog, nowMs: number, what: string): Promise<ClaimedDelivery> {
  const claimed = await claim(log, nowMs)
  const [first] = claimed
  if (!first || claimed.length > 1) throw new Error(`claim() must give ${what}, but it gave ${idsOf(claimed)}.`)
  return first
}

export async function expectNothing(log: DeliveryLog, nowMs: number, when: string): Promise<void> {
  const claimed = await claim(log, nowMs)
  if (claimed.length > 0) throw new Error(`claim() must give nothing ${when}, but it gave ${idsOf(claimed)}.`)
}

/** Settles a claim; by default as delivered, by a healthy endpoint. */
export function settle(
  log: DeliveryLog,
  claimed: ClaimedDelivery,
  nowMs: number,
  more: Partial<Settlement> = {},
): Promise<Settled> {
  const result = { state: 'delivered', reason: 'ok', health: 'up', delayMs: 0, ownFaults: 0 } as const
  return log.settle(claimed, { ...result, attempt: claimed.attempt, disableAfterMs: 5 * DAY, nowMs, ...more })
}

/** Settles a claim as failed, to be tried again at once. */
export function fail(
  log: DeliveryLog,
  claimed: ClaimedDelivery,
  nowMs: number,
  more: Partial<Settlement> = {},
): Promise<Settled> {
  return settle(log, claimed, nowMs, { state: 'pending', reason: 'http_status', health: 'down', ...more })
}

export function idsOf(claimed: readonly ClaimedDelivery[]): string {
  return JSON.stringify(claimed.map(({ deliveryId }) => deliveryId).sort())
}

/** Compares by JSON. `must` begins the sentence: "claim() must give". */
export function expectEqual(actual: unknown, expected: unknown, must: string): void {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (seen !== wanted) throw new Error(`${must} ${wanted}, but the log gave ${seen}.`)
}
