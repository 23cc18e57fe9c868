/**
 * The end of a step: what the new window means for finality, safety and the latches. Two rules keep a lone liar harmless:
 * finality counts the ledgers that stand above, not the difference of heights, and a step that jumped a hole moves it nowhere.
 *
 * @module
 */
import { contest } from './conflict.ts'
import { accept, type ReorgCode, type ReorgEffect, type ReorgStep } from './effects.ts'
import type { OrphanedBranch, ReorgRecord, ReorgState } from './state.ts'
import { type Ledger, type LedgerWindow, ledgerAtDepth, ledgerAtOrBelow } from './window.ts'

/** A branch that this step undid. */
export interface Fork {
  readonly record: ReorgRecord
  readonly to: number | null
  readonly undone: readonly Ledger[]
}

/** What a step has done to the window so far. */
export interface Draft {
  readonly window: LedgerWindow
  readonly tip: Ledger
  readonly effects: ReorgEffect[]
  /** A hole was passed over. */
  readonly gap: boolean
  /** Ledgers inserted below the tip. */
  readonly late: number
  readonly fork: Fork | undefined
}

export function settle(state: ReorgState, draft: Draft, code: ReorgCode): ReorgStep {
  const { config } = state
  const { window, tip, effects, fork } = draft
  const base: { -readonly [Key in keyof ReorgState]: ReorgState[Key] } = {
    ...state,
    tip,
    window,
    // What was asked for has come, or the chain went another way; if not, the next ledger asks again.
    need: code === 'LATE' ? state.need : null,
    conflict: state.conflict && tip.sequence > state.conflict.tip ? null : state.conflict,
  }
  let { finalizedLedger } = state
  if (!draft.gap) {
    if (config.finality === 'depth')
      finalizedLedger = Math.max(finalizedLedger, finalByDepth(window, tip, config.finalityDepth))
    const { deferred } = state
    const verdict = deferred ? judgeFinality(window, deferred) : undefined
    if (deferred && verdict !== undefined) {
      base.deferred = null
      if (verdict === true) finalizedLedger = Math.max(finalizedLedger, deferred.sequence)
      else {
        const clash = contest(base, 'FINALITY_CONFLICT', deferred.sequence, verdict, deferred.hash as string)
        base.conflict = clash.conflict
        effects.push(clash.warn)
      }
    }
  }
  const moved = moveFinality(base, finalizedLedger, effects)
  return accept(remember(state, moved, draft), code, effects)
}

/** Raises finality, and with it what is safe; says so in `effects`. */
export function moveFinality(state: ReorgState, finalizedLedger: number, effects: ReorgEffect[]): ReorgState {
  const { tip, config, lastSafeLedger: previous } = state
  if (finalizedLedger > state.finalizedLedger) {
    effects.push({ type: 'finalize', sequence: finalizedLedger, previous: state.finalizedLedger })
  }
  const lastSafeLedger = Math.max((tip as Ledger).sequence - config.safetyMargin, finalizedLedger)
  if (lastSafeLedger !== previous) {
    effects.push({ type: 'safe', sequence: lastSafeLedger, previous, wentBack: lastSafeLedger < previous })
  }
  return { ...state, finalizedLedger, lastSafeLedger }
}

/** Raises the flag after a rollback, and clears it after growth; keeps the branch that was undone. */
function remember(before: ReorgState, state: ReorgState, { fork, late, tip, effects }: Draft): ReorgState {
  const { recovery, config } = before
  const counts = late === 0 ? before.counts : { ...before.counts, late: before.counts.late + late }
  if (fork) {
    const { record } = fork
    const rollback = counts.reorgs + 1
    const flap = before.orphans.some(({ ledgers }) =>
      ledgers.some(({ sequence, hash }) => sequence === record.ledger && hash === record.incomingHash),
    )
    return {
      ...state,
      reorgDetected: true,
      recovery: {
        ledger: Math.max(record.ledger, recovery?.ledger ?? 0),
        // A shorter branch lowers what is safe; recovered means past what was once reported.
        safeMark: Math.max(before.lastSafeLedger, recovery?.safeMark ?? 0),
      },
      orphans: trim([...before.orphans, { rollback, to: fork.to, ledgers: fork.undone }], config.orphans),
      lastReorg: record,
      counts: {
        ...counts,
        reorgs: rollback,
        deepest: Math.max(counts.deepest, record.depth),
        flaps: counts.flaps + (flap ? 1 : 0),
      },
    }
  }
  if (recovery && state.lastSafeLedger > recovery.safeMark && tip.sequence > recovery.ledger + config.recoveryLedgers) {
    effects.push({ type: 'recovered', sequence: tip.sequence })
    return { ...state, reorgDetected: false, recovery: null, counts }
  }
  return counts === state.counts ? state : { ...state, counts }
}

/** Drops the oldest branches until at most `limit` ledgers are left. */
function trim(branches: readonly OrphanedBranch[], limit: number): readonly OrphanedBranch[] {
  let total = 0
  let keep = branches.length
  while (keep > 0) {
    total += (branches[keep - 1] as OrphanedBranch).ledgers.length
    if (total > limit) break
    keep--
  }
  return branches.slice(keep)
}

/** The ledger with `depth` others above it. Heights below the oldest ledger held count as if they were held. */
function finalByDepth(window: LedgerWindow, tip: Ledger, depth: number): number {
  // A tip that stands apart from its neighbour proves nothing about it, and neither does a ledger alone.
  const top = ledgerAtDepth(window, 1)?.sequence === tip.sequence - 1 ? 0 : 1
  const above = Math.min(depth, window.size - 1 - top)
  if (window.size - top < 2) return 0
  return (ledgerAtDepth(window, top + above) as Ledger).sequence - (depth - above)
}

/** Whether a source of finality and we agree: true, our hash where it differs, or undefined while the chain has not surely reached it. */
export function judgeFinality(
  window: LedgerWindow,
  { sequence, hash }: { readonly sequence: number; readonly hash?: string },
): true | string | undefined {
  const held = ledgerAtOrBelow(window, sequence)
  if (held?.sequence === sequence && hash !== undefined) return held.hash === hash || held.hash
  const tip = ledgerAtDepth(window, 0)
  const below = ledgerAtDepth(window, 1)
  if (!tip) return undefined
  // Below a tip that stands apart nothing is certain yet: it may be a lone liar's, and the true ledgers still to come.
  const reached = below?.sequence === tip.sequence - 1 ? tip.sequence : (below?.sequence ?? -1)
  return sequence <= reached || undefined
}
