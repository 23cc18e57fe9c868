// How ledgers hang together. Two ledgers are linked if nothing can lie between them and the upper one names the lower one as its parent,
// or names none. A *run* is a stretch of ledgers, each linked to the one below. The *chain* ends with the run that includes
// `linkedLedger`. The runs above it are *islands*: no link ties them to anything held below.

import type { ReorgConfig } from './config.ts'
import type { Ledger } from './ledger.ts'
import type { LedgerRange, LedgerWindow, ReorgState } from './state.ts'
import { countAbove, lastIndexWhere, ledgerAbove } from './window.ts'

type Heights = ReorgConfig['heights']

/** True if both facts are known and they are not the same. */
export function differ(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other
}

/** True if nothing can lie between two ledgers, and the upper one names no other parent. */
export function isLinked(below: Ledger, ledger: Ledger, heights: Heights): boolean {
  if (ledger.sequence === below.sequence + 1) return !differ(ledger.parentHash, below.hash)
  // A provider may name a ledger that is no lower as the parent. That ties nothing.
  return heights === 'sparse' && ledger.parentHash === below.hash && ledger.sequence > below.sequence
}

/**
 * What two neighbours in a list are to each other: linked, on the two sides of a hole, or torn, that is, never of one chain. The first
 * ledger, which has nothing below, counts as linked. `hashes` are those of all ledgers up to `below`.
 */
export function relationOf(
  below: Ledger | undefined,
  ledger: Ledger,
  hashes: ReadonlySet<string>,
  heights: Heights,
): 'linked' | 'hole' | 'torn' {
  if (!below || isLinked(below, ledger, heights)) return 'linked'
  if (ledger.sequence === below.sequence + 1) return 'torn'
  // With skipped heights, a link to a lower ledger says that the neighbour is not there.
  const skipsNeighbour = heights === 'sparse' && ledger.parentHash !== undefined && hashes.has(ledger.parentHash)
  return skipsNeighbour ? 'torn' : 'hole'
}

/**
 * The hash that our next ledger demands at a height that is not held; null if it leaves that open. `hash` is the one that was shown for
 * that height, and `below` is the ledger held beneath it.
 */
export function hashDemanded(
  window: LedgerWindow,
  { sequence, hash }: Pick<Ledger, 'sequence' | 'hash'>,
  below: Ledger | undefined,
  heights: Heights,
): string | null {
  const next = ledgerAbove(window, sequence)
  if (next?.parentHash === undefined) return null
  const named = next.parentHash
  if (next.sequence === sequence + 1) return named
  // With skipped heights, a link to the ledger beneath leaves no room in between, and a link to this very hash asks for it.
  const isDecided = heights === 'sparse' && (named === below?.hash || named === hash)
  return isDecided ? named : null
}

interface Run {
  readonly from: number
  top: Ledger
  length: number
}

function runsOf({ chunks }: LedgerWindow, heights: Heights): Run[] {
  const runs: Run[] = []
  for (const ledger of chunks.flat()) {
    const run = runs.at(-1)
    if (run && isLinked(run.top, ledger, heights)) {
      run.top = ledger
      run.length++
    } else runs.push({ from: ledger.sequence, top: ledger, length: 1 })
  }
  return runs
}

function runAt(runs: readonly Run[], sequence: number): Run | undefined {
  return runs[lastIndexWhere(runs, ({ from }) => from <= sequence)]
}

/** How many ledgers the run at the top of the window has. */
export function lengthOfTopRun(window: LedgerWindow, heights: Heights): number {
  const top = runsOf(window, heights).at(-1) as Run
  return top.length
}

/** Where the run ends that holds the ledger at `sequence`, or the nearest one below it. */
export function topOfRun(window: LedgerWindow, sequence: number, heights: Heights): number {
  const { top } = runAt(runsOf(window, heights), sequence) as Run
  return top.sequence
}

/**
 * Where the chain ends after late ledgers were inserted in `range`: usually at the top of the run that it ended with before. But a run in
 * that range that is longer than the finality depth is the chain instead, unless the old run is that long too and lies above it. That a
 * ledger came first proves nothing.
 */
export function endOfChain(
  window: LedgerWindow,
  linkedLedger: number,
  { heights, finalityDepth }: ReorgConfig,
  range: LedgerRange,
): number {
  const runs = runsOf(window, heights)
  const last = runAt(runs, linkedLedger) ?? runs[0]
  if (!last) return 0
  const isLong = (run: Run): boolean => run.length > finalityDepth
  const isInRange = ({ from, top }: Run): boolean => top.sequence >= range.from && from <= range.to
  const long = runs[lastIndexWhere(runs, (run) => isLong(run) && isInRange(run))]
  const replaces = long !== undefined && (long.from > last.from || !isLong(last))
  return (replaces ? long : last).top.sequence
}

/** Most ledgers on islands that are held if `history` is not more. */
const MIN_ISLAND_LEDGERS = 1024

/** How many ledgers on islands may be held beside the chain. If there are more, the tracker asks for what lies between. */
export function maxIslandLedgers({ history }: ReorgConfig): number {
  return Math.max(MIN_ISLAND_LEDGERS, history)
}

/** How many ledgers in the window are on islands. */
export function countIslandLedgers({ tip, linkedLedger, window }: ReorgState): number {
  // The tip is nearly always part of the chain.
  if (tip?.sequence === linkedLedger) return 0
  return countAbove(window, linkedLedger)
}

/** The ledgers from the first island up to the tip; null while the tip is part of the chain. */
export function islandOf({ tip, linkedLedger, window }: ReorgState): LedgerRange | null {
  const lowest = ledgerAbove(window, linkedLedger)
  if (!tip || !lowest) return null
  return { from: lowest.sequence, to: tip.sequence }
}
