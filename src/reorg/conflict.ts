// Contradictions that are kept in the state: nothing is undone, the operator is warned, and health stays degraded until the chain grows
// past the tip of that time or is reset.

import { type ReorgStep, reject } from './answer.ts'
import { remember } from './create-state.ts'
import { type WarnEffect, warning } from './effects.ts'
import { type Ledger, sequenceOf } from './ledger.ts'
import type { ReorgConflict, ReorgConflictCode, ReorgState } from './state.ts'

/** Two hashes for one height, and why ours cannot be undone. */
export interface Contradiction {
  readonly code: ReorgConflictCode
  readonly ledger: number
  readonly existingHash: string | null
  readonly incomingHash: string
}

const REASONS: Readonly<Record<ReorgConflictCode, string>> = {
  FINALITY_CONFLICT: 'The event contradicts a ledger that is final.',
  CHAIN_RESET_SUSPECTED: 'An old ledger closed later than the tip, so the chain may have been reset.',
  FORK_BELOW_ANCHOR: 'The ledgers fork from below the oldest ledger held.',
}

/** Rejects an event that contradicts what cannot be undone. If it comes again it warns again, but the state stays the very same. */
export function rejectConflict(state: ReorgState, contradiction: Contradiction, source: string | undefined): ReorgStep {
  const { code } = contradiction
  const next = remember(state, 'conflict', conflictOf(contradiction, state.tip))
  return reject(next, code, REASONS[code], [warningOf(contradiction, state.tip, source)])
}

/** What the state keeps of a contradiction. */
export function conflictOf(
  { code, ledger, existingHash, incomingHash }: Contradiction,
  tip: Ledger | null,
): ReorgConflict {
  return { code, ledger, existingHash, incomingHash, tip: sequenceOf(tip) }
}

/** The log record of a contradiction. */
export function warningOf(
  { code, ledger, existingHash, incomingHash }: Contradiction,
  tip: Ledger | null,
  source?: string,
): WarnEffect {
  const depth = Math.max(0, sequenceOf(tip) - ledger + 1)
  return warning(code, { ledger, existingHash, incomingHash, depth, ...(source && { source }) })
}
