// A `finalized` event: finality from outside, such as a consensus client, a bridge, or an operator's second source.

import { accept, type ReorgStep } from './answer.ts'
import { rejectConflict } from './conflict.ts'
import { copyState, remember } from './create-state.ts'
import type { ReorgEffect } from './effects.ts'
import { judgeFinality, moveFinality } from './finality.ts'
import type { FinalityPoint, ReorgState } from './state.ts'
import { ledgerAt } from './window.ts'

/** Takes in what a source of finality says. */
export function stepFinalized(state: ReorgState, point: FinalityPoint): ReorgStep {
  const { sequence } = point
  const verdict = judgeFinality(state, point)
  if (verdict.kind === 'differs') return rejectConflict(state, verdict, undefined)
  if (sequence <= state.finalizedLedger) return accept(state, 'IGNORED', [])
  // A source of finality that names a ledger we hold vouches for it, also on an island.
  if (verdict.kind === 'agrees' || ledgerAt(state.window, sequence)) {
    const effects: ReorgEffect[] = []
    const next = copyState(state)
    moveFinality(next, sequence, effects)
    return accept(next, 'FINALIZED', effects)
  }
  // The latest point replaces the one before, so a wrong one does not stay.
  return accept(remember(state, 'deferred', point), 'DEFERRED', [], 202)
}
