/**
 * The end of a step: what the new window means for finality, safety and the latches. Two rules keep a lone liar harmless:
 * finality counts the ledgers that stand above, not the difference of heights, and a step that jumped a hole moves it nowhere.
 *
 * @module
 */
import { contest } from './conflict.ts'
import { accept, type ReorgCode, type ReorgEffect, type ReorgStep } from './effects.ts'
import type { FinalityPoint, OrphanedBranch, ReorgRecord, ReorgState } from './state.ts'
import { type Ledger, type LedgerWindow, ledgerAt, ledgerAtDepth } from './window.ts'

/** What a step has done to the window. */
export interface Draft {
  readonly code: ReorgCode
  readonly window: LedgerWindow
  readonly tip: Ledger
  readonly effects: ReorgEffect[]
  /** A hole was passed over. */
  readonly gap: boolean
  /** Ledgers inserted below the tip. */
  readonly late: number
  /** The branch that was undone, if one was. */
  readonly fork: {
    readonly record: ReorgRecord
    readonly to: number | null
    readonly ledgers: readonly Ledger[]
  } | null
}

/** A state in the making. */
type StateDraft = { -readonly [Key in keyof ReorgState]: ReorgState[Key] }

export function settle(state: ReorgState, { code, window, tip, effects, gap, late, fork }: Draft): ReorgStep {
  const { config, conflict, deferred, recovery } = state
  const counts = late === 0 ? state.counts : { ...state.counts, late: state.counts.late + late }
  // Member by member: on the path of every ledger a spread of this many costs more than all the rest of the step.
  const next: StateDraft = {
    version: 1,
    config,
    epoch: state.epoch,
    tip,
    lastSafeLedger: state.lastSafeLedger,
    finalizedLedger: state.finalizedLedger,
    reorgDetected: state.reorgDetected,
    recovery,
    conflict,
    need: state.need,
    deferred,
    window,
    orphans: state.orphans,
    lastReorg: state.lastReorg,
    counts,
  }
  // What was asked for has come, or the chain went another way; if not, the next ledger asks again.
  if (code !== 'LATE') next.need = null
  if (conflict && tip.sequence > conflict.tip) next.conflict = null

  let final = state.finalizedLedger
  if (!gap) {
    if (config.finality === 'depth') final = Math.max(final, finalByDepth(window, config.finalityDepth))
    const verdict = deferred && judgeFinality(window, deferred)
    if (verdict) {
      next.deferred = null
      if (verdict === true) final = Math.max(final, deferred.sequence)
      else {
        const clash = contest(next, 'FINALITY_CONFLICT', deferred.sequence, verdict, deferred.hash as string)
        next.conflict = clash.conflict
        effects.push(clash.warn)
      }
    }
  }
  moveFinality(next, final, effects)

  if (fork) {
    const { record, to, ledgers } = fork
    const { ledger, incomingHash, depth } = record
    const flap = state.orphans.some((branch) =>
      branch.ledgers.some(({ sequence, hash }) => sequence === ledger && hash === incomingHash),
    )
    const { reorgs, deepest, flaps } = counts
    const rollback = reorgs + 1
    next.reorgDetected = true
    next.recovery = {
      ledger: Math.max(ledger, recovery?.ledger ?? 0),
      // A shorter branch lowers what is safe; recovered means past what was once reported.
      safeMark: Math.max(state.lastSafeLedger, recovery?.safeMark ?? 0),
    }
    next.orphans = trim([...state.orphans, { rollback, to, ledgers }], config.orphans)
    next.lastReorg = record
    next.counts = { ...counts, reorgs: rollback, deepest: Math.max(deepest, depth), flaps: flaps + (flap ? 1 : 0) }
  } else if (
    recovery &&
    next.lastSafeLedger > recovery.safeMark &&
    tip.sequence > recovery.ledger + config.recoveryLedgers
  ) {
    next.reorgDetected = false
    next.recovery = null
    effects.push({ type: 'recovered', sequence: tip.sequence })
  }
  return accept(next, code, effects)
}

/** Raises finality, and with it what is safe; says so in `effects`. */
export function moveFinality(next: StateDraft, sequence: number, effects: ReorgEffect[]): void {
  const { tip, config, lastSafeLedger, finalizedLedger } = next
  if (sequence > finalizedLedger) effects.push({ type: 'finalize', sequence, previous: finalizedLedger })
  const safe = Math.max((tip as Ledger).sequence - config.safetyMargin, sequence)
  const wentBack = safe < lastSafeLedger
  if (safe !== lastSafeLedger) effects.push({ type: 'safe', sequence: safe, previous: lastSafeLedger, wentBack })
  next.finalizedLedger = sequence
  next.lastSafeLedger = safe
}

/** Whether a source of finality and we agree: true, our hash where it differs, or undefined while the chain has not surely reached it. */
export function judgeFinality(window: LedgerWindow, { sequence, hash }: FinalityPoint): true | string | undefined {
  const held = ledgerAt(window, sequence)
  if (held && hash !== undefined) return held.hash === hash || held.hash
  const top = ledgerAtDepth(window, surelyReached(window))
  return (top && sequence <= top.sequence) || undefined
}

/** The ledger with `depth` others above it. Heights below the oldest ledger held count as if they were held. */
function finalByDepth(window: LedgerWindow, depth: number): number {
  const top = surelyReached(window)
  const above = Math.min(depth, window.size - 1 - top)
  // A ledger alone proves nothing.
  return above < 1 ? 0 : (ledgerAtDepth(window, top + above) as Ledger).sequence - (depth - above)
}

/** Depth of the highest ledger to count from: a tip that stands apart from its neighbour may be a lone liar's. */
function surelyReached(window: LedgerWindow): 0 | 1 {
  return (ledgerAtDepth(window, 0)?.sequence ?? 0) - 1 === ledgerAtDepth(window, 1)?.sequence ? 0 : 1
}

/** Drops the oldest branches until at most `limit` ledgers are left. */
function trim(branches: readonly OrphanedBranch[], limit: number): readonly OrphanedBranch[] {
  let room = limit
  let keep = branches.length
  while (keep > 0) {
    room -= (branches[keep - 1] as OrphanedBranch).ledgers.length
    if (room < 0) break
    keep--
  }
  return branches.slice(keep)
}
