// What only an operator may do: make the tracker forget the chain, or have the content of ledgers derived again.

import { accept, type ReorgStep, reject } from './answer.ts'
import { emptyState } from './create-state.ts'
import { pushSafe, type ReorgEffect, warning } from './effects.ts'
import { sequenceOf } from './ledger.ts'
import type { ReorgState } from './state.ts'
import { ledgerAtOrBelow, ledgersFrom } from './window.ts'

/** Forgets the chain, and begins a new epoch. */
export function stepReset(state: ReorgState, reason: string): ReorgStep {
  const { tip, window } = state
  const ledger = tip?.sequence ?? null
  const existingHash = tip?.hash ?? null
  const effects: ReorgEffect[] = [
    warning('RESET', { ledger, existingHash, incomingHash: null, depth: window.size, reason }),
  ]
  if (tip) effects.push({ type: 'rollback', to: null, undo: ledgersFrom(window, 0).reverse(), all: true })
  pushSafe(effects, state.lastSafeLedger, 0)
  return accept(emptyState(state.config, state.epoch + 1, state.counts), 'RESET', effects)
}

/**
 * Undoes and applies the ledgers from a height up. The chain stays as it is, so the state does too. Ledgers above the range are applied
 * again as well, because their content may build on it.
 */
export function stepReplay(state: ReorgState, from: number, to: number): ReorgStep {
  const { tip, window } = state
  if (!ledgerAtOrBelow(window, from) || to > sequenceOf(tip)) {
    return reject(state, 'OUT_OF_RANGE', 'from and to must be within the ledgers that are held.')
  }
  const ledgers = ledgersFrom(window, from)
  let after = ledgerAtOrBelow(window, from - 1)?.sequence ?? window.forgotten
  const effects: ReorgEffect[] = [{ type: 'rollback', to: after, undo: [...ledgers].reverse() }]
  for (const ledger of ledgers) {
    effects.push({ type: 'apply', ledger, after })
    after = ledger.sequence
  }
  return accept(state, 'REPLAY', effects)
}
