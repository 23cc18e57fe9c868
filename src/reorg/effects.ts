// What a step tells the consumer to do, one effect after the other.

import type { Ledger } from './ledger.ts'

/** Append a ledger to the consumer's list. */
export interface ApplyEffect {
  readonly type: 'apply'
  readonly ledger: Ledger
  /** Sequence of the ledger below it in the list, or null if it is the first. */
  readonly after: number | null
}

/** Remove ledgers from the end of the consumer's list. */
export interface RollbackEffect {
  readonly type: 'rollback'
  /** Sequence of the last ledger left, or null if none is left. */
  readonly to: number | null
  /** The ledgers to undo, newest first. */
  readonly undo: readonly Ledger[]
  /** Set by an operator's reset: remove everything, also the ledgers that `undo` no longer lists. */
  readonly all?: true
}

/** From now on no provider can undo the ledgers up to `sequence`. */
export interface FinalizeEffect {
  readonly type: 'finalize'
  readonly sequence: number
  /** What `finalizedLedger` was before. */
  readonly previous: number
}

/** `lastSafeLedger` moved. */
export interface SafeEffect {
  readonly type: 'safe'
  readonly sequence: number
  /** What `lastSafeLedger` was before. */
  readonly previous: number
  /** True if it moved down: answers built on ledgers above `sequence` may have been wrong. */
  readonly wentBack: boolean
}

/** Fetch these ledgers and send them in one event, with the ledger that follows them. Inclusive. */
export interface NeedEffect {
  readonly type: 'need'
  readonly from: number
  readonly to: number
  /** Hash that the wanted branch has at `to`, if the provider named it; with skipped heights, at the highest height of the branch. */
  readonly parentHash?: string
}

/** Heights that were passed over, inclusive. Send these ledgers when you have them; they come out as `late`. */
export interface GapEffect {
  readonly type: 'gap'
  readonly from: number
  readonly to: number
}

/** Insert a ledger below the tip, in its place. */
export interface LateEffect {
  readonly type: 'late'
  readonly ledger: Ledger
  /** Set by `invertEffects` only: take the ledger out again. */
  readonly remove?: true
}

/** A structured log record: write it to the log as it is, and page someone for every code but `REORG` and `RESET`. */
export interface WarnEffect {
  readonly type: 'warn'
  readonly level: 'WARN'
  readonly code: 'REORG' | 'FINALITY_CONFLICT' | 'CHAIN_RESET_SUSPECTED' | 'FORK_BELOW_ANCHOR' | 'RESET'
  /** Height at which the two disagree; null only for a reset of an empty tracker. */
  readonly ledger: number | null
  /** Our hash at that height, or the one that our next ledger names as its parent there; null if there is neither. */
  readonly existingHash: string | null
  /** The provider's hash at that height, or null for a reset. */
  readonly incomingHash: string | null
  /** How many ledgers were undone, or would have been undone if the event had not been rejected. */
  readonly depth: number
  /** The provider, if the event named one. */
  readonly source?: string
  /** The operator's reason, for a reset. */
  readonly reason?: string
}

/** The new branch has outgrown the reorg: `reorgDetected` is clear again. */
export interface RecoveredEffect {
  readonly type: 'recovered'
  /** Sequence of the tip that did so. */
  readonly sequence: number
}

/** One thing for the consumer to do. Carry them out in order. */
export type ReorgEffect =
  | ApplyEffect
  | RollbackEffect
  | FinalizeEffect
  | SafeEffect
  | NeedEffect
  | GapEffect
  | LateEffect
  | WarnEffect
  | RecoveredEffect

/** The log record of a contradiction, a reorg or a reset. */
export function warning(code: WarnEffect['code'], facts: Omit<WarnEffect, 'type' | 'level' | 'code'>): WarnEffect {
  return { type: 'warn', level: 'WARN', code, ...facts }
}

/** Adds an effect that says that `lastSafeLedger` moved, if it did. */
export function pushSafe(effects: ReorgEffect[], previous: number, sequence: number): void {
  if (sequence !== previous) effects.push({ type: 'safe', sequence, previous, wentBack: sequence < previous })
}
