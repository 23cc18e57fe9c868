// Chooses the store that a genuine delivery is claimed in: the receiver's own, the call's, or one in a transaction of the application's.

import type { DedupeStore } from '../../stores/contract.ts'
import { type HandlingTerms, handleOnce, type Job } from './handle-once.ts'
import type { Identify } from './identity.ts'
import type { Outcome } from './outcome.ts'
import { type ReceiverSettings, readStore } from './settings.ts'
import { withStoreTimeout } from './store-timeout.ts'
import { handleInTransaction } from './transaction.ts'

/** Handles a delivery once. `dedupe` replaces the receiver's store for this call. */
export type Deduplicate = (job: Job, dedupe: DedupeStore | undefined) => Promise<Outcome>

export function deduplicator(settings: ReceiverSettings, identify: Identify): Deduplicate {
  const { storeTimeoutMs, transaction } = settings
  if (transaction) {
    return (job) =>
      handleInTransaction(transaction, job, (given, context) => {
        const store = withStoreTimeout(readStore(given, 'run'), storeTimeoutMs, 'ignore')
        return handleOnce({ settings, identify, store, transaction: { context } }, job)
      })
  }
  const usual: HandlingTerms = { settings, identify, store: usualStore(settings) }
  return (job, dedupe) => {
    if (!dedupe) return handleOnce(usual, job)
    return handleOnce({ settings, identify, store: withStoreTimeout(dedupe, storeTimeoutMs, 'ignore') }, job)
  }
}

/** The default store is in this process and answers at once; any other may hang. */
function usualStore({ store, isDefaultStore, storeTimeoutMs }: ReceiverSettings): DedupeStore {
  return isDefaultStore ? store : withStoreTimeout(store, storeTimeoutMs, 'release')
}
