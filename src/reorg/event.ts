// What happens to a tracker: the events that `stepReorg` takes.

import type { Ledger } from './ledger.ts'

/** Ledgers as a provider shows them, in any order, repeats included. */
export interface LedgersEvent {
  readonly type: 'ledgers'
  /** 1 to `maxBatch` ledgers. */
  readonly ledgers: readonly Ledger[]
  /** Name of the provider, for the log: 1 to 128 printable ASCII characters without spaces. */
  readonly source?: string
}

/** A source of finality says that this ledger and all below it are final. Pass the hash if you have it. */
export interface FinalizedEvent {
  readonly type: 'finalized'
  readonly sequence: number
  /** Without it, the ledger that is held at that height is meant, whichever it is. */
  readonly hash?: string
}

/** Forget the chain and start again, for a network that was reset. */
export interface ResetEvent {
  readonly type: 'reset'
  /** Set this only after you have authorised the operator. */
  readonly actor: 'operator'
  /** 1 to 1,000 characters, for the log. */
  readonly reason: string
}

/** Undo and apply again all ledgers from `from` up, so that their content is derived again. */
export interface ReplayEvent {
  readonly type: 'replay'
  /** Set this only after you have authorised the operator. */
  readonly actor: 'operator'
  /** First ledger to derive again; the tracker must still hold it. */
  readonly from: number
  /** Last ledger to derive again; the tracker must hold it. */
  readonly to: number
  /** 1 to 1,000 characters, for the log. */
  readonly reason: string
}

/** What `stepReorg` takes. Anything else is answered `INVALID`, so JSON from a network can be passed as it is. */
export type ReorgEvent = LedgersEvent | FinalizedEvent | ResetEvent | ReplayEvent
