/**
 * What a step answers: a code for the provider, effects for the consumer's tables.
 *
 * @module
 */
import type { ReorgState } from './state.ts'
import type { Ledger } from './window.ts'

/**
 * What became of an event, with its HTTP status.
 *
 * | code | status | state |
 * |---|---|---|
 * | `EXTENDED` | 200 | new ledgers on top of the tip |
 * | `REORG` | 200 | a branch was undone, another applied |
 * | `LATE` | 200 | a ledger was inserted below the tip |
 * | `DUPLICATE` | 200 | all known: unchanged |
 * | `STALE` | 200 | too old to judge, a provider that lags: unchanged |
 * | `IGNORED_LOWER_BRANCH` | 200 | a branch not higher than ours, under `switchRule: 'higher'`: unchanged |
 * | `NEED` | 409 | ledgers are missing before these can be judged; fetch the range and send it with them |
 * | `GAP_TOO_LARGE` | 409 | further above the last linked ledger than `maxGap`: unchanged |
 * | `FINALITY_CONFLICT` | 409 | contradicts a final ledger: nothing undone, latched |
 * | `CHAIN_RESET_SUSPECTED` | 409 | old heights with newer close times: nothing undone, latched |
 * | `FORK_BELOW_ANCHOR` | 409 | forks from ledgers no longer held: nothing undone, latched |
 * | `FINALIZED` | 200 | finality moved |
 * | `DEFERRED` | 202 | finality of a ledger that has not come: remembered |
 * | `IGNORED` | 200 | final already: unchanged |
 * | `RESET`, `REPLAY` | 200 | an operator's command was done |
 * | `OUT_OF_RANGE` | 409 | a replay of ledgers that are not held: unchanged |
 * | `FORBIDDEN` | 403 | an operator's command without the role or a reason: unchanged |
 * | `INVALID` | 400 | not an event: unchanged |
 */
export type ReorgCode =
  | 'EXTENDED'
  | 'REORG'
  | 'LATE'
  | 'DUPLICATE'
  | 'STALE'
  | 'IGNORED_LOWER_BRANCH'
  | 'NEED'
  | 'GAP_TOO_LARGE'
  | 'FINALITY_CONFLICT'
  | 'CHAIN_RESET_SUSPECTED'
  | 'FORK_BELOW_ANCHOR'
  | 'FINALIZED'
  | 'DEFERRED'
  | 'IGNORED'
  | 'RESET'
  | 'REPLAY'
  | 'OUT_OF_RANGE'
  | 'FORBIDDEN'
  | 'INVALID'

/** The HTTP statuses an event can be answered with. */
export type ReorgStatus = 200 | 202 | 400 | 403 | 409

/** The answer to one event. */
export interface ReorgStep {
  /** Whether `status` is below 400. */
  readonly ok: boolean
  readonly status: ReorgStatus
  readonly code: ReorgCode
  /** The state to store; the very object that was passed in if nothing changed. */
  readonly state: ReorgState
  /** To be carried out in order, in the transaction that stores `state`. */
  readonly effects: readonly ReorgEffect[]
  /** What is wrong, for a log or the provider; present on every refusal. It never echoes the input. */
  readonly reason?: string
}

/** Append a ledger to the consumer's list. */
export interface ApplyEffect {
  readonly type: 'apply'
  readonly ledger: Ledger
  /** Sequence of the ledger it stands on, or null if it is the first. */
  readonly after: number | null
}

/** Remove ledgers from the end of the consumer's list. */
export interface RollbackEffect {
  readonly type: 'rollback'
  /** Sequence of the last ledger left, or null if none is. */
  readonly to: number | null
  /** The ledgers to undo, newest first. */
  readonly undo: readonly Ledger[]
  /** An operator's reset: remove everything, also what `undo` no longer lists. */
  readonly all?: true
}

/** Nothing a provider says undoes the ledgers up to `sequence` any more. */
export interface FinalizeEffect {
  readonly type: 'finalize'
  readonly sequence: number
  readonly previous: number
}

/** `lastSafeLedger` moved. */
export interface SafeEffect {
  readonly type: 'safe'
  readonly sequence: number
  readonly previous: number
  /** It moved down: answers given on ledgers above `sequence` may have been wrong. */
  readonly wentBack: boolean
}

/** Fetch these ledgers and send them in one event, with the ledger that follows them. Inclusive. */
export interface NeedEffect {
  readonly type: 'need'
  readonly from: number
  readonly to: number
  readonly parentHash?: string
}

/** Ledgers that were passed over. Inclusive; send them when you have them, they come out as `late`. */
export interface GapEffect {
  readonly type: 'gap'
  readonly from: number
  readonly to: number
}

/** Insert a ledger below the tip, in its place. `remove` (from `invertEffects` only): take it out again. */
export interface LateEffect {
  readonly type: 'late'
  readonly ledger: Ledger
  readonly remove?: true
}

/** A structured log record, as it stands: write it to the log and page on the codes that latch. */
export interface WarnEffect {
  readonly type: 'warn'
  readonly level: 'WARN'
  readonly code: 'REORG' | 'FINALITY_CONFLICT' | 'CHAIN_RESET_SUSPECTED' | 'FORK_BELOW_ANCHOR' | 'RESET'
  /** Height at which the two disagree; null only for a reset of an empty tracker. */
  readonly ledger: number | null
  /** Our hash at that height; where we hold none, the one our next ledger names as its parent; null if there is neither. */
  readonly existingHash: string | null
  /** The provider's hash at that height, or null for a reset. */
  readonly incomingHash: string | null
  /** Ledgers undone, or those that would have been if the ledger had not been refused. */
  readonly depth: number
  /** Of the event, where it named one. */
  readonly source?: string
  /** The operator's, for a reset. */
  readonly reason?: string
}

/** The new branch has outgrown the reorg: `reorgDetected` is clear again. */
export interface RecoveredEffect {
  readonly type: 'recovered'
  /** The tip that did it. */
  readonly sequence: number
}

/** @see ReorgStep.effects */
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

/** A step that took something in. */
export function accept(
  state: ReorgState,
  code: ReorgCode,
  effects: readonly ReorgEffect[],
  status: ReorgStatus = 200,
): ReorgStep {
  return { ok: status < 400, status, code, state, effects }
}

/** A step that did not. */
export function refuse(
  state: ReorgState,
  code: ReorgCode,
  reason: string,
  effects: readonly ReorgEffect[] = [],
  status: ReorgStatus = 409,
): ReorgStep {
  return { ...accept(state, code, effects, status), reason }
}

/** The log record of one contradiction, or of a reset. */
export function warning(code: WarnEffect['code'], facts: Omit<WarnEffect, 'type' | 'level' | 'code'>): WarnEffect {
  return { type: 'warn', level: 'WARN', code, ...facts }
}

/** Appends that `lastSafeLedger` moved, if it did. */
export function pushSafe(effects: ReorgEffect[], previous: number, sequence: number): void {
  if (sequence !== previous) effects.push({ type: 'safe', sequence, previous, wentBack: sequence < previous })
}
