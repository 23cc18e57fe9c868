// What the tracker knows: plain JSON, never mutated, and all that a restart needs. Types only; create-state.ts makes the first one.

import type { ReorgConfig } from './config.ts'
import type { Ledger } from './ledger.ts'

/**
 * The state of one tracker. Make it with `createReorgState` and change it with `stepReorg` only. Store it in the transaction that
 * stores the effects.
 */
export interface ReorgState {
  /** Version of the layout; `parseReorgState` rejects any other. */
  readonly version: 1
  readonly config: ReorgConfig
  /** How many times an operator has reset the tracker. */
  readonly epoch: number
  /** The newest ledger of the chain we follow, or null before the first. */
  readonly tip: Ledger | null
  /** `max(tip - safetyMargin, finalizedLedger)`, 0 before the first ledger: build answers on ledgers up to this one. */
  readonly lastSafeLedger: number
  /** No provider can undo this ledger or one below it. Never goes back within an epoch; 0 at first. */
  readonly finalizedLedger: number
  /**
   * The end of the chain: links tie the ledgers together up to here. 0 before the first ledger. If it is below the tip, the ledgers
   * above it are an *island*: no link ties them to the chain yet. They are taken on trust, and health reports them until a link, a run
   * longer than `finalityDepth`, or a source of finality makes them part of the chain.
   */
  readonly linkedLedger: number
  /** True after a reorg, until the new branch has proved itself by growth. */
  readonly reorgDetected: boolean
  /** What the chain must outgrow before `reorgDetected` clears; null when it is clear. */
  readonly recovery: ReorgRecovery | null
  /** A contradiction that an operator should look into, kept until the chain grows past it or is reset. */
  readonly conflict: ReorgConflict | null
  /** Ledgers that were asked for and have not come. */
  readonly need: LedgerRange | null
  /** A `finalized` event for a ledger that has not come yet. */
  readonly deferred: FinalityPoint | null
  readonly window: LedgerWindow
  /** Undone branches, oldest first, at most `config.orphans` ledgers in all. */
  readonly orphans: readonly OrphanedBranch[]
  /** The last reorg of this epoch. It stays after `reorgDetected` has cleared, so that a slow poller sees it too. */
  readonly lastReorg: ReorgRecord | null
  readonly counts: ReorgCounts
}

/** The ledgers held. Read it with the functions of this library: the layout of the chunks may change with the version. */
export interface LedgerWindow {
  /** How many ledgers are held. */
  readonly size: number
  /** Highest sequence that was forgotten, that is, dropped because the window was full; null if none was. */
  readonly forgotten: number | null
  /** Ledgers in ascending order, grouped by `Math.floor(sequence / 32)`; no group is empty. */
  readonly chunks: readonly (readonly Ledger[])[]
}

/** The ledger that a source of finality named. */
export interface FinalityPoint {
  readonly sequence: number
  /** Left out if the source named the height only. */
  readonly hash?: string
}

/** What the chain must outgrow after a reorg before `reorgDetected` clears. */
export interface ReorgRecovery {
  /** Highest ledger replaced since the flag was last clear. */
  readonly ledger: number
  /** Highest `lastSafeLedger` reported before; it must be passed again. */
  readonly safeMark: number
}

/** A range of heights, inclusive at both ends. */
export interface LedgerRange {
  readonly from: number
  readonly to: number
  /** Hash that the wanted branch has at `to`, if the provider named it; with skipped heights, at the highest height of the branch. */
  readonly parentHash?: string
}

/** Why an event was rejected in a way that stays in the state. */
export type ReorgConflictCode = 'FINALITY_CONFLICT' | 'CHAIN_RESET_SUSPECTED' | 'FORK_BELOW_ANCHOR'

/** A contradiction between an event and a ledger that cannot be undone. */
export interface ReorgConflict {
  readonly code: ReorgConflictCode
  /** Height at which the two disagree. */
  readonly ledger: number
  /** Our hash at that height, or the one that our next ledger names as its parent there; null if there is neither. */
  readonly existingHash: string | null
  /** The hash that the event has at that height. */
  readonly incomingHash: string
  /** Sequence of the tip when the conflict was seen; a higher tip clears the conflict. */
  readonly tip: number
}

/** The ledgers that one rollback removed. */
export interface OrphanedBranch {
  /** Which rollback of the tracker's life this was, counted from 1. */
  readonly rollback: number
  /** Sequence of the last ledger that was left, or null if none was. */
  readonly to: number | null
  /** Newest first. */
  readonly ledgers: readonly Ledger[]
}

/** One reorg: where the new branch left ours, and how much was undone. */
export interface ReorgRecord {
  /** Lowest ledger that was replaced. */
  readonly ledger: number
  /** How many ledgers were undone. */
  readonly depth: number
  /** Our hash at that height, or the one that our next ledger named as its parent there; null if there was neither. */
  readonly existingHash: string | null
  /** The hash of the new branch at that height. */
  readonly incomingHash: string
  /** The provider that showed the new branch, if the event named one. */
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

/** A state that a step is still making. */
export type MutableState = { -readonly [Key in keyof ReorgState]: ReorgState[Key] }
