// A dedupe store that answers in time or not at all: one that hangs must not hold up the answer to a sender.

import type { DedupeStore } from '../../stores/contract.ts'
import { inTime } from './in-time.ts'

/**
 * The same store, but a call that takes too long rejects. A claim that comes too late is given back, so that the sender's next attempt
 * need not wait for its lease; not so a claim in the caller's own transaction, which may be over by then.
 */
export function timely(store: DedupeStore, timeoutMs: number, releasesLate: boolean): DedupeStore {
  const answered = <T>(answer: Promise<T>, onLate?: (answer: T) => unknown): Promise<T> =>
    inTime(Promise.resolve(answer), timeoutMs, 'The dedupe store', onLate)
  const { extend } = store
  return {
    claim: async (request) =>
      answered(store.claim(request), (answer) =>
        releasesLate && answer.status === 'claimed' ? store.release(answer.claim) : undefined,
      ),
    commit: async (held, retentionMs) => answered(store.commit(held, retentionMs)),
    release: async (held) => answered(store.release(held)),
    ...(extend ? { extend: async (held, leaseMs) => answered(extend.call(store, held, leaseMs)) } : {}),
  }
}
