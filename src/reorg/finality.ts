/**
 * Finality told from outside: a consensus client's `finalized` tag, a bridge, an operator's second source.
 *
 * @module
 */
import { stepConflict } from './conflict.ts'
import { accept, type ReorgEffect, type ReorgStep } from './effects.ts'
import { judgeFinality, moveFinality } from './settle.ts'
import { change, type FinalityPoint, type ReorgState, type StateDraft } from './state.ts'
import { ledgerAt } from './window.ts'

export function stepFinalized(state: ReorgState, point: FinalityPoint): ReorgStep {
  const { sequence } = point
  const verdict = judgeFinality(state, point)
  if (typeof verdict === 'string')
    return stepConflict(state, 'FINALITY_CONFLICT', sequence, verdict, point.hash as string)
  if (sequence <= state.finalizedLedger) return accept(state, 'IGNORED', [])
  // Without a hash, a ledger that is held is taken to be the one that is meant.
  if (verdict || ledgerAt(state.window, sequence)) {
    const effects: ReorgEffect[] = []
    const next: StateDraft = { ...state }
    moveFinality(next, sequence, effects)
    return accept(next, 'FINALIZED', effects)
  }
  // The latest word replaces the one before, so that a wild one does not keep its place.
  return accept(change(state, 'deferred', point), 'DEFERRED', [], 202)
}
