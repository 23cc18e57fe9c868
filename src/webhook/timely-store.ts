// A dedupe store that answers in time or not at all: one that hangs must not hold up the answer to a sender.

import type { DedupeStore } from './dedupe.ts'

/**
 * The same store, but a call that takes too long rejects. A claim that comes too late is given back, so that the sender's next attempt
 * need not wait for its lease; not so a claim in the caller's own transaction, which may be over by then.
 */
export function timely(store: DedupeStore, timeoutMs: number, releasesLate: boolean): DedupeStore {
  async function inTime<T>(answer: Promise<T>, onLate?: (answer: T) => unknown): Promise<T> {
    let isLate = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isLate = true
        reject(new Error(`The dedupe store did not answer within ${timeoutMs} ms.`))
      }, timeoutMs)
    })
    // After the race nobody listens any more: what comes late must not turn up as an unhandled rejection.
    answer.then((value) => isLate && onLate?.(value)).catch(() => {})
    try {
      return await Promise.race([answer, tooLate])
    } finally {
      clearTimeout(timer)
    }
  }

  const { extend } = store
  return {
    claim: async (request) =>
      inTime(Promise.resolve(store.claim(request)), (answer) =>
        releasesLate && answer.status === 'claimed' ? store.release(answer.claim) : undefined,
      ),
    commit: async (held, retentionMs) => inTime(Promise.resolve(store.commit(held, retentionMs))),
    release: async (held) => inTime(Promise.resolve(store.release(held))),
    ...(extend ? { extend: async (held, leaseMs) => inTime(Promise.resolve(extend.call(store, held, leaseMs))) } : {}),
  }
}
