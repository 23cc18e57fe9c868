// What a quorum has heard: plain JSON, never mutated.

import type { Ledger } from '../ledger.ts'

/** What each source last said at one height. */
export interface QuorumVotes {
  readonly sequence: number
  /** By the name of the source. */
  readonly votes: Readonly<Record<string, Ledger>>
  /** The ledger released here, so that it is released only once; null if none was. */
  readonly released: Ledger | null
}

/** The state of one quorum. Make it with `createQuorum` and change it with `stepQuorum` only. */
export interface QuorumState {
  readonly version: 1
  readonly sources: readonly string[]
  readonly required: number
  readonly maxPending: number
  /** One for each height that is remembered, in ascending order. */
  readonly pending: readonly QuorumVotes[]
}
