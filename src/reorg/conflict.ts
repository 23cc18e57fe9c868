/**
 * Refusals that latch: nothing is undone, the operator is told, and health stays degraded until the chain grows past it.
 *
 * @module
 */
import { type ReorgStep, refuse, warning } from './effects.ts'
import { change, type ReorgConflictCode, type ReorgState } from './state.ts'
import type { Ledger } from './window.ts'

const REASON: Readonly<Record<ReorgConflictCode, string>> = {
  FINALITY_CONFLICT: 'a final ledger differs',
  CHAIN_RESET_SUSPECTED: 'closed after the tip',
  FORK_BELOW_ANCHOR: 'below the window',
}

/** A refusal. Repeated, it warns again, but leaves the very same state. */
export function stepConflict(
  state: ReorgState,
  code: ReorgConflictCode,
  ledger: number,
  existingHash: string | null,
  incomingHash: string,
  source?: string,
): ReorgStep {
  const tip = (state.tip as Ledger).sequence
  const facts = { ledger, existingHash, incomingHash }
  const depth = Math.max(0, tip - ledger + 1)
  return refuse(change(state, 'conflict', { code, ...facts, tip }), code, REASON[code], [
    warning(code, { ...facts, depth, ...(source && { source }) }),
  ])
}
