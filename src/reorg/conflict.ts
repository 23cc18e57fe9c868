/**
 * Refusals that latch: nothing is undone, the operator is told, and health stays degraded until the chain grows past it.
 *
 * @module
 */
import { type ReorgStep, refuse, type WarnEffect } from './effects.ts'
import { change, given, type ReorgConflict, type ReorgConflictCode, type ReorgState } from './state.ts'
import type { Ledger } from './window.ts'

const REASON: Readonly<Record<ReorgConflictCode, string>> = {
  FINALITY_CONFLICT: 'contradicts a final ledger',
  CHAIN_RESET_SUSPECTED: 'an old sequence that closed after the tip: a network that was reset, or another one',
  FORK_BELOW_ANCHOR: 'forks below the ledgers that are held',
}

/** The latch and the log record of one contradiction. */
export function contest(
  state: ReorgState,
  code: ReorgConflictCode,
  ledger: number,
  existingHash: string | null,
  incomingHash: string,
  source?: string,
): { readonly conflict: ReorgConflict; readonly warn: WarnEffect } {
  const tip = (state.tip as Ledger).sequence
  const facts = { code, ledger, existingHash, incomingHash }
  const depth = Math.max(0, tip - ledger + 1)
  const warn: WarnEffect = { type: 'warn', level: 'WARN', ...facts, depth, ...given('source', source) }
  return { conflict: { ...facts, tip }, warn }
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
  const { conflict, warn } = contest(state, code, ledger, existingHash, incomingHash, source)
  return refuse(change(state, 'conflict', conflict), code, REASON[code], [warn])
}
