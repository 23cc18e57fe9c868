// What an attempt means for its delivery and for its endpoint. Pure.

import type { Attempt, AttemptReason } from '../delivery.ts'
import type { ClaimedDelivery, Settlement } from '../log/contract.ts'

/** With the delays below, about a day. After that, something is wrong that waiting does not cure. */
const MOST_OWN_FAULTS = 32
const LONGEST_OWN_FAULT_DELAY_MS = 3_600_000

/** Failures that say nothing of the endpoint. */
const NOT_THE_ENDPOINT: ReadonlySet<AttemptReason> = /* @__PURE__ */ new Set<AttemptReason>([
  'own_fault',
  'exhausted',
  'payload_too_large',
])

/**
 * Bounds attempts that are not counted: each waits twice as long as the one before, up to an hour, and the last one ends the delivery. A
 * name server that answers SERVFAIL for ever looks just like one of our own that is down.
 */
export function boundOwnFaults(attempt: Attempt, ownFaultsBefore: number): Attempt {
  if (attempt.outcome !== 'not_counted') return attempt
  if (ownFaultsBefore + 1 >= MOST_OWN_FAULTS) {
    const { delayMs: _, ...rest } = attempt
    return { ...rest, outcome: 'dead' }
  }
  const delayMs = Math.min((attempt.delayMs ?? 0) * 2 ** ownFaultsBefore, LONGEST_OWN_FAULT_DELAY_MS)
  return { ...attempt, delayMs }
}

/** @param attempt Bounded by {@link boundOwnFaults}. */
export function settlementOf(attempt: Attempt, claimed: ClaimedDelivery, disableAfterMs: number): Settlement {
  const isCounted = attempt.outcome !== 'not_counted'
  const base = { reason: attempt.reason, delayMs: attempt.delayMs ?? 0, disableAfterMs, health: healthOf(attempt) }
  if (!isCounted) {
    return { ...base, state: 'pending', attempt: claimed.attempt - 1, ownFaults: claimed.ownFaults + 1 }
  }
  const state = attempt.outcome === 'retry' ? 'pending' : attempt.outcome
  return { ...base, state: state as Settlement['state'], attempt: claimed.attempt, ownFaults: 0 }
}

/** For a delivery that was claimed and not sent: as if it had never been claimed. */
export function givenBack({ attempt, ownFaults }: ClaimedDelivery): Settlement {
  const unchanged = { reason: undefined, health: 'unchanged', disableAfterMs: 0 } as const
  return { ...unchanged, state: 'pending', delayMs: 0, attempt: attempt - 1, ownFaults }
}

function healthOf({ outcome, reason }: Attempt): Settlement['health'] {
  if (outcome === 'delivered') return 'up'
  if (reason === 'gone') return 'gone'
  if (NOT_THE_ENDPOINT.has(reason)) return 'unchanged'
  return 'down'
}
