// One claimed delivery, from the endpoint's look-up to the log's answer.

import type { Attempt, Endpoint } from '../delivery.ts'
import type { ClaimedDelivery, LoggedDelivery, Settled, Settlement } from '../log/contract.ts'
import type { Settings } from './options.ts'
import { boundOwnFaults, settlementOf } from './settlement.ts'

/** How long an endpoint's look-up may take. */
const LOOK_UP_MS = 5_000
/** How soon an attempt is tried again for which there was no endpoint. */
const OWN_FAULT_DELAY_MS = 5_000
const LONGEST_PAUSE_MS = 1_000

/** Sends a delivery, settles it, and tells of it. Never rejects. */
export async function sendClaimed(settings: Settings, claimed: ClaimedDelivery): Promise<Attempt> {
  const startedAt = performance.now()
  const made = await makeAttempt(settings, claimed, claimed.attempt)
  const attempt = boundOwnFaults(made, claimed.ownFaults)
  const settlement = settlementOf(attempt, claimed, settings.disableAfterMs)
  const { change } = await settle(settings, claimed, settlement, startedAt + settings.leaseMs)
  tell(settings, claimed, attempt, false)
  if (change) {
    const { endpointId } = claimed
    settings.onEndpoint({ endpointId, state: change.state, reason: attempt.reason, since: change.sinceMs / 1000 })
  }
  return attempt
}

/** Makes an attempt, unless the endpoint is disabled or no more. Never rejects. */
async function makeAttempt(settings: Settings, claimed: ClaimedDelivery, number: number): Promise<Attempt> {
  const { disabledReason } = claimed
  if (disabledReason) return { outcome: 'dead', reason: disabledReason, durationMs: 0, attempt: number }
  return attemptAt(settings, claimed, number)
}

/** Makes one attempt at a delivery, disabled or not. Never rejects. */
export async function attemptAt(settings: Settings, delivery: LoggedDelivery, number: number): Promise<Attempt> {
  const { deliveryId, event, body } = delivery
  try {
    const endpoint = await findEndpoint(settings, delivery)
    if (!endpoint) return { outcome: 'dead', reason: 'gone', durationMs: 0, attempt: number }
    return await settings.sender.attempt({ endpoint, deliveryId, event, body, attempt: number })
  } catch (error) {
    settings.onError(error)
    const outcome = { outcome: 'not_counted', reason: 'own_fault', delayMs: OWN_FAULT_DELAY_MS } as const
    return { ...outcome, durationMs: 0, attempt: number }
  }
}

async function findEndpoint({ endpoints }: Settings, delivery: LoggedDelivery): Promise<Endpoint | undefined> {
  const { endpointId, endpoint } = delivery
  if (!endpoints) {
    if (endpoint) return endpoint
    throw new Error(`Only the id of the endpoint ${endpointId} was logged. The dispatcher needs the option endpoints.`)
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`endpoints did not answer within ${LOOK_UP_MS} ms.`)), LOOK_UP_MS)
  })
  try {
    const found = await Promise.race([endpoints(endpointId), late])
    return found && { ...found, id: endpointId }
  } finally {
    clearTimeout(timer)
  }
}

/** Writes down how a delivery ended, for as long as it is ours: what cannot be written down is sent once more. */
export async function settle(
  { log, nowMs, onError }: Settings,
  claimed: ClaimedDelivery,
  settlement: Settlement,
  until: number,
): Promise<Settled> {
  for (let pauseMs = 20; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await log.settle(claimed, { ...settlement, nowMs: nowMs() })
    } catch (error) {
      onError(error)
      if (performance.now() + pauseMs > until) return { isSettled: false }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

/** Tells `onAttempt`: of the answer no more than its status. */
export function tell(settings: Settings, delivery: LoggedDelivery, attempt: Attempt, isReplay: boolean): void {
  const { response: _, ...facts } = attempt
  const { endpointId, deliveryId, event } = delivery
  settings.onAttempt({ endpointId, deliveryId, event, isReplay, ...facts })
}
