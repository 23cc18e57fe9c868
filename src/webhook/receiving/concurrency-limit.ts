// Which genuine deliveries are handled: as many at a time as may be, each by the store that it is claimed in, in a transaction or not.

import type { DedupeStore } from '../../stores/contract.ts'
import { refuse } from '../codes.ts'
import { type ReceiverSettings, readStore } from '../receiver-options.ts'
import { handleOnce, type Job } from './handle-once.ts'
import type { Identify } from './identity.ts'
import { aborted, type Outcome, refused } from './outcome.ts'
import { timely } from './timely-store.ts'
import { runInside } from './transaction.ts'

/** `dedupe` stands in the place of the receiver's own store. */
export type Admit = (job: Job, dedupe: DedupeStore | undefined) => Promise<Outcome>

export function admission(settings: ReceiverSettings, identify: Identify): Admit {
  const { maxConcurrent, storeTimeoutMs, transaction } = settings
  // The default store lives in this process and answers at once; any other one may hang.
  const usualStore = settings.isOwnStore ? settings.store : timely(settings.store, storeTimeoutMs, true)
  let active = 0

  function handle(job: Job, dedupe: DedupeStore | undefined): Promise<Outcome> {
    if (!transaction) {
      return handleOnce(settings, identify, dedupe ? timely(dedupe, storeTimeoutMs, false) : usualStore, job)
    }
    return runInside(transaction, job, (store, given) =>
      handleOnce(settings, identify, timely(readStore(store, 'run'), storeTimeoutMs, false), job, {
        transaction: given,
      }),
    )
  }

  return async (job, dedupe) => {
    const { delivery, signal } = job
    if (active >= maxConcurrent) {
      return refused(refuse('overloaded', 'Too many deliveries are being handled.'), delivery)
    }
    if (transaction && signal?.aborted) return refused(aborted(), delivery)
    active++
    try {
      return await handle(job, dedupe)
    } finally {
      active--
    }
  }
}
