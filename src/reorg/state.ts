/**
 * What the tracker knows: plain JSON, never mutated, all a restart needs. Store it in the transaction that stores the effects.
 *
 * @module
 */
import { type ReorgConfig, type ReorgOptions, resolveConfig } from './config.ts'
import type { Ledger, LedgerWindow } from './window.ts'

/** The state of one tracker. Make it with {@link createReorgState}, change it with `stepReorg` only. */
export interface ReorgState {
  /** Of the layout; `parseReorgState` refuses any other. */
  readonly version: 1
  readonly config: ReorgConfig
  /** How many times an operator has reset the tracker. */
  readonly epoch: number
  /** The newest ledger of the chain we follow, or null before the first. */
  readonly tip: Ledger | null
  /** `max(tip - safetyMargin, finalizedLedger)`, 0 before the first ledger: build answers on ledgers up to this one. */
  readonly lastSafeLedger: number
  /** Nothing a provider says undoes this ledger or one below it. Never goes back within an epoch; 0 at first. */
  readonly finalizedLedger: number
  /**
   * Up to here links tie the ledgers together; 0 before the first. Below the tip, what stands above it is an island: taken on
   * trust, and in health until a link, a run longer than `finalityDepth`, or a source of finality ties it in.
   */
  readonly linkedLedger: number
  /** A reorg happened and the new branch has not yet proved itself by growth. */
  readonly reorgDetected: boolean
  /** What must be outgrown before `reorgDetected` clears: null when it is clear. */
  readonly recovery: ReorgRecovery | null
  /** A refusal that an operator should look into, kept until the chain grows past it or a reset. */
  readonly conflict: ReorgConflict | null
  /** Ledgers that were asked for and have not come. */
  readonly need: LedgerRange | null
  /** A `finalized` event for a ledger that has not come yet. */
  readonly deferred: FinalityPoint | null
  readonly window: LedgerWindow
  /** Undone branches, oldest first, at most `config.orphans` ledgers in all. */
  readonly orphans: readonly OrphanedBranch[]
  /** The last reorg of this epoch; it stays when `reorgDetected` has cleared, so that a slow poller sees it too. */
  readonly lastReorg: ReorgRecord | null
  readonly counts: ReorgCounts
}

/** The ledger a source of finality named. */
export interface FinalityPoint {
  readonly sequence: number
  readonly hash?: string
}

/** @see ReorgState.recovery */
export interface ReorgRecovery {
  /** Highest ledger replaced since the flag was last clear. */
  readonly ledger: number
  /** Highest `lastSafeLedger` reported before; it must be passed again. */
  readonly safeMark: number
}

/** Inclusive at both ends. */
export interface LedgerRange {
  readonly from: number
  readonly to: number
  /** Hash that the branch asked for has at `to`, where the provider named it; over skipped heights, at the highest of its heights. */
  readonly parentHash?: string
}

/** Why a step was refused in a way that latches. */
export type ReorgConflictCode = 'FINALITY_CONFLICT' | 'CHAIN_RESET_SUSPECTED' | 'FORK_BELOW_ANCHOR'

/** @see ReorgState.conflict */
export interface ReorgConflict {
  readonly code: ReorgConflictCode
  readonly ledger: number
  readonly existingHash: string | null
  readonly incomingHash: string
  /** Sequence of the tip when the conflict was seen; a higher tip clears the latch. */
  readonly tip: number
}

/** Ledgers that one rollback removed. */
export interface OrphanedBranch {
  /** Which rollback of the tracker's life this was, from 1. */
  readonly rollback: number
  /** Sequence of the last ledger that was left, or null if none was. */
  readonly to: number | null
  /** Newest first. */
  readonly ledgers: readonly Ledger[]
}

/** @see ReorgState.lastReorg */
export interface ReorgRecord {
  /** Lowest ledger that was replaced. */
  readonly ledger: number
  /** How many ledgers were undone. */
  readonly depth: number
  readonly existingHash: string | null
  readonly incomingHash: string
  readonly source?: string
}

/** Totals since the tracker was created; a reset does not clear them. */
export interface ReorgCounts {
  readonly reorgs: number
  /** Ledgers undone in the deepest reorg. */
  readonly deepest: number
  /** Reorgs onto a branch that had been left before. */
  readonly flaps: number
  /** Ledgers that came late and were inserted below the tip. */
  readonly late: number
}

/**
 * An empty tracker. The first ledger it is given becomes the foot of its chain.
 *
 * Throws a `ReorgError` (`REORG_INVALID_CONFIG`) for options that make no sense.
 *
 * @example
 * ```ts
 * let state = createReorgState({ finalityDepth: 32 })
 * const step = stepReorg(state, { type: 'ledgers', ledgers: [{ sequence: 100, hash: 'a1' }] })
 * step.state.lastSafeLedger // 99
 * ```
 */
export function createReorgState(options: ReorgOptions = {}): ReorgState {
  return emptyState(resolveConfig(options), 0, { reorgs: 0, deepest: 0, flaps: 0, late: 0 })
}

export function emptyState(config: ReorgConfig, epoch: number, counts: ReorgCounts): ReorgState {
  return {
    version: 1,
    config,
    epoch,
    tip: null,
    lastSafeLedger: 0,
    finalizedLedger: 0,
    linkedLedger: 0,
    reorgDetected: false,
    recovery: null,
    conflict: null,
    need: null,
    deferred: null,
    window: { size: 0, forgotten: null, chunks: [] },
    orphans: [],
    lastReorg: null,
    counts,
  }
}

/** A state in the making. */
export type StateDraft = { -readonly [Key in keyof ReorgState]: ReorgState[Key] }

/** The state with one latch set; the very same state if it is set so already. */
export function change<Key extends 'conflict' | 'need' | 'deferred'>(
  state: ReorgState,
  key: Key,
  value: NonNullable<ReorgState[Key]>,
): ReorgState {
  // Latches are flat, and their members always in the same order, also when they were read from text.
  return JSON.stringify(state[key]) === JSON.stringify(value) ? state : { ...state, [key]: value }
}
