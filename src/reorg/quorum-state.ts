/**
 * What a quorum has heard: plain JSON, never mutated.
 *
 * @module
 */
import type { Ledger } from './window.ts'

/** What each source last said at one height. */
export interface QuorumVotes {
  readonly sequence: number
  readonly votes: Readonly<Record<string, Ledger>>
  /** The ledger released here, so that it is released once. */
  readonly released: Ledger | null
}

/** Plain JSON. Make it with `createQuorum`, change it with `stepQuorum` only. */
export interface QuorumState {
  readonly version: 1
  readonly sources: readonly string[]
  readonly required: number
  readonly maxPending: number
  /** Ascending. */
  readonly pending: readonly QuorumVotes[]
}

/** Whether two sources say the same, to the last member. */
export function isSame(one: Ledger | null | undefined, other: Ledger): boolean {
  if (!one) return false
  return (['sequence', 'hash', 'parentHash', 'closedAt'] as const).every((name) => one[name] === other[name])
}
