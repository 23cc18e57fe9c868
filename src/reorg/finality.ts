/**
 * Finality told from outside: a consensus client's `finalized` tag, a bridge, an operator's second source.
 *
 * @module
 */
import { stepConflict } from './conflict.ts'
import { accept, type ReorgEffect, type ReorgStep } from './effects.ts'
import { judgeFinality, moveFinality } from './settle.ts'
import type { ReorgState } from './state.ts'
import type { FinalizedEvent } from './validate.ts'
import { ledgerAtOrBelow } from './window.ts'

export function stepFinalized(state: ReorgState, { sequence, hash }: FinalizedEvent): ReorgStep {
  const verdict = judgeFinality(state.window, hash === undefined ? { sequence } : { sequence, hash })
  if (typeof verdict === 'string') return stepConflict(state, 'FINALITY_CONFLICT', sequence, verdict, hash as string)
  if (sequence <= state.finalizedLedger) return accept(state, 'IGNORED', [])
  // Without a hash, a ledger that is held is taken to be the one that is meant.
  if (verdict || ledgerAtOrBelow(state.window, sequence)?.sequence === sequence) {
    const effects: ReorgEffect[] = []
    return accept(moveFinality(state, sequence, effects), 'FINALIZED', effects)
  }
  const { deferred } = state
  if (deferred?.sequence === sequence && deferred.hash === hash) return accept(state, 'DEFERRED', [])
  // The latest word replaces the one before, so that a wild one does not keep its place.
  return accept({ ...state, deferred: hash === undefined ? { sequence } : { sequence, hash } }, 'DEFERRED', [])
}
