/**
 * The end of a step: what the new window means for finality, safety and the latches. Three rules keep a liar harmless: finality
 * counts the ledgers that stand above, not the difference of heights; it counts none of an island; and a step that jumped a hole
 * moves it nowhere.
 *
 * @module
 */
import { stepConflict } from './conflict.ts'
import { accept, pushSafe, type ReorgCode, type ReorgEffect, type ReorgStep } from './effects.ts'
import { hashDemanded, isLinked, topOfRun } from './links.ts'
import type { FinalityPoint, ReorgRecord, ReorgState, StateDraft } from './state.ts'
import {
  countAbove,
  type Ledger,
  lastIndexWhere,
  ledgerAt,
  ledgerAtDepth,
  ledgerAtOrBelow,
  trimWindow,
} from './window.ts'

/** Ends a step that has set the new tip and window; `gap` if a hole was passed over. */
export function settle(next: StateDraft, code: ReorgCode, gap: boolean, effects: ReorgEffect[]): ReorgStep {
  const { config, conflict, deferred, recovery } = next
  const { sequence } = next.tip as Ledger
  // What was asked for has come, or the chain went another way; if not, the next ledger asks again.
  if (code !== 'LATE') next.need = null
  if (conflict && sequence > conflict.tip) next.conflict = null

  let final = next.finalizedLedger
  if (!gap) {
    if (config.finality === 'depth') final = Math.max(final, finalByDepth(next))
    const verdict = deferred && judgeFinality(next, deferred)
    if (verdict) {
      next.deferred = null
      if (verdict === true) final = Math.max(final, deferred.sequence)
      else {
        const clash = stepConflict(next, 'FINALITY_CONFLICT', deferred.sequence, verdict, deferred.hash as string)
        next.conflict = clash.state.conflict
        effects.push(...clash.effects)
      }
    }
  }
  moveFinality(next, final, effects)

  if (
    code !== 'REORG' &&
    recovery &&
    next.lastSafeLedger > recovery.safeMark &&
    sequence > recovery.ledger + config.recoveryLedgers
  ) {
    next.reorgDetected = false
    next.recovery = null
    effects.push({ type: 'recovered', sequence })
  }
  return accept(next, code, effects)
}

/** Keeps account of a rollback to `to` that undid these ledgers; before finality moves. */
export function recordReorg(
  next: StateDraft,
  record: ReorgRecord,
  to: number | null,
  ledgers: readonly Ledger[],
): void {
  const { config, recovery, orphans, counts } = next
  const { ledger } = record
  const flap = orphans.some((branch) =>
    branch.ledgers.some((left) => left.sequence === ledger && left.hash === record.incomingHash),
  )
  const rollback = counts.reorgs + 1
  next.reorgDetected = true
  next.recovery = {
    ledger: Math.max(ledger, recovery?.ledger ?? 0),
    // A shorter branch lowers what is safe; recovered means past what was once reported.
    safeMark: Math.max(next.lastSafeLedger, recovery?.safeMark ?? 0),
  }
  const branches = [...orphans, { rollback, to, ledgers }]
  // The oldest go first, until no more ledgers are left than there is room for.
  let room = config.orphans
  const full = lastIndexWhere(branches, ({ ledgers: { length } }) => {
    room -= length
    return room < 0
  })
  next.orphans = branches.slice(full + 1)
  next.lastReorg = record
  next.counts = {
    ...counts,
    reorgs: rollback,
    deepest: Math.max(counts.deepest, record.depth),
    flaps: counts.flaps + Number(flap),
  }
}

/** Raises finality, and with it what is safe; says so in `effects`. */
export function moveFinality(next: StateDraft, sequence: number, effects: ReorgEffect[]): void {
  const { lastSafeLedger, finalizedLedger } = next
  if (sequence > finalizedLedger) effects.push({ type: 'finalize', sequence, previous: finalizedLedger })
  const safe = Math.max((next.tip as Ledger).sequence - next.config.safetyMargin, sequence)
  pushSafe(effects, lastSafeLedger, safe)
  next.finalizedLedger = sequence
  next.lastSafeLedger = safe
  if (sequence > next.linkedLedger) tieIn(next, sequence)
}

/** A source of finality vouches for a ledger of an island: the chain reaches up to there, whatever lies between. */
function tieIn(next: StateDraft, sequence: number): void {
  const { window, config } = next
  next.linkedLedger = topOfRun(window, sequence, config.heights)
  next.window = trimWindow(window, config.history + countAbove(window, next.linkedLedger))
}

/** Whether a source of finality and we agree: true, our hash where it differs, or undefined while the chain has not surely reached it. */
export function judgeFinality(chain: ReorgState, { sequence, hash }: FinalityPoint): true | string | undefined {
  const { window, config } = chain
  const held = ledgerAt(window, sequence)
  if (held && hash !== undefined) return held.hash === hash || held.hash
  const top = ledgerAtDepth(window, surelyReached(chain))
  if (!top || sequence > top.sequence) return undefined
  if (held || hash === undefined) return true
  const demanded = hashDemanded(window, { sequence, hash }, ledgerAtOrBelow(window, sequence), config.heights)
  return demanded === null || demanded === hash || demanded
}

/** The ledger with `finalityDepth` others above it. */
function finalByDepth(chain: ReorgState): number {
  const { window, config } = chain
  const depth = config.finalityDepth
  const top = surelyReached(chain)
  const above = Math.min(depth, window.size - 1 - top)
  // A ledger alone proves nothing.
  if (above < 1) return 0
  const missing = depth - above
  // Heights below the oldest ledger held count as if they were held, unless there may be none.
  if (missing > 0 && config.heights === 'sparse') return 0
  return (ledgerAtDepth(window, top + above) as Ledger).sequence - missing
}

/** Depth of the highest ledger to count from: below all islands, and below a chain of one ledger, which may be a lone liar's. */
function surelyReached({ window, tip, linkedLedger, config }: ReorgState): number {
  const islands = tip?.sequence === linkedLedger ? 0 : countAbove(window, linkedLedger)
  const top = ledgerAtDepth(window, islands)
  const below = ledgerAtDepth(window, islands + 1)
  return top && below && isLinked(below, top, config.heights) ? islands : islands + 1
}
