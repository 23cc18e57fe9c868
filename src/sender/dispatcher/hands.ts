// The attempts that a worker is making, and how many more it could.

import type { Attempt } from '../delivery.ts'
import type { ClaimedDelivery, ClaimOptions } from '../log/contract.ts'
import type { Settings } from './options.ts'
import { sendClaimed } from './send.ts'

export interface Hands {
  /** Sends a delivery; its attempt has ended when `onDone` is called. */
  send(claimed: ClaimedDelivery): void
  /** What could be claimed now. */
  room(): Pick<ClaimOptions, 'limit' | 'failingLimit' | 'busy'>
  inFlight(): number
  /** Resolves when all attempts have ended that are running now. */
  idle(): Promise<unknown>
}

export function createHands(settings: Settings, onDone: (attempt: Attempt) => void): Hands {
  const { concurrency } = settings
  const busy = new Map<string, number>()
  const running = new Set<Promise<void>>()
  let failing = 0

  function hold({ endpointId, isFailing }: ClaimedDelivery, change: 1 | -1): void {
    const held = (busy.get(endpointId) ?? 0) + change
    if (held > 0) busy.set(endpointId, held)
    else busy.delete(endpointId)
    if (isFailing) failing += change
  }

  return {
    send(claimed) {
      hold(claimed, 1)
      const done = sendClaimed(settings, claimed).then((attempt) => {
        hold(claimed, -1)
        running.delete(done)
        onDone(attempt)
      })
      running.add(done)
    },
    room() {
      // For failing endpoints at least one, or a worker with a single hand would never try them again.
      const failingLimit = Math.max(1, Math.floor(concurrency / 2)) - failing
      return { limit: concurrency - running.size, failingLimit, busy: new Map(busy) }
    },
    inFlight: () => running.size,
    idle: () => Promise.all(running),
  }
}
