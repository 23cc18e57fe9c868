/**
 * What a ledger is to the chain that is held: a pure classification, from the ledger, the page it came in, and the state. Nothing is
 * changed here; `ledgers.ts` acts on it.
 *
 * @module
 */
import type { ReorgConfig } from './config.ts'
import { differ, hashDemanded, isLinked } from './links.ts'
import type { ReorgConflictCode, ReorgState } from './state.ts'
import { type Ledger, ledgerAbove, ledgerAt, ledgerAtOrBelow, ledgerByHash, oldestLedger, someAbove } from './window.ts'

/**
 * - `known`: held already
 * - `stale`: too old to judge
 * - `late`: fits in below the tip
 * - `next`: stands on the tip, or beyond a hole (`gap`)
 * - `fork`: contradicts ours
 * - `need`: cannot be judged before what comes before it
 * - `far`: beyond `maxGap`
 * - `torn`: contradicts the page it came in
 * - `conflict`: contradicts what cannot be undone
 */
export type Placement =
  | { readonly kind: 'known' | 'stale' | 'late' | 'far' | 'torn' }
  | { readonly kind: 'next'; readonly gap: boolean }
  | Fork
  | { readonly kind: 'need'; readonly from: number }
  | Conflict

/** Where a competing branch leaves ours. */
export interface Fork {
  readonly kind: 'fork'
  /** The lowest of ours that it contradicts, or the height of its own first ledger where we hold none. */
  readonly from: number
  /** Sequence of what is left below. */
  readonly to: number | null
  /** Our hash there: of the ledger held, or the one that our next ledger demands. */
  readonly existingHash: string | null
}

/** A contradiction that is refused. */
export interface Conflict {
  readonly kind: 'conflict'
  readonly code: ReorgConflictCode
  readonly ledger: number
  readonly existingHash: string | null
  readonly incomingHash: string
}

const KNOWN: Placement = { kind: 'known' }
const STALE: Placement = { kind: 'stale' }
const LATE: Placement = { kind: 'late' }
const FAR: Placement = { kind: 'far' }
const TORN: Placement = { kind: 'torn' }
const NEXT: Placement = { kind: 'next', gap: false }
const GAP: Placement = { kind: 'next', gap: true }

/** Places the ledger at `at` of a page; those before it have been taken into `chain`, but for the window, which may lack the newest. */
export function placeLedger(chain: ReorgState, page: readonly Ledger[], at: number): Placement {
  const ledger = page[at] as Ledger
  const { tip, config } = chain
  if (!tip || isLinked(tip, ledger, config.heights)) return NEXT
  if (ledger.sequence <= tip.sequence) return placeBelow(chain, tip, page, at)
  if (config.heights === 'sparse' && ledger.parentHash !== undefined) return placeByLink(chain, tip, page, at)
  return placeByHeight(chain, tip, ledger)
}

/** Above the tip of a chain without skipped heights, or of one where the ledger names no parent: the height decides. */
function placeByHeight(chain: ReorgState, tip: Ledger, ledger: Ledger): Placement {
  if (ledger.sequence === tip.sequence + 1) return placeUnlinked(chain, tip, ledger)
  if (isFar(chain, ledger)) return FAR
  return chain.config.gapPolicy === 'need' ? { kind: 'need', from: tip.sequence + 1 } : GAP
}

/** Above the tip of a chain that skips heights: the parent decides. */
function placeByLink(chain: ReorgState, tip: Ledger, page: readonly Ledger[], at: number): Placement {
  const { config, window } = chain
  const ledger = page[at] as Ledger
  const parent = ledgerByHash(window, ledger.parentHash as string, ledger.sequence)
  if (parent) return placeFork(chain, parent, page, at)
  if (isFar(chain, ledger)) return FAR
  const isHole = ledger.sequence > tip.sequence + 1
  if (isHole && config.gapPolicy === 'accept' && isResumed(page, at, config)) return GAP
  return placeUnlinked(chain, tip, ledger, page[at - 1])
}

/** At the tip's height or below. */
function placeBelow(chain: ReorgState, tip: Ledger, page: readonly Ledger[], at: number): Placement {
  const { window, config } = chain
  const ledger = page[at] as Ledger
  const { sequence, hash } = ledger
  const held = ledgerAt(window, sequence)
  if (held?.hash === hash) return KNOWN

  const conflict = (code: ReorgConflictCode): Conflict => conflictAt(code, sequence, held?.hash ?? null, hash)
  const below = ledgerAtOrBelow(window, sequence - 1)
  const isFinal = sequence <= floorOf(chain)
  const isLater = closedLater(chain, tip, ledger)
  if (isFinal || (!held && !below)) {
    if (isLater) return conflict('CHAIN_RESET_SUSPECTED')
    if (held || (isFinal && deniesTheNext(chain, below, ledger))) return conflict('FINALITY_CONFLICT')
    // Below what is held only a young chain with holes has room: else its links can no longer be checked.
    if (isFinal || window.forgotten !== null || config.gapPolicy === 'need') return STALE
  }

  const demanded = held ? held.hash : hashDemanded(window, ledger, below, config.heights)
  const contested = below && placeByParent(chain, below, page, at, demanded)
  if (contested) return contested
  // A link decides; where there is none, the close time of the tip may still disown the ledger.
  const fits = demanded === null ? !isLater : demanded === hash
  if (!held && fits && !namesItPastAnother(chain, ledger)) return isFar(chain, ledger) ? FAR : LATE
  // What stood below is in the consumer's tables still, but whether the new branch stands on it can no longer be told.
  if (!below && window.forgotten !== null) return conflict('FORK_BELOW_ANCHOR')
  const leavesHole = below !== undefined && !isLinked(below, ledger, config.heights)
  if (leavesHole && config.gapPolicy === 'need') return { kind: 'need', from: below.sequence + 1 }
  return { kind: 'fork', from: sequence, to: below?.sequence ?? null, existingHash: demanded }
}

/** Whether a ledger and the next one that we hold name the same parent: over skipped heights, only one of them can be on the chain. */
function deniesTheNext(
  { window, config }: ReorgState,
  below: Ledger | undefined,
  { sequence, parentHash }: Ledger,
): boolean {
  if (config.heights === 'consecutive' || below === undefined || parentHash !== below.hash) return false
  return ledgerAbove(window, sequence)?.parentHash === below.hash
}

/** Whether a ledger that we hold stands on this one by its link, past another: over skipped heights, the other then cannot be there. */
function namesItPastAnother({ window, config }: ReorgState, { sequence, hash }: Ledger): boolean {
  if (config.heights === 'consecutive') return false
  const next = ledgerAbove(window, sequence)
  return someAbove(window, sequence, (ledger) => ledger !== next && ledger.parentHash === hash)
}

/** What a ledger from below the tip is by its parent alone, if that is not what is held beneath. */
function placeByParent(
  chain: ReorgState,
  below: Ledger,
  page: readonly Ledger[],
  at: number,
  demanded: string | null,
): Placement | undefined {
  const { window, config } = chain
  const ledger = page[at] as Ledger
  const { sequence, hash, parentHash } = ledger
  if (config.heights === 'consecutive') {
    const isBroken = below.sequence === sequence - 1 && differ(parentHash, below.hash)
    return isBroken ? placeUnlinked(chain, below, ledger) : undefined
  }
  if (parentHash === undefined || parentHash === below.hash) return undefined
  const parent = ledgerByHash(window, parentHash, sequence)
  if (parent) return placeFork(chain, parent, page, at)
  const parentFits = demanded === hash && below.sequence < sequence - 1
  return parentFits ? undefined : placeUnlinked(chain, below, ledger, page[at - 1])
}

/** A ledger that names an older one of ours as its parent: what we hold between the two is contested. */
function placeFork(chain: ReorgState, parent: Ledger, page: readonly Ledger[], at: number): Placement {
  const ledger = page[at] as Ledger
  const previous = page[at - 1]
  // The page itself shows a ledger between the two.
  if (previous && previous.sequence > parent.sequence) return TORN
  const { sequence, hash } = ledgerAbove(chain.window, parent.sequence) as Ledger
  if (sequence <= floorOf(chain)) return conflictAt('FINALITY_CONFLICT', sequence, hash, ledger.hash)
  return { kind: 'fork', from: sequence, to: parent.sequence, existingHash: hash }
}

/**
 * A ledger names a parent that we do not hold, so the ledger beneath it is contested too. Nothing is undone until the replacement is
 * here. `previous` is the one before it in its page.
 */
function placeUnlinked(chain: ReorgState, below: Ledger, ledger: Ledger, previous?: Ledger): Placement {
  const { config, window, finalizedLedger } = chain
  const floor = floorOf(chain)
  const incomingHash = ledger.parentHash as string
  const conflict = (code: ReorgConflictCode): Conflict => conflictAt(code, below.sequence, below.hash, incomingHash)
  if (ledger.sequence - 1 <= floor) return conflict('FINALITY_CONFLICT')
  // Its parent is there, but as one too old to judge.
  if (previous?.hash === incomingHash) {
    return conflict(previous.sequence <= finalizedLedger ? 'FINALITY_CONFLICT' : 'FORK_BELOW_ANCHOR')
  }
  // Over skipped heights, from the floor itself: that another branch has another ledger there must come out.
  const from = config.heights === 'sparse' ? floor : floor + 1
  return { kind: 'need', from: Math.max(from, (oldestLedger(window) as Ledger).sequence) }
}

/** Nothing at this height or below can be undone: it is final, or no longer held. */
function floorOf({ finalizedLedger, window }: ReorgState): number {
  return Math.max(finalizedLedger, window.forgotten ?? 0)
}

/** Whether a ledger that nothing ties to the chain is too far above it. */
function isFar({ linkedLedger, config }: ReorgState, { sequence }: Ledger): boolean {
  return sequence - linkedLedger - 1 > config.maxGap
}

/** Whether the page goes on from here with a run longer than the finality depth. */
function isResumed(page: readonly Ledger[], at: number, { heights, finalityDepth }: ReorgConfig): boolean {
  let end = at + 1
  while (end < page.length && isLinked(page[end - 1] as Ledger, page[end] as Ledger, heights)) end++
  return end - at > finalityDepth
}

/** Close times only grow along one chain: a lower ledger that closed later is of another one. Lag looks older. */
function closedLater(chain: ReorgState, tip: Ledger, { sequence, closedAt }: Ledger): boolean {
  const { config, window, linkedLedger } = chain
  if (config.closeTimes === 'unordered' || sequence >= tip.sequence) return false
  if (!((closedAt as number) > (tip.closedAt as number))) return false
  // For the time of a tip on an island nobody vouches: the chain's own must be passed as well.
  return !((closedAt as number) <= (ledgerAt(window, linkedLedger)?.closedAt as number))
}

function conflictAt(
  code: ReorgConflictCode,
  ledger: number,
  existingHash: string | null,
  incomingHash: string,
): Conflict {
  return { kind: 'conflict', code, ledger, existingHash, incomingHash }
}
