/**
 * Ledgers from a provider: each is known, below the floor, late, contested, or new on top. The first that must be refused
 * refuses the whole event, so a consumer never sees half of a branch.
 *
 * @module
 */
import { stepConflict } from './conflict.ts'
import { accept, type ReorgCode, type ReorgEffect, type ReorgStep, refuse, warning } from './effects.ts'
import { recordReorg, settle } from './settle.ts'
import { change, type ReorgConflictCode, type ReorgState, type StateDraft } from './state.ts'
import { differ } from './validate.ts'
import {
  appendLedgers,
  insertLedger,
  type Ledger,
  ledgerAt,
  ledgerAtOrBelow,
  oldestLedger,
  truncateFrom,
} from './window.ts'

export function stepLedgers(state: ReorgState, ledgers: readonly Ledger[], source: string | undefined): ReorgStep {
  const { config } = state
  const next: StateDraft = { ...state }
  const effects: ReorgEffect[] = []
  const fresh: Ledger[] = []
  let code: ReorgCode = 'DUPLICATE'
  let gap = false

  for (const ledger of ledgers) {
    const { tip } = next
    const { sequence } = ledger
    let after = tip?.sequence ?? null
    const missing = after === null ? 0 : sequence - after - 1
    if (missing < 0) {
      const place = locate(state, next, ledger, source)
      if (typeof place === 'string') {
        if (place === 'LATE') {
          next.window = insertLedger(next.window, ledger, config.history)
          next.counts = { ...next.counts, late: next.counts.late + 1 }
          effects.push({ type: 'late', ledger })
        }
        if (place !== 'DUPLICATE') code = place // ascending: what is stale comes before what is late
        continue
      }
      if ('code' in place) return place
      if (config.switchRule === 'higher' && (ledgers.at(-1) as Ledger).sequence <= (tip as Ledger).sequence) {
        return accept(state, 'IGNORED_LOWER_BRANCH', [])
      }
      const [window, undo] = truncateFrom(next.window, sequence)
      const record = {
        ledger: sequence,
        existingHash: place.existingHash,
        incomingHash: ledger.hash,
        depth: undo.length,
        ...(source && { source }),
      }
      after = place.to
      effects.push(warning('REORG', record), { type: 'rollback', to: after, undo })
      recordReorg(next, record, after, undo)
      next.window = window
      code = 'REORG'
    } else if (missing > config.maxGap) {
      return refuse(state, 'GAP_TOO_LARGE', 'ledgers: must be within maxGap')
    } else if (missing > 0) {
      const from = sequence - missing
      if (config.gapPolicy === 'need') return stepNeed(state, from, ledger)
      effects.push({ type: 'gap', from, to: sequence - 1 })
      gap = true
    } else if (tip && differ(ledger.parentHash, tip.hash)) return stepUnlinked(state, tip, ledger, source)
    effects.push({ type: 'apply', ledger, after })
    fresh.push(ledger)
    next.tip = ledger
  }

  if (fresh.length > 0) {
    next.window = appendLedgers(next.window, fresh, config.history)
    if (code !== 'REORG') code = 'EXTENDED'
  } else if (code !== 'LATE') return accept(state, code, [])
  return settle(next, code, gap, effects)
}

/** Where a competing branch leaves ours. */
interface Fork {
  /** The hash of ours that it contradicts. */
  readonly existingHash: string | null
  /** Sequence of what is left below. */
  readonly to: number | null
}

/** Where a ledger at the tip's height or below belongs: or the refusal that it earns. */
function locate(
  state: ReorgState,
  { window, tip }: ReorgState,
  ledger: Ledger,
  source: string | undefined,
): 'DUPLICATE' | 'STALE' | 'LATE' | Fork | ReorgStep {
  const { sequence, hash } = ledger
  const held = ledgerAt(window, sequence)
  if (held?.hash === hash) return 'DUPLICATE'

  const refusal = (code: ReorgConflictCode): ReorgStep =>
    stepConflict(state, code, sequence, held ? held.hash : null, hash, source)
  // Close times only grow along one chain: a lower ledger that closed later is of another one. Lag looks older.
  const newer = sequence < (tip as Ledger).sequence && (ledger.closedAt as number) > (tip?.closedAt as number)
  const floored = sequence <= floorOf(state)
  const below = ledgerAtOrBelow(window, sequence - 1)
  if (floored || (!held && !below)) {
    if (newer) return refusal('CHAIN_RESET_SUSPECTED')
    if (held) return refusal('FINALITY_CONFLICT')
    // Below what is held only a young, sparse chain has room: else its links can no longer be checked.
    if (floored || window.forgotten !== null || state.config.gapPolicy === 'need') return 'STALE'
  }

  if (below?.sequence === sequence - 1 && differ(ledger.parentHash, below.hash)) {
    return stepUnlinked(state, below, ledger, source)
  }
  const existingHash = held ? held.hash : (ledgerAt(window, sequence + 1)?.parentHash ?? null)
  // A link decides; where there is none, the close time of the tip may still disown the ledger.
  if (!held && (existingHash === null ? !newer : existingHash === hash)) return 'LATE'
  // What stood below is in the consumer's tables still, but whether the new branch stands on it can no longer be told.
  if (!below && window.forgotten !== null) return refusal('FORK_BELOW_ANCHOR')
  return { existingHash, to: below?.sequence ?? null }
}

/** Nothing at this height or below can be undone: it is final, or no longer held. */
function floorOf(state: ReorgState): number {
  return Math.max(state.finalizedLedger, state.window.forgotten ?? 0)
}

/** A ledger names a parent that is not the one we hold: that one is contested too, but its replacement is not in hand. */
function stepUnlinked(state: ReorgState, below: Ledger, ledger: Ledger, source: string | undefined): ReorgStep {
  const floor = floorOf(state)
  const oldest = oldestLedger(state.window) as Ledger
  if (below.sequence > floor) return stepNeed(state, Math.max(floor + 1, oldest.sequence), ledger)
  return stepConflict(state, 'FINALITY_CONFLICT', below.sequence, below.hash, ledger.parentHash as string, source)
}

/** Asks for what comes before a ledger. Nothing is undone until the replacement is here. */
function stepNeed(state: ReorgState, from: number, { sequence, parentHash }: Ledger): ReorgStep {
  const need = { from, to: sequence - 1, ...(parentHash && { parentHash }) }
  return refuse(change(state, 'need', need), 'NEED', 'ledgers: must link', [{ type: 'need', ...need }])
}
