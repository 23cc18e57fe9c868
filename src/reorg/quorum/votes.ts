// Counts what a source says, height by height: a ledger on which enough sources agree is released.

import { isSameLedger, type Ledger } from '../ledger.ts'
import type { QuorumState, QuorumVotes } from './state.ts'

/** What a page of one source comes to. */
export interface Count {
  /** The heights that are remembered, in ascending order. */
  readonly pending: readonly QuorumVotes[]
  /** The ledgers that enough sources agree on now, in ascending order. */
  readonly released: readonly Ledger[]
  /** False if the source had said all of it before. */
  readonly isChanged: boolean
}

/** Counts a page of one source, which ascends. */
export function countPage({ pending, required }: QuorumState, source: string, page: readonly Ledger[]): Count {
  const shown = new Set(page.map(({ sequence }) => sequence))
  const known = new Map<number, QuorumVotes>()
  for (const height of pending) if (shown.has(height.sequence)) known.set(height.sequence, height)
  const changed = new Map<number, QuorumVotes>()
  const released: Ledger[] = []
  for (const ledger of page) {
    const before = known.get(ledger.sequence)
    if (before && hasSaid(before, source, ledger)) continue
    const after = countVote(before, source, ledger, required)
    changed.set(ledger.sequence, after)
    if (after.released && after.released !== before?.released) released.push(after.released)
  }
  if (changed.size === 0) return { pending, released, isChanged: false }
  const unchanged = pending.filter(({ sequence }) => !changed.has(sequence))
  const merged = [...unchanged, ...changed.values()].sort((one, other) => one.sequence - other.sequence)
  return { pending: merged, released, isChanged: true }
}

/** One height after one more vote. */
function countVote(before: QuorumVotes | undefined, source: string, ledger: Ledger, required: number): QuorumVotes {
  const { votes, released } = before ?? { votes: {}, released: null }
  const earlier = Object.entries(votes)
  const agreeing = earlier.map(([, vote]) => vote).filter((vote) => isSameLedger(vote, ledger))
  // All who say the same share one object, and the released ledger is that object too.
  const wasReleased = released !== null && isSameLedger(released, ledger)
  const shared = wasReleased ? released : (agreeing[0] ?? ledger)
  const isAgreed = agreeing.length + 1 >= required
  return {
    sequence: ledger.sequence,
    // Not a literal, because a source may be called __proto__.
    votes: Object.fromEntries([...earlier, [source, shared]]),
    released: isAgreed ? shared : released,
  }
}

/** True if the last word of a source at a height is this very ledger. */
function hasSaid(height: QuorumVotes, source: string, ledger: Ledger): boolean {
  const vote = voteOf(height, source)
  return vote !== undefined && isSameLedger(vote, ledger)
}

/** True if a source said something at a height, and not what was released there. */
export function isWaiting(height: QuorumVotes, source: string): boolean {
  const vote = voteOf(height, source)
  if (!vote) return false
  return height.released === null || !isSameLedger(height.released, vote)
}

/** What a source said at a height. Only own members count: a source may be called toString. */
export function voteOf({ votes }: QuorumVotes, source: string): Ledger | undefined {
  return Object.hasOwn(votes, source) ? votes[source] : undefined
}
