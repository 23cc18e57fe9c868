/**
 * Ledgers from a provider: each is placed, then taken. The first that must be refused refuses the whole event, so a consumer never
 * sees half of a branch.
 *
 * @module
 */
import { stepConflict } from './conflict.ts'
import { accept, type ReorgCode, type ReorgEffect, type ReorgStep, refuse, warning } from './effects.ts'
import { endOfChain, isLinked, islandRoom, lengthOfTopRun } from './links.ts'
import { type Fork, placeLedger } from './place.ts'
import { recordReorg, settle } from './settle.ts'
import { change, type LedgerRange, type ReorgState, type StateDraft } from './state.ts'
import {
  appendLedgers,
  countAbove,
  insertLedger,
  type Ledger,
  ledgerAbove,
  ledgerAtOrBelow,
  trimWindow,
  truncateFrom,
} from './window.ts'

/** An event in the taking. */
interface Taking {
  readonly before: ReorgState
  readonly next: StateDraft
  readonly source: string | undefined
  readonly effects: ReorgEffect[]
  /** Ledgers above those of `next.window`, up to `next.tip`. */
  readonly fresh: Ledger[]
  code: ReorgCode
  /** Whether a hole was passed over. */
  gap: boolean
  /** How many ledgers the run that ends with the tip has, if the tip is on an island; 0 while that is not known. */
  run: number
  /** Where late ledgers were put in since `next.linkedLedger` was last right. */
  late: LedgerRange | null
}

export function stepLedgers(state: ReorgState, ledgers: readonly Ledger[], source: string | undefined): ReorgStep {
  const taking: Taking = {
    before: state,
    next: { ...state },
    source,
    effects: [],
    fresh: [],
    code: 'DUPLICATE',
    gap: false,
    run: 0,
    late: null,
  }
  for (let at = 0; at < ledgers.length; at++) {
    const refusal = takeLedger(taking, ledgers, at)
    if (refusal) return refusal
  }
  return finish(taking)
}

/** Takes one ledger of a page; what is returned refuses the page. */
function takeLedger(taking: Taking, page: readonly Ledger[], at: number): ReorgStep | undefined {
  const { before, next, source } = taking
  const ledger = page[at] as Ledger
  let placement = placeLedger(next, page, at)
  if (placement.kind === 'far') {
    // Unless what came before it in the page has brought the chain closer.
    relink(taking)
    placement = placeLedger(next, page, at)
  }
  switch (placement.kind) {
    case 'known':
      return undefined
    case 'next':
      return takeNext(taking, ledger, placement.gap)
    case 'stale':
      taking.code = 'STALE' // ascending: what is stale comes before what is late
      return undefined
    case 'late':
      return takeLate(taking, ledger)
    case 'fork':
      return takeFork(taking, placement, ledger, page.at(-1) as Ledger)
    case 'need':
      return stepNeed(before, placement.from, ledger)
    case 'far':
      return refuse(before, 'GAP_TOO_LARGE', 'ledgers: must be within maxGap')
    case 'torn':
      return refuse(before, 'INVALID', 'ledgers: must link', [], 400)
    case 'conflict': {
      const { code, ledger: height, existingHash, incomingHash } = placement
      return stepConflict(before, code, height, existingHash, incomingHash, source)
    }
  }
}

function takeNext(taking: Taking, ledger: Ledger, gap: boolean): undefined {
  const { tip } = taking.next
  if (tip && gap) {
    taking.effects.push({ type: 'gap', from: tip.sequence + 1, to: ledger.sequence - 1 })
    taking.gap = true
  }
  apply(taking, ledger, !gap)
}

/** Puts a ledger on the tip, which ties it to the chain or to an island, or does not. */
function apply(taking: Taking, ledger: Ledger, tied: boolean): void {
  const { next, effects, fresh } = taking
  const { tip, config } = next
  relink(taking)
  if (!tip || (tied && next.linkedLedger === tip.sequence)) next.linkedLedger = ledger.sequence
  else {
    taking.run = tied ? (taking.run || lengthOfTopRun(next.window, config.heights)) + 1 : 1
    // The chain resumed after an outage.
    if (taking.run > config.finalityDepth) next.linkedLedger = ledger.sequence
  }
  effects.push({ type: 'apply', ledger, after: tip ? tip.sequence : null })
  fresh.push(ledger)
  next.tip = ledger
}

function takeLate(taking: Taking, ledger: Ledger): ReorgStep | undefined {
  const { before, next, effects } = taking
  const { window, config, linkedLedger, counts } = next
  const { sequence } = ledger
  const below = ledgerAtOrBelow(window, sequence)
  const above = ledgerAbove(window, sequence) as Ledger
  const tied = (below && isLinked(below, ledger, config.heights)) || isLinked(ledger, above, config.heights)
  // What nothing ties to its neighbours pushes no linked ledger out.
  if (!tied && sequence < linkedLedger && below && isFull(next)) return stepNeed(before, below.sequence + 1, ledger)

  next.window = insertLedger(window, ledger)
  next.counts = { ...counts, late: counts.late + 1 }
  effects.push({ type: 'late', ledger })
  taking.code = 'LATE'
  taking.late = { from: taking.late?.from ?? sequence, to: sequence }
  return undefined
}

/** Whether the window holds as many ledgers of the chain as it may. */
function isFull({ window, linkedLedger, config }: ReorgState): boolean {
  return window.size - countAbove(window, linkedLedger) >= config.history
}

/** Brings `linkedLedger` up to date with late ledgers. */
function relink(taking: Taking): void {
  const { next, late } = taking
  if (late) next.linkedLedger = endOfChain(next.window, next.linkedLedger, next.config, late)
  taking.late = null
}

/** Undoes ours from the fork up, and puts the first ledger of the other branch in its place. */
function takeFork(taking: Taking, fork: Fork, ledger: Ledger, last: Ledger): ReorgStep | undefined {
  const { before, next, effects, source } = taking
  const { from, to, existingHash } = fork
  relink(taking)
  // An island is no branch that must be beaten.
  if (next.config.switchRule === 'higher' && last.sequence <= next.linkedLedger) {
    return accept(before, 'IGNORED_LOWER_BRANCH', [])
  }
  const [window, undo] = truncateFrom(next.window, from)
  const record = {
    ledger: from,
    existingHash,
    incomingHash: ledger.hash,
    depth: undo.length,
    ...(source && { source }),
  }
  effects.push(warning('REORG', record), { type: 'rollback', to, undo })
  recordReorg(next, record, to, undo)
  const below = ledgerAtOrBelow(window, to ?? -1)
  next.window = window
  next.tip = below ?? null
  // What takes the place of a ledger of the chain is of the chain, whatever stands below.
  const isOfChain = from <= next.linkedLedger
  if (isOfChain) next.linkedLedger = to ?? 0
  taking.code = 'REORG'
  apply(taking, ledger, isOfChain || isLinked(below as Ledger, ledger, next.config.heights))
  return undefined
}

/** Puts the new ledgers into the window, and drops what there is no room for. */
function finish(taking: Taking): ReorgStep {
  const { before, next, effects, fresh, gap } = taking
  const { config } = next
  if (fresh.length === 0 && taking.code !== 'LATE') return accept(before, taking.code, [])
  relink(taking)
  if (fresh.length > 0 && taking.code !== 'REORG') taking.code = 'EXTENDED'
  if (next.linkedLedger === next.tip?.sequence) next.window = appendLedgers(next.window, fresh, config.history)
  else {
    const window = appendLedgers(next.window, fresh)
    const islands = countAbove(window, next.linkedLedger)
    if (islands > islandRoom(config)) return stepCrowded(before, next.linkedLedger, effects)
    next.window = trimWindow(window, config.history + islands)
  }
  return settle(next, taking.code, gap, effects)
}

/** No more can be held that nothing ties to the chain: only what lies between can be taken now. */
function stepCrowded(before: ReorgState, linkedLedger: number, effects: readonly ReorgEffect[]): ReorgStep {
  const [lowest] = effects.flatMap((effect) =>
    (effect.type === 'apply' || effect.type === 'late') && effect.ledger.sequence > linkedLedger ? [effect.ledger] : [],
  )
  return stepNeed(before, linkedLedger + 1, lowest as Ledger)
}

/** Asks for what comes before a ledger. Nothing is undone until the replacement is here. */
function stepNeed(state: ReorgState, from: number, { sequence, parentHash }: Ledger): ReorgStep {
  const need = { from, to: sequence - 1, ...(parentHash && { parentHash }) }
  return refuse(change(state, 'need', need), 'NEED', 'ledgers: must link', [{ type: 'need', ...need }])
}
