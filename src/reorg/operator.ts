/**
 * What only an operator may do: forget the chain, or have its content derived anew.
 *
 * @module
 */
import { accept, pushSafe, type ReorgEffect, type ReorgStep, refuse, warning } from './effects.ts'
import { emptyState, type ReorgState } from './state.ts'
import { type Ledger, ledgerAtOrBelow, truncateFrom } from './window.ts'

export function stepReset(state: ReorgState, reason: string): ReorgStep {
  const { tip, window } = state
  const ledger = tip?.sequence ?? null
  const existingHash = tip?.hash ?? null
  const effects: ReorgEffect[] = [
    warning('RESET', { ledger, existingHash, incomingHash: null, depth: window.size, reason }),
  ]
  if (tip) effects.push({ type: 'rollback', to: null, undo: truncateFrom(window, 0)[1], all: true })
  pushSafe(effects, state.lastSafeLedger, 0)
  return accept(emptyState(state.config, state.epoch + 1, state.counts), 'RESET', effects)
}

/**
 * The chain stays as it is, so the state does too: the content of the ledgers is what changes. What stands above the range is
 * undone and applied again as well, because its content may have been built on it.
 */
export function stepReplay(state: ReorgState, from: number, to: number): ReorgStep {
  const { tip, window } = state
  if (!ledgerAtOrBelow(window, from) || to > (tip as Ledger).sequence) {
    return refuse(state, 'OUT_OF_RANGE', 'from, to: must be held')
  }
  const [, undo] = truncateFrom(window, from)
  let after = ledgerAtOrBelow(window, from - 1)?.sequence ?? window.forgotten
  const effects: ReorgEffect[] = [{ type: 'rollback', to: after, undo }]
  for (const ledger of [...undo].reverse()) {
    effects.push({ type: 'apply', ledger, after })
    after = ledger.sequence
  }
  return accept(state, 'REPLAY', effects)
}
