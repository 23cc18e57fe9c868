/**
 * The state machine: one event in, the next state and its effects out. Synchronous, total, no clock, no I/O.
 *
 * @module
 */
import { type ReorgStep, refuse } from './effects.ts'
import { stepFinalized } from './finality.ts'
import { stepLedgers } from './ledgers.ts'
import { stepReplay, stepReset } from './operator.ts'
import type { ReorgState } from './state.ts'
import { type ReorgEvent, readEvent } from './validate.ts'

/**
 * Takes one event into the state.
 *
 * Never throws and never mutates, whatever it is given as an event: what is no event is `INVALID` with a reason and the very
 * same state. An event is taken whole or not at all. Store `state` and carry out `effects` in one transaction; if the process
 * dies before that, the same step gives the same answer again.
 *
 * Trusted for: nothing beyond the window. A ledger inside the finality depth that comes with another hash undoes ours and what
 * stands on it; at or below `finalizedLedger` it is refused, latched into health, and nothing is undone.
 *
 * @example
 * ```ts
 * const { code, status, state, effects } = stepReorg(previous, { type: 'ledgers', ledgers: page, source: 'horizon-1' })
 * for (const effect of effects) {
 *   if (effect.type === 'rollback') for (const ledger of effect.undo) await remove(ledger)
 *   if (effect.type === 'apply' || effect.type === 'late') await insert(effect.ledger)
 * }
 * ```
 */
export function stepReorg(state: ReorgState, event: ReorgEvent): ReorgStep {
  const read = readEvent(event, state.config)
  if (typeof read === 'string') return refuse(state, 'INVALID', read)
  switch (read.type) {
    case 'ledgers':
      return stepLedgers(state, read.ledgers, read.source)
    case 'finalized':
      return stepFinalized(state, read.point)
    default:
      if (!read.operator) return refuse(state, 'FORBIDDEN', 'actor, reason: an operator must give a reason')
      return read.type === 'reset' ? stepReset(state, read.reason) : stepReplay(state, read.from, read.to)
  }
}
