/**
 * What only an operator may do: forget the chain, or have its content derived anew.
 *
 * @module
 */
import { accept, type ReorgEffect, type ReorgStep, refuse, type WarnEffect } from './effects.ts'
import { emptyState, type ReorgState } from './state.ts'
import { ledgerAtOrBelow, ledgersFrom, oldestLedger } from './window.ts'

export function stepReset(state: ReorgState, reason: string): ReorgStep {
  const { tip } = state
  const warn: WarnEffect = {
    type: 'warn',
    level: 'WARN',
    code: 'RESET',
    ledger: tip?.sequence ?? null,
    existingHash: tip?.hash ?? null,
    incomingHash: null,
    depth: state.window.size,
    reason,
  }
  const effects: ReorgEffect[] = [warn]
  if (tip) effects.push({ type: 'rollback', to: null, undo: ledgersFrom(state.window, 0).reverse(), all: true })
  if (state.lastSafeLedger > 0)
    effects.push({ type: 'safe', sequence: 0, previous: state.lastSafeLedger, wentBack: true })
  return accept(emptyState(state.config, state.epoch + 1, state.counts), 'RESET', effects)
}

/**
 * The chain stays as it is, so the state does too: the content of the ledgers is what changes. What stands above the range is
 * undone and applied again as well, because its content may have been built on it.
 */
export function stepReplay(state: ReorgState, from: number, to: number): ReorgStep {
  const oldest = oldestLedger(state.window)
  if (!oldest || !state.tip || from < oldest.sequence || to > state.tip.sequence) {
    return refuse(state, 'OUT_OF_RANGE', 'from, to: only ledgers that are held can be replayed')
  }
  const ledgers = ledgersFrom(state.window, from)
  let after = ledgerAtOrBelow(state.window, from - 1)?.sequence ?? state.window.forgotten
  const effects: ReorgEffect[] = [{ type: 'rollback', to: after, undo: ledgers.slice().reverse() }]
  for (const ledger of ledgers) {
    effects.push({ type: 'apply', ledger, after })
    after = ledger.sequence
  }
  return accept(state, 'REPLAY', effects)
}
