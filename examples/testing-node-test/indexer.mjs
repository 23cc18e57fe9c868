// A ledger indexer that carries out the effects of stepReorg. `store` plays the part of a database.

import { createReorgState, stepReorg } from '@fluxora/verify/reorg'

/** @typedef {import('@fluxora/verify/reorg').Ledger} Ledger */

/** @returns {{ state: string, rows: Map<number, Ledger> }} */
export function createStore() {
  return { state: JSON.stringify(createReorgState()), rows: new Map() }
}

/** @param {ReturnType<typeof createStore>} store */
export function createIndexer(store) {
  return {
    /** @param {import('@fluxora/verify/reorg').ReorgEvent} event */
    take(event) {
      const { state, effects } = stepReorg(JSON.parse(store.state), event)
      // In a real database, this is one transaction.
      for (const effect of effects) {
        if (effect.type === 'rollback') for (const { sequence } of effect.undo) store.rows.delete(sequence)
        if (effect.type === 'apply' || effect.type === 'late') store.rows.set(effect.ledger.sequence, effect.ledger)
      }
      store.state = JSON.stringify(state)
    },
    ledgers: () => [...store.rows.values()].sort((one, other) => one.sequence - other.sequence),
  }
}
