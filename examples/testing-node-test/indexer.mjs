// An indexer of a ledger: what it holds is what the effects of stepReorg say. `store` stands for a database.

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
      // One transaction, in a database.
      for (const effect of effects) {
        if (effect.type === 'rollback') for (const { sequence } of effect.undo) store.rows.delete(sequence)
        if (effect.type === 'apply' || effect.type === 'late') store.rows.set(effect.ledger.sequence, effect.ledger)
      }
      store.state = JSON.stringify(state)
    },
    ledgers: () => [...store.rows.values()].sort((one, other) => one.sequence - other.sequence),
  }
}
