import { expect } from 'vitest'
import { createReorgState, type Ledger, type ReorgEvent, stepReorg } from '@fluxora/verify/reorg'

function createIndexer() {
  let state = createReorgState()
  const rows = new Map<number, Ledger>()
  return {
    take(event: ReorgEvent): void {
      const step = stepReorg(state, event)
      for (const effect of step.effects) {
        if (effect.type === 'rollback') for (const { sequence } of effect.undo) rows.delete(sequence)
        if (effect.type === 'apply' || effect.type === 'late') rows.set(effect.ledger.sequence, effect.ledger)
      }
      state = step.state
    },
    ledgers: () => [...rows.values()].sort((one, other) => one.sequence - other.sequence),
  }
}
//// block
