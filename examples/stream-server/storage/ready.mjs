// What both storages share: their one kind of failure, and tables that are made before the first use.

/** The storage did not answer. The caller gets a 503, and may try again. */
export class StorageError extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super('The storage is unavailable.', { cause })
    this.name = 'StorageError'
  }
}

/**
 * Runs something once, before the first use; if it fails, the next use tries again.
 *
 * @param {() => Promise<void>} run
 */
export function once(run) {
  /** @type {Promise<void> | undefined} */
  let running
  return () => {
    running ??= run().catch((error) => {
      running = undefined
      throw new StorageError(error)
    })
    return running
  }
}

/**
 * A dedupe store whose tables are made before its first use.
 *
 * @param {import('@fluxora/verify').DedupeStore} store
 * @param {() => Promise<void>} ready
 * @returns {import('@fluxora/verify').DedupeStore}
 */
export function withTables(store, ready) {
  return {
    claim: (request) => ready().then(() => store.claim(request)),
    commit: (claim, retentionMs) => store.commit(claim, retentionMs),
    release: (claim) => store.release(claim),
    extend: (claim, leaseMs) => store.extend?.(claim, leaseMs) ?? Promise.resolve(false),
  }
}
