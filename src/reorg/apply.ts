// Second part of a step on ledgers: takes each ledger into a draft of the next state, as place.ts has classified it, and notes the
// effects. settle.ts then ends the step.

import { copyState } from './create-state.ts'
import { type ReorgEffect, warning } from './effects.ts'
import type { Ledger } from './ledger.ts'
import { endOfChain, isLinked, lengthOfTopRun } from './links.ts'
import type { Fitting, Fork } from './place.ts'
import type { LedgerRange, MutableState, OrphanedBranch, ReorgRecord, ReorgState } from './state.ts'
import { insertLedger, lastIndexWhere, ledgersFrom, newestLedger, truncateFrom } from './window.ts'

/** An event while it is being taken in. */
export interface Draft {
  /** The state as it will be. */
  readonly next: MutableState
  /** Name of the provider, if the event gave one. */
  readonly source: string | undefined
  readonly effects: ReorgEffect[]
  /** New ledgers at the top, up to `next.tip`. They go into `next.window` together, once the whole page has been applied. */
  readonly fresh: Ledger[]
  /** What became of the event so far. */
  code: 'DUPLICATE' | 'STALE' | 'LATE' | 'EXTENDED' | 'REORG'
  /** True if heights were passed over. */
  hasGap: boolean
  /** Length of the run that ends with the tip, while the tip is on an island; 0 if it is not known. */
  topRun: number
  /** Where late ledgers were inserted that `next.linkedLedger` does not account for yet. */
  lateRange: LedgerRange | null
}

export function startDraft(state: ReorgState, source: string | undefined): Draft {
  return {
    next: copyState(state),
    source,
    effects: [],
    fresh: [],
    code: 'DUPLICATE',
    hasGap: false,
    topRun: 0,
    lateRange: null,
  }
}

/** Takes one ledger into the draft. */
export function applyLedger(draft: Draft, ledger: Ledger, placement: Fitting): void {
  switch (placement.kind) {
    case 'known':
      return
    case 'stale':
      // A page ascends, so stale ledgers come before all others, which then replace this code.
      draft.code = 'STALE'
      return
    case 'late':
      applyLate(draft, ledger)
      return
    case 'next':
      applyNext(draft, ledger, placement.isGap)
      return
    case 'fork':
      applyFork(draft, ledger, placement)
  }
}

function applyLate(draft: Draft, ledger: Ledger): void {
  const { next, effects, lateRange } = draft
  const { sequence } = ledger
  next.window = insertLedger(next.window, ledger)
  next.counts = { ...next.counts, late: next.counts.late + 1 }
  effects.push({ type: 'late', ledger })
  draft.code = 'LATE'
  draft.lateRange = { from: lateRange?.from ?? sequence, to: sequence }
}

function applyNext(draft: Draft, ledger: Ledger, isGap: boolean): void {
  const { tip } = draft.next
  if (tip && isGap) {
    draft.effects.push({ type: 'gap', from: tip.sequence + 1, to: ledger.sequence - 1 })
    draft.hasGap = true
  }
  // A new branch may be longer than the ledger that it began with.
  if (draft.code !== 'REORG') draft.code = 'EXTENDED'
  putOnTip(draft, ledger, !isGap)
}

/** Undoes our ledgers from the fork up, and puts the first ledger of the other branch in their place. */
function applyFork(draft: Draft, ledger: Ledger, fork: Fork): void {
  const { next, effects, source } = draft
  const { from, to, existingHash } = fork
  updateLinkedLedger(draft)
  const undo = ledgersFrom(next.window, from).reverse()
  const record = {
    ledger: from,
    existingHash,
    incomingHash: ledger.hash,
    depth: undo.length,
    ...(source && { source }),
  }
  effects.push(warning('REORG', record), { type: 'rollback', to, undo })
  recordReorg(next, record, to, undo)
  next.window = truncateFrom(next.window, from)
  const below = newestLedger(next.window)
  next.tip = below ?? null
  // What takes the place of a ledger of the chain is part of the chain, whatever it is linked to.
  const isOfChain = from <= next.linkedLedger
  if (isOfChain) next.linkedLedger = to ?? 0
  draft.code = 'REORG'
  const isLinkedBelow = below !== undefined && isLinked(below, ledger, next.config.heights)
  putOnTip(draft, ledger, isOfChain || isLinkedBelow)
}

/** Makes a ledger the tip. `isTied`: it belongs to the run that the old tip is in. */
function putOnTip(draft: Draft, ledger: Ledger, isTied: boolean): void {
  const { next, effects, fresh } = draft
  updateLinkedLedger(draft)
  const { tip, config, linkedLedger } = next
  const isOnChain = !tip || (isTied && linkedLedger === tip.sequence)
  if (!isOnChain) draft.topRun = lengthOfRunWith(draft, isTied)
  // A run longer than the finality depth is the chain, resumed after an outage.
  if (isOnChain || draft.topRun > config.finalityDepth) next.linkedLedger = ledger.sequence
  effects.push({ type: 'apply', ledger, after: tip?.sequence ?? null })
  fresh.push(ledger)
  next.tip = ledger
}

/** How long the run of a ledger is that is put on a tip on an island. */
function lengthOfRunWith({ next, topRun }: Draft, isTied: boolean): number {
  if (!isTied) return 1
  const length = topRun || lengthOfTopRun(next.window, next.config.heights)
  return length + 1
}

/**
 * Brings `linkedLedger` up to date with the late ledgers inserted so far. It is not done for each of them, because it reads the whole
 * window.
 */
export function updateLinkedLedger(draft: Draft): void {
  const { next, lateRange } = draft
  if (lateRange) next.linkedLedger = endOfChain(next.window, next.linkedLedger, next.config, lateRange)
  draft.lateRange = null
}

/** Keeps account of a rollback to `to` that undid these ledgers. Call it before finality moves. */
function recordReorg(next: MutableState, record: ReorgRecord, to: number | null, undone: readonly Ledger[]): void {
  const { config, recovery, orphans, counts } = next
  const { ledger, incomingHash, depth } = record
  const isReturn = orphans.some(({ ledgers }) =>
    ledgers.some(({ sequence, hash }) => sequence === ledger && hash === incomingHash),
  )
  const rollback = counts.reorgs + 1
  next.reorgDetected = true
  next.recovery = {
    ledger: Math.max(ledger, recovery?.ledger ?? 0),
    // A shorter branch lowers what is safe. Recovered means that the chain is past what was once reported as safe.
    safeMark: Math.max(next.lastSafeLedger, recovery?.safeMark ?? 0),
  }
  next.orphans = newestBranches([...orphans, { rollback, to, ledgers: undone }], config.orphans)
  next.lastReorg = record
  next.counts = {
    ...counts,
    reorgs: rollback,
    deepest: Math.max(counts.deepest, depth),
    flaps: counts.flaps + Number(isReturn),
  }
}

/** The newest branches that together have at most `limit` ledgers. A branch is kept whole or not at all. */
function newestBranches(branches: readonly OrphanedBranch[], limit: number): readonly OrphanedBranch[] {
  let left = limit
  const tooMany = lastIndexWhere(branches, ({ ledgers }) => {
    left -= ledgers.length
    return left < 0
  })
  return branches.slice(tooMany + 1)
}
