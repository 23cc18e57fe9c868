// A ledger, or block: the one thing that every part of the tracker speaks of.

/** One ledger (block) as a provider names it. Its identity is sequence and hash together, never the sequence alone. */
export interface Ledger {
  /** Height in the chain: a safe integer, 0 or more. */
  readonly sequence: number
  /** 1 to 128 printable ASCII characters without spaces, compared exactly. */
  readonly hash: string
  /**
   * Hash of the ledger below: the one at `sequence - 1`, or with `heights: 'sparse'` the one at the next lower height in use. Leave it
   * out only if the provider does not give it: without it, fewer reorgs can be detected.
   */
  readonly parentHash?: string
  /** When the ledger closed: Unix seconds, 0 to 1e11 (the year 5138). */
  readonly closedAt?: number
}

const MEMBERS = ['sequence', 'hash', 'parentHash', 'closedAt'] as const

/** True if two ledgers are equal in every member. */
export function isSameLedger(one: Ledger, other: Ledger): boolean {
  return MEMBERS.every((name) => one[name] === other[name])
}

/** The sequence of a tip, or 0 before the first ledger. */
export function sequenceOf(tip: Ledger | null): number {
  return tip?.sequence ?? 0
}
