// The state as numbers, for the metrics client of the host's choice. Answers that leave the state alone (`DUPLICATE`, `INVALID`, …) are
// not among them: count `step.code` where you call `stepReorg`.

import { type Ledger, sequenceOf } from '../ledger.ts'
import { isLinked } from '../links.ts'
import type { LedgerRange, ReorgState } from '../state.ts'

/** One measurement. Names and kinds are those of Prometheus. */
export interface ReorgMetric {
  readonly name: string
  readonly kind: 'gauge' | 'counter'
  readonly help: string
  readonly value: number
}

/**
 * Measures one tracker. Counters begin at 0 again only when the state is created anew.
 *
 * @param state The state of the tracker.
 * @returns The measurements, always the same ones in the same order.
 *
 * @example
 * ```ts
 * for (const { name, value } of reorgMetrics(state)) gauges.get(name)?.set(value)
 * ```
 */
export function reorgMetrics(state: ReorgState): readonly ReorgMetric[] {
  const { tip, counts, window, lastSafeLedger } = state
  const height = sequenceOf(tip)
  const safeLag = Math.max(0, height - lastSafeLedger)
  return [
    gauge('reorg_tip_ledger', 'Sequence of the newest ledger', height),
    gauge('reorg_safe_ledger', 'Highest ledger to build answers on', lastSafeLedger),
    gauge('reorg_finalized_ledger', 'Highest ledger that nothing undoes', state.finalizedLedger),
    gauge('reorg_safe_lag_ledgers', 'Ledgers between the tip and the safe ledger', safeLag),
    gauge('reorg_detected', '1 while recovering from a reorg', Number(state.reorgDetected)),
    gauge('reorg_conflicted', '1 while a conflict is set', Number(state.conflict !== null)),
    gauge('reorg_needed_ledgers', 'Ledgers asked for that have not come', countHeights(state.need)),
    gauge('reorg_missing_ledgers', 'Holes among the ledgers held', countHoles(state)),
    gauge('reorg_last_depth_ledgers', 'Ledgers undone by the last reorg', state.lastReorg?.depth ?? 0),
    gauge('reorg_deepest_ledgers', 'Ledgers undone by the deepest reorg', counts.deepest),
    gauge('reorg_window_ledgers', 'Ledgers held', window.size),
    counter('reorg_total', 'Reorgs', counts.reorgs),
    counter('reorg_flaps_total', 'Reorgs onto a branch that had been left before', counts.flaps),
    counter('reorg_late_ledgers_total', 'Ledgers inserted below the tip', counts.late),
    counter('reorg_resets_total', 'Resets by an operator', state.epoch),
  ]
}

function countHeights(range: LedgerRange | null): number {
  return range ? range.to - range.from + 1 : 0
}

/** How many heights lie between ledgers held that are not linked to each other. */
function countHoles({ window, config }: ReorgState): number {
  let holes = 0
  let below: Ledger | undefined
  for (const ledger of window.chunks.flat()) {
    if (below && !isLinked(below, ledger, config.heights)) holes += ledger.sequence - below.sequence - 1
    below = ledger
  }
  return holes
}

function gauge(name: string, help: string, value: number): ReorgMetric {
  return { name, kind: 'gauge', help, value }
}

function counter(name: string, help: string, value: number): ReorgMetric {
  return { name, kind: 'counter', help, value }
}
