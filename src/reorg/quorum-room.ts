/**
 * What a quorum keeps. Each source has room for `maxPending` ledgers that wait for others; released heights have as much. A source
 * that needs room gets it from what it said itself, and only from what is of no use: so none can take it from another.
 *
 * @module
 */
import { isSame, type QuorumState, type QuorumVotes } from './quorum-state.ts'
import type { Ledger } from './window.ts'

/** The heights to keep after a page of one source; undefined if that source has no room for it. */
export function makeRoom(
  { sources, required, maxPending, pending }: QuorumState,
  source: string,
  page: readonly Ledger[],
): readonly QuorumVotes[] | undefined {
  const waiting = pending.filter((height) => isWaiting(height, source))
  const excess = waiting.length - maxPending
  if (excess <= 0) return forgetReleased(pending, maxPending)

  const shown = new Set(page.map(({ sequence }) => sequence))
  const before = waiting.filter(({ sequence }) => !shown.has(sequence))
  const reach = reachOf(pending, sources)
  // What the quorum has released and forgotten cannot be told from what nobody agreed on: a source that catches up says it again.
  const forgotten = lowestRemembered(pending, maxPending)
  const isUseless = (height: QuorumVotes): boolean =>
    height.sequence < forgotten || !canBeAgreed(height, source, reach, required)
  const useless = before.filter(isUseless)
  // A source that goes back takes back what it said above.
  const top = (page.at(-1) as Ledger).sequence
  const above = before.filter(({ sequence }) => sequence > top).reverse()
  const dropped = new Set([...new Set([...useless, ...above])].slice(0, excess))
  if (dropped.size < excess) return undefined
  const kept = pending.map((height) => (dropped.has(height) ? without(height, [source]) : height))
  return forgetReleased(kept.filter(isOfUse), maxPending)
}

/** The lowest height that is known to be released, once lower ones were forgotten for want of room; -1 as long as none was. */
function lowestRemembered(ascending: readonly QuorumVotes[], maxPending: number): number {
  const released = ascending.filter((height) => height.released !== null)
  return released.length < maxPending ? -1 : (released[0] as QuorumVotes).sequence
}

/** Whether a source said something at a height that is not what was released there. */
function isWaiting({ votes, released }: QuorumVotes, source: string): boolean {
  return Object.hasOwn(votes, source) && !isSame(released, votes[source] as Ledger)
}

/** The highest at which each source said anything. */
function reachOf(ascending: readonly QuorumVotes[], sources: readonly string[]): ReadonlyMap<string, number> {
  const reach = new Map(sources.map((source) => [source, -1]))
  for (const { sequence, votes } of ascending) for (const source of Object.keys(votes)) reach.set(source, sequence)
  return reach
}

/** Whether enough sources said the same as this one, or have not come so far yet. */
function canBeAgreed(
  { sequence, votes }: QuorumVotes,
  source: string,
  reach: ReadonlyMap<string, number>,
  required: number,
): boolean {
  let possible = 0
  for (const [other, highest] of reach) {
    const isOpen = Object.hasOwn(votes, other) ? isSame(votes[other], votes[source] as Ledger) : highest < sequence
    if (isOpen) possible++
  }
  return possible >= required
}

/** Forgets the lowest heights that were released, beyond so many; what waits there still waits. */
function forgetReleased(pending: readonly QuorumVotes[], maxPending: number): readonly QuorumVotes[] {
  let excess = pending.filter(({ released }) => released !== null).length - maxPending
  const kept: QuorumVotes[] = []
  for (const height of pending) {
    if (height.released === null || excess <= 0) kept.push(height)
    else {
      excess--
      const settled = Object.keys(height.votes).filter((source) => !isWaiting(height, source))
      const left = { ...without(height, settled), released: null }
      if (isOfUse(left)) kept.push(left)
    }
  }
  return kept
}

function isOfUse({ votes }: QuorumVotes): boolean {
  return Object.keys(votes).length > 0
}

function without(height: QuorumVotes, sources: readonly string[]): QuorumVotes {
  const votes = Object.entries(height.votes).filter(([source]) => !sources.includes(source))
  return { ...height, votes: Object.fromEntries(votes) }
}
