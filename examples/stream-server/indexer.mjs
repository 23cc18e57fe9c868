// The chain side: a provider sends ledgers, the tracker decides what they mean, and its effects update the records.

import { assessHealth, createReorgState, stepReorg } from '@fluxora/verify/reorg'

/**
 * @param {() => number} now Unix seconds
 */
export function createIndexer(now) {
  let state = createReorgState()
  /** @type {number | null} */
  let lastSyncAt = null
  /** The consumer's own table. Here it is a list; in a database, write the rows in the same transaction as the state. */
  const records = /** @type {import('@fluxora/verify/reorg').Ledger[]} */ ([])
  let isDatabaseDown = false

  /** @param {import('@fluxora/verify/reorg').Ledger} ledger */
  function insert(ledger) {
    records.push(ledger)
    records.sort((one, other) => one.sequence - other.sequence)
  }

  /** @param {import('@fluxora/verify/reorg').Ledger} ledger */
  function remove({ hash }) {
    records.splice(
      records.findIndex((known) => known.hash === hash),
      1,
    )
  }

  return {
    /**
     * Takes one batch from a provider and returns the answer to it.
     *
     * @param {unknown} body
     */
    ingest(body) {
      if (isDatabaseDown)
        return { status: 503, error: { code: 'SERVICE_UNAVAILABLE', message: 'The store is unavailable.' } }
      const { ledgers } = /** @type {{ ledgers?: never }} */ (Object(body))
      const step = stepReorg(state, { type: 'ledgers', ledgers: ledgers ?? [] })
      if (!step.ok) {
        // Nothing is undone, but the state remembers a conflict, and /health shows it.
        state = step.state
        return { status: step.status, error: { code: step.code, message: step.reason ?? step.code } }
      }
      for (const effect of step.effects) {
        if (effect.type === 'rollback') for (const ledger of effect.undo) remove(ledger)
        // A late ledger belongs between others, so the records are sorted by height.
        if (effect.type === 'apply' || effect.type === 'late') insert(effect.ledger)
      }
      state = step.state
      lastSyncAt = now() * 1000
      return { status: step.status, value: { code: step.code, lastSafeLedger: state.lastSafeLedger } }
    },
    health: () =>
      assessHealth(state, { now: now() * 1000, lastSyncAt, enabled: lastSyncAt !== null, service: 'stream-server' }),
    chain: () => records.map(({ hash }) => hash),
    /** @param {boolean} isDown */
    setDatabaseDown(isDown) {
      isDatabaseDown = isDown
    },
  }
}
