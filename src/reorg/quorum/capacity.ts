// What a quorum keeps. Each source may have `maxPending` ledgers that wait for other sources, and as many released heights are remembered.
// A source that would exceed its limit loses ledgers that it sent itself, and only those that are of no use. So no source can take
// capacity from another.

import { isSameLedger, type Ledger } from '../ledger.ts'
import type { QuorumState, QuorumVotes } from './state.ts'
import { isWaiting, voteOf } from './votes.ts'

/** What is kept of the heights, or that a source has too many ledgers waiting. */
export type Fit = { readonly kind: 'kept'; readonly pending: readonly QuorumVotes[] } | { readonly kind: 'full' }

/** Drops heights until every limit is kept. `pending` has been counted up to the page, which ascends. */
export function fitPending(quorum: QuorumState, source: string, page: readonly Ledger[]): Fit {
  const { maxPending, pending } = quorum
  const waiting = pending.filter((height) => isWaiting(height, source))
  const excess = waiting.length - maxPending
  if (excess <= 0) return { kind: 'kept', pending: forgetReleased(pending, maxPending) }
  const dropped = new Set(dispensable(quorum, source, page, waiting).slice(0, excess))
  if (dropped.size < excess) return { kind: 'full' }
  const left = pending.map((height) => (dropped.has(height) ? withoutVotes(height, [source]) : height))
  return { kind: 'kept', pending: forgetReleased(left.filter(hasVotes), maxPending) }
}

/** The heights where a source may lose an earlier vote: first those where its vote is of no use, then those above its new page. */
function dispensable(
  { sources, required, maxPending, pending }: QuorumState,
  source: string,
  page: readonly Ledger[],
  waiting: readonly QuorumVotes[],
): readonly QuorumVotes[] {
  const shown = new Set(page.map(({ sequence }) => sequence))
  const earlier = waiting.filter(({ sequence }) => !shown.has(sequence))
  const reach = reachOf(pending, sources)
  // Released heights below this one have been forgotten, so a source that catches up sends them again, and they look like disputed ones.
  const remembered = lowestRemembered(pending, maxPending)
  const isUseless = (height: QuorumVotes): boolean =>
    height.sequence < remembered || !canBeAgreed(height, source, reach, required)
  // A source that goes back takes back its votes above the new page.
  const top = page.at(-1) as Ledger
  const above = earlier.filter(({ sequence }) => sequence > top.sequence).reverse()
  return [...new Set([...earlier.filter(isUseless), ...above])]
}

/** The lowest height that is known to be released, once lower ones may have been forgotten; -1 before that. */
function lowestRemembered(ascending: readonly QuorumVotes[], maxPending: number): number {
  const released = ascending.filter((height) => height.released !== null)
  const [lowest] = released
  return lowest && released.length >= maxPending ? lowest.sequence : -1
}

/** The highest height at which each source said anything. */
function reachOf(ascending: readonly QuorumVotes[], sources: readonly string[]): ReadonlyMap<string, number> {
  const reach = new Map(sources.map((source) => [source, -1]))
  for (const { sequence, votes } of ascending) for (const source of Object.keys(votes)) reach.set(source, sequence)
  return reach
}

/** True if enough sources said the same as this one, or may still say it. */
function canBeAgreed(
  height: QuorumVotes,
  source: string,
  reach: ReadonlyMap<string, number>,
  required: number,
): boolean {
  const ours = voteOf(height, source)
  let possible = 0
  for (const [other, highest] of reach) {
    const theirs = voteOf(height, other)
    const mayFollow = theirs === undefined && highest < height.sequence
    if (mayFollow || isAgreement(ours, theirs)) possible++
  }
  return possible >= required
}

function isAgreement(ours: Ledger | undefined, theirs: Ledger | undefined): boolean {
  return ours !== undefined && theirs !== undefined && isSameLedger(ours, theirs)
}

/** Forgets the lowest released heights, beyond so many. What waits there still waits. */
function forgetReleased(pending: readonly QuorumVotes[], maxPending: number): readonly QuorumVotes[] {
  let excess = pending.filter(({ released }) => released !== null).length - maxPending
  if (excess <= 0) return pending
  const kept: QuorumVotes[] = []
  for (const height of pending) {
    if (height.released === null || excess <= 0) {
      kept.push(height)
      continue
    }
    excess--
    const settled = Object.keys(height.votes).filter((source) => !isWaiting(height, source))
    const left = { ...withoutVotes(height, settled), released: null }
    if (hasVotes(left)) kept.push(left)
  }
  return kept
}

function hasVotes({ votes }: QuorumVotes): boolean {
  return Object.keys(votes).length > 0
}

function withoutVotes(height: QuorumVotes, sources: readonly string[]): QuorumVotes {
  const votes = Object.entries(height.votes).filter(([source]) => !sources.includes(source))
  return { ...height, votes: Object.fromEntries(votes) }
}
