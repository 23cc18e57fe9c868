import { createReorgState, type Ledger, type ReorgEvent, stepReorg } from '@fluxora/verify/reorg'

interface Database {
  state: string
  rows: Map<number, Ledger>
  all(sql: string): { sequence: number; hash: string }[]
}

const emptyDatabase = (): Database => ({
  state: JSON.stringify(createReorgState()),
  rows: new Map(),
  all() {
    return [...this.rows.values()].sort((one, other) => one.sequence - other.sequence)
  },
})

const startIndexer = (database: Database) => ({
  ingest(event: ReorgEvent): void {
    const { state, effects } = stepReorg(JSON.parse(database.state), event)
    for (const effect of effects) {
      if (effect.type === 'rollback') for (const { sequence } of effect.undo) database.rows.delete(sequence)
      if (effect.type === 'apply' || effect.type === 'late') database.rows.set(effect.ledger.sequence, effect.ledger)
    }
    database.state = JSON.stringify(state)
  },
})
//// block
