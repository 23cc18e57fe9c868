/**
 * What ties ledgers together, and where that ends. A run is a stretch of ledgers each linked to the one below. The chain ends with
 * the run of `linkedLedger`; the runs above it are islands, which no link ties to anything held.
 *
 * @module
 */
import type { ReorgConfig } from './config.ts'
import type { LedgerRange, ReorgState } from './state.ts'
import { type Ledger, type LedgerWindow, lastIndexWhere, ledgerAbove } from './window.ts'

type Heights = ReorgConfig['heights']

/** Most islands' ledgers that are held, where `history` is not more. */
const ISLAND_ROOM = 1024

/** How many ledgers of islands may be held beside the chain: beyond it, what lies between is asked for. */
export function islandRoom({ history }: ReorgConfig): number {
  return Math.max(ISLAND_ROOM, history)
}

/** Two facts that are both known and not the same. */
export function differ(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other
}

/** Whether nothing can lie between two ledgers, and the upper does not disown the lower. */
export function isLinked(below: Ledger, ledger: Ledger, heights: Heights): boolean {
  if (ledger.sequence === below.sequence + 1) return !differ(ledger.parentHash, below.hash)
  return heights === 'sparse' && ledger.parentHash === below.hash
}

/**
 * The hash that our next ledger demands at a height that is not held: null if it leaves that open. `hash` is the one in question,
 * and `below` what is held beneath.
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
  // Over skipped heights, a link to what is held beneath leaves no room, and one to this very hash asks for it.
  return heights === 'sparse' && (named === below?.hash || named === hash) ? named : null
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

/** How many ledgers the run at the top of the window has. */
export function lengthOfTopRun(window: LedgerWindow, heights: Heights): number {
  return (runsOf(window, heights).at(-1) as Run).length
}

/** The top of the run that has the ledger held at `sequence`, or the one held below it. */
export function topOfRun(window: LedgerWindow, sequence: number, heights: Heights): number {
  return (runAt(runsOf(window, heights), sequence) as Run).top.sequence
}

/**
 * Where the chain ends after ledgers were put in between `range`: at the top of the run that it ended with. But a run there that is
 * longer than the finality depth is the chain, if it stands above that, or if that is not so long: what came first proves nothing.
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
  const isLongThere = ({ from, top, length }: Run): boolean =>
    length > finalityDepth && top.sequence >= range.from && from <= range.to
  const long = runs[lastIndexWhere(runs, isLongThere)]
  const isChain = long && (long.from > last.from || last.length <= finalityDepth)
  return (isChain ? long : last).top.sequence
}

function runAt(runs: readonly Run[], sequence: number): Run | undefined {
  return runs[lastIndexWhere(runs, ({ from }) => from <= sequence)]
}

/** The ledgers that the tip stands on and no link ties to the chain; null while the tip is of the chain. */
export function islandOf({ tip, linkedLedger, window }: ReorgState): LedgerRange | null {
  const lowest = ledgerAbove(window, linkedLedger)
  return tip && lowest ? { from: lowest.sequence, to: tip.sequence } : null
}
