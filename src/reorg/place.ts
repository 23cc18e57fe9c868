// First part of a step on ledgers: what is a ledger to the chain that is held? A pure classification, from the ledger, the page it came
// in, and the state. Nothing changes here; apply.ts acts on the result.

import type { ReorgConfig } from './config.ts'
import type { Contradiction } from './conflict.ts'
import type { Ledger } from './ledger.ts'
import { differ, hashDemanded, isLinked } from './links.ts'
import type { ReorgConflictCode, ReorgState } from './state.ts'
import { countAbove, ledgerAbove, ledgerAt, ledgerAtOrBelow, ledgerByHash, oldestLedger, someAbove } from './window.ts'

/** What a ledger is to the chain. `ok` says whether the event can go on; if not, the whole event is turned down. */
export type Placement = Fitting | Obstacle

/**
 * A ledger that can be taken in.
 *
 * - `known`: already held
 * - `stale`: too old to judge
 * - `late`: fits in below the tip
 * - `next`: continues from the tip, or lies beyond a gap
 * - `fork`: contradicts ours, and replaces it
 */
export type Fitting =
  | { readonly ok: true; readonly kind: 'known' | 'stale' | 'late' }
  | { readonly ok: true; readonly kind: 'next'; readonly isGap: boolean }
  | Fork

/** Where a competing branch leaves ours. */
export interface Fork {
  readonly ok: true
  readonly kind: 'fork'
  /** The lowest of our ledgers that the branch contradicts, or the height of its first ledger if we hold none there. */
  readonly from: number
  /** Sequence of the last ledger of ours that stays; null if none does. */
  readonly to: number | null
  /** Our hash at `from`: of the ledger held, or the one that our next ledger demands. */
  readonly existingHash: string | null
}

/**
 * A ledger that cannot be taken in.
 *
 * - `need`: cannot be judged without the ledgers below it, `from` this height up
 * - `far`: beyond `maxGap`
 * - `torn`: contradicts the page it came in
 * - `conflict`: contradicts a ledger that cannot be undone
 * - `lower`: begins a branch that does not end above ours, with `switchRule: 'higher'`
 */
export type Obstacle =
  | { readonly ok: false; readonly kind: 'need'; readonly from: number }
  | { readonly ok: false; readonly kind: 'far' | 'torn' | 'lower' }
  | ({ readonly ok: false; readonly kind: 'conflict' } & Contradiction)

const KNOWN: Placement = { ok: true, kind: 'known' }
const STALE: Placement = { ok: true, kind: 'stale' }
const LATE: Placement = { ok: true, kind: 'late' }
const NEXT: Placement = { ok: true, kind: 'next', isGap: false }
const GAP: Placement = { ok: true, kind: 'next', isGap: true }
const FAR: Placement = { ok: false, kind: 'far' }
const TORN: Placement = { ok: false, kind: 'torn' }

/** A ledger, and where it is in its page. */
interface Shown {
  readonly ledger: Ledger
  /** The ledger before it in the page. */
  readonly previous: Ledger | undefined
  readonly page: readonly Ledger[]
  readonly at: number
}

/**
 * Classifies the ledger at `at` of a page. The ledgers before it are part of `chain` already, except that the window may lack those above
 * the old tip.
 */
export function placeLedger(chain: ReorgState, ledger: Ledger, page: readonly Ledger[], at: number): Placement {
  const { tip, config } = chain
  if (!tip || isLinked(tip, ledger, config.heights)) return NEXT
  const shown = { ledger, previous: page[at - 1], page, at }
  if (ledger.sequence <= tip.sequence) return placeBelow(chain, tip, shown)
  if (config.heights === 'sparse' && ledger.parentHash !== undefined) {
    return placeByLink(chain, tip, ledger.parentHash, shown)
  }
  return placeByHeight(chain, tip, shown)
}

/** Above the tip, without skipped heights or without a parent: the height decides. */
function placeByHeight(chain: ReorgState, tip: Ledger, shown: Shown): Placement {
  const { ledger } = shown
  if (ledger.sequence === tip.sequence + 1) return placeUnlinked(chain, tip, shown, undefined)
  if (isFar(chain, ledger)) return FAR
  return chain.config.gapPolicy === 'need' ? needFrom(tip.sequence + 1) : GAP
}

/** Above the tip, with skipped heights: the parent decides. */
function placeByLink(chain: ReorgState, tip: Ledger, parentHash: string, shown: Shown): Placement {
  const { config, window } = chain
  const { ledger, previous } = shown
  const parent = ledgerByHash(window, parentHash, ledger.sequence)
  if (parent) return placeFork(chain, parent, shown)
  if (isFar(chain, ledger)) return FAR
  const isHole = ledger.sequence > tip.sequence + 1
  if (isHole && config.gapPolicy === 'accept' && isResumed(shown, config)) return GAP
  return placeUnlinked(chain, tip, shown, previous)
}

/** At the height of the tip or below. */
function placeBelow(chain: ReorgState, tip: Ledger, shown: Shown): Placement {
  const { window, config } = chain
  const { ledger } = shown
  const { sequence, hash } = ledger
  const held = ledgerAt(window, sequence)
  if (held?.hash === hash) return KNOWN

  const below = ledgerAtOrBelow(window, sequence - 1)
  const isNewer = closedAfter(chain, tip, ledger)
  const conflict = (code: ReorgConflictCode): Placement => conflictAt(code, sequence, held?.hash ?? null, hash)
  if (sequence <= floorOf(chain)) {
    if (isNewer) return conflict('CHAIN_RESET_SUSPECTED')
    return held || sharesParentWithNext(chain, ledger, below) ? conflict('FINALITY_CONFLICT') : STALE
  }
  if (!held && !below) {
    if (isNewer) return conflict('CHAIN_RESET_SUSPECTED')
    // Below all that is held, links can no longer be checked, except in a young chain that may have holes.
    if (window.forgotten !== null || config.gapPolicy === 'need') return STALE
  }

  const demanded = held?.hash ?? hashDemanded(window, ledger, below, config.heights)
  const contested = below && placeByParent(chain, below, shown, demanded)
  if (contested) return contested
  // A link decides. Without one, a ledger that closed after the tip does not fit.
  const fits = demanded === hash || (demanded === null && !isNewer)
  if (fits && !isNamedPastAnother(chain, ledger)) return placeLate(chain, ledger, below)
  return placeRival(chain, ledger, below, demanded)
}

/**
 * True if a ledger and the next one that we hold name the same parent. With skipped heights, only one of them can be on the chain.
 */
function sharesParentWithNext(chain: ReorgState, { sequence, parentHash }: Ledger, below: Ledger | undefined): boolean {
  const { window, config } = chain
  if (config.heights === 'consecutive' || below === undefined || parentHash !== below.hash) return false
  return ledgerAbove(window, sequence)?.parentHash === below.hash
}

/** True if a ledger that we hold names this one as its parent, past another ledger. With skipped heights, the other cannot be there. */
function isNamedPastAnother({ window, config }: ReorgState, { sequence, hash }: Ledger): boolean {
  if (config.heights === 'consecutive') return false
  const next = ledgerAbove(window, sequence)
  return someAbove(window, sequence, (ledger) => ledger !== next && ledger.parentHash === hash)
}

/** What a ledger below the tip is by its parent alone; undefined if that is the ledger beneath it, or says nothing. */
function placeByParent(chain: ReorgState, below: Ledger, shown: Shown, demanded: string | null): Placement | undefined {
  const { window, config } = chain
  const { ledger, previous } = shown
  const { sequence, hash, parentHash } = ledger
  if (config.heights === 'consecutive') {
    const isBroken = below.sequence === sequence - 1 && differ(parentHash, below.hash)
    return isBroken ? placeUnlinked(chain, below, shown, undefined) : undefined
  }
  if (parentHash === undefined || parentHash === below.hash) return undefined
  const parent = ledgerByHash(window, parentHash, sequence)
  if (parent) return placeFork(chain, parent, shown)
  const hasRoomForParent = demanded === hash && below.sequence < sequence - 1
  return hasRoomForParent ? undefined : placeUnlinked(chain, below, shown, previous)
}

/** A ledger that fits in below the tip. */
function placeLate(chain: ReorgState, ledger: Ledger, below: Ledger | undefined): Placement {
  if (isFar(chain, ledger)) return FAR
  // A ledger that is linked to neither neighbour must not push a linked one out of the window.
  const isInChain = below !== undefined && ledger.sequence < chain.linkedLedger
  if (isInChain && isFull(chain) && !isLinkedAt(chain, ledger, below)) return needFrom(below.sequence + 1)
  return LATE
}

/** True if the window holds as many ledgers of the chain as it may. */
function isFull({ window, linkedLedger, config }: ReorgState): boolean {
  return window.size - countAbove(window, linkedLedger) >= config.history
}

/** True if a ledger is linked to the one below it or to the one above. */
function isLinkedAt({ window, config }: ReorgState, ledger: Ledger, below: Ledger): boolean {
  const above = ledgerAbove(window, ledger.sequence)
  if (above && isLinked(ledger, above, config.heights)) return true
  return isLinked(below, ledger, config.heights)
}

/** A ledger that contradicts the one we hold at its height, or what our next ledger demands there. */
function placeRival(
  { window, config }: ReorgState,
  ledger: Ledger,
  below: Ledger | undefined,
  demanded: string | null,
): Placement {
  const { sequence, hash } = ledger
  if (!below) {
    // The consumer still has the ledgers below, but nobody can tell whether the new branch builds on them.
    if (window.forgotten !== null) return conflictAt('FORK_BELOW_ANCHOR', sequence, demanded, hash)
    return { ok: true, kind: 'fork', from: sequence, to: null, existingHash: demanded }
  }
  if (config.gapPolicy === 'need' && !isLinked(below, ledger, config.heights)) return needFrom(below.sequence + 1)
  return { ok: true, kind: 'fork', from: sequence, to: below.sequence, existingHash: demanded }
}

/** A ledger that names an older one of ours as its parent: the ledgers that we hold between the two are contested. */
function placeFork(chain: ReorgState, parent: Ledger, { ledger, previous }: Shown): Placement {
  // The page itself shows a ledger between the two.
  if (previous && previous.sequence > parent.sequence) return TORN
  const lowest = ledgerAbove(chain.window, parent.sequence)
  const { sequence, hash } = lowest as Ledger
  if (sequence <= floorOf(chain)) return conflictAt('FINALITY_CONFLICT', sequence, hash, ledger.hash)
  return { ok: true, kind: 'fork', from: sequence, to: parent.sequence, existingHash: hash }
}

/**
 * A ledger that names a parent we do not hold, so the ledger beneath it is in doubt too. Nothing is undone until the replacement is here.
 * `previous` is the ledger before it in its page, if that can be its parent.
 */
function placeUnlinked(
  chain: ReorgState,
  below: Ledger,
  { ledger, page }: Shown,
  previous: Ledger | undefined,
): Placement {
  const { config, window, finalizedLedger } = chain
  const floor = floorOf(chain)
  const incomingHash = ledger.parentHash as string
  const conflict = (code: ReorgConflictCode): Placement => conflictAt(code, below.sequence, below.hash, incomingHash)
  if (ledger.sequence - 1 <= floor) return conflict('FINALITY_CONFLICT')
  if (previous?.hash === incomingHash) {
    // The parent is in the page, but it is too old to judge.
    return conflict(previous.sequence <= finalizedLedger ? 'FINALITY_CONFLICT' : 'FORK_BELOW_ANCHOR')
  }
  // With skipped heights, ask from the floor itself: it must come out if the other branch has another ledger there.
  const lowestInDoubt = config.heights === 'sparse' ? floor : floor + 1
  // The window is empty as long as the whole chain comes from this page.
  const { sequence: oldest } = oldestLedger(window) ?? (page[0] as Ledger)
  return needFrom(Math.max(lowestInDoubt, oldest))
}

/** Nothing at this height or below can be undone: it is final, or no longer held. */
function floorOf({ finalizedLedger, window }: ReorgState): number {
  return Math.max(finalizedLedger, window.forgotten ?? 0)
}

/** True if a ledger that nothing ties to the chain is too far above it. */
function isFar({ linkedLedger, config }: ReorgState, { sequence }: Ledger): boolean {
  return sequence - linkedLedger - 1 > config.maxGap
}

/** True if the page goes on from this ledger with a run longer than the finality depth: the chain after an outage. */
function isResumed({ ledger, page, at }: Shown, { heights, finalityDepth }: ReorgConfig): boolean {
  let below = ledger
  let length = 1
  for (let next = page[at + 1]; next && isLinked(below, next, heights); next = page[at + length]) {
    below = next
    length++
  }
  return length > finalityDepth
}

/**
 * True if a ledger below the tip closed after it. Close times only grow along one chain, so it is of another chain: lag looks older.
 */
function closedAfter(
  { config, window, linkedLedger }: ReorgState,
  tip: Ledger,
  { sequence, closedAt }: Ledger,
): boolean {
  if (config.closeTimes === 'unordered' || sequence >= tip.sequence) return false
  if (closedAt === undefined || tip.closedAt === undefined || closedAt <= tip.closedAt) return false
  // Nobody vouches for the close time of a tip on an island, so the ledger must have closed after the end of the chain as well.
  const end = ledgerAt(window, linkedLedger)
  return end?.closedAt === undefined || closedAt > end.closedAt
}

/** True if the branch that a page shows loses to ours: with `switchRule: 'higher'` it must end above our chain. Islands do not count. */
export function isBeaten({ config, linkedLedger }: ReorgState, page: readonly Ledger[]): boolean {
  const top = page.at(-1) as Ledger
  return config.switchRule === 'higher' && top.sequence <= linkedLedger
}

function needFrom(from: number): Placement {
  return { ok: false, kind: 'need', from }
}

function conflictAt(
  code: ReorgConflictCode,
  ledger: number,
  existingHash: string | null,
  incomingHash: string,
): Placement {
  return { ok: false, kind: 'conflict', code, ledger, existingHash, incomingHash }
}
