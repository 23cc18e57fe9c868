// A dedupe store whose calls time out, so that one that hangs cannot delay the answer to the sender.

import type { Claim, ClaimResult, DedupeStore } from '../../stores/contract.ts'
import { withTimeout } from './timeout.ts'

/** What to do with a claim that the store grants after its timeout. */
export type LateClaim =
  /** Give it back, so that the sender's next attempt need not wait until its lease runs out. */
  | 'release'
  /** Leave it alone: the store is in the application's own transaction, which may be over by then. */
  | 'ignore'

/** The same store, but a call that takes longer than `timeoutMs` rejects. */
export function withStoreTimeout(store: DedupeStore, timeoutMs: number, lateClaim: LateClaim): DedupeStore {
  const limit = <T>(answer: Promise<T>, onLate?: (answer: T) => unknown): Promise<T> =>
    withTimeout(Promise.resolve(answer), timeoutMs, 'The dedupe store', onLate)
  const releaseLate = async (result: ClaimResult): Promise<void> => {
    if (lateClaim === 'release' && result.status === 'claimed') await store.release(result.claim)
  }
  const limited: DedupeStore = {
    claim: async (request) => limit(store.claim(request), releaseLate),
    commit: async (claim, retentionMs) => limit(store.commit(claim, retentionMs)),
    release: async (claim) => limit(store.release(claim)),
  }
  const { extend } = store
  if (!extend) return limited
  return { ...limited, extend: async (claim: Claim, leaseMs: number) => limit(extend.call(store, claim, leaseMs)) }
}
