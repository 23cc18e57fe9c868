/**
 * Ledgers from a provider: each is known, below the floor, late, contested, or new on top. The first that must be refused
 * refuses the whole event, so a consumer never sees half of a branch.
 *
 * @module
 */
import { stepConflict } from './conflict.ts'
import { accept, type NeedEffect, type ReorgEffect, type ReorgStep, refuse } from './effects.ts'
import { type Draft, settle } from './settle.ts'
import { change, given, type ReorgConflictCode, type ReorgState } from './state.ts'
import {
  appendLedgers,
  insertLedger,
  type Ledger,
  type LedgerWindow,
  ledgerAt,
  ledgerAtOrBelow,
  oldestLedger,
  truncateFrom,
} from './window.ts'

export function stepLedgers(state: ReorgState, ledgers: readonly Ledger[], source: string | undefined): ReorgStep {
  const { config } = state
  const effects: ReorgEffect[] = []
  const fresh: Ledger[] = []
  let { window, tip } = state
  let fork: Draft['fork'] = null
  let gap = false
  let late = 0
  let stale = false

  for (const ledger of ledgers) {
    if (!fork && tip && ledger.sequence <= tip.sequence) {
      const place = locate(state, window, tip, ledger, source)
      if (place === 'known') continue
      if (place === 'stale') {
        stale = true
        continue
      }
      if (place === 'late') {
        window = insertLedger(window, ledger, config.history)
        effects.push({ type: 'late', ledger })
        late++
        continue
      }
      if ('code' in place) return place
      if (config.switchRule === 'higher' && (ledgers[ledgers.length - 1] as Ledger).sequence <= tip.sequence) {
        return accept(state, 'IGNORED_LOWER_BRANCH', [])
      }
      const { existingHash, below } = place
      const cut = truncateFrom(window, ledger.sequence)
      const undo = cut.removed
      const facts = { ledger: ledger.sequence, depth: undo.length, existingHash, incomingHash: ledger.hash }
      const record = { ...facts, ...given('source', source) }
      const to = below?.sequence ?? null
      fork = { record, to, ledgers: undo }
      effects.push({ type: 'warn', level: 'WARN', code: 'REORG', ...record }, { type: 'rollback', to, undo })
      window = cut.window
      tip = below
    } else if (tip) {
      const missing: number = ledger.sequence - tip.sequence - 1
      if (missing > config.maxGap)
        return refuse(state, 'GAP_TOO_LARGE', 'ledgers: further ahead of the tip than maxGap')
      if (missing === 0) {
        if (contradicts(ledger.parentHash, tip.hash)) return stepUnlinked(state, tip, ledger, source)
      } else {
        if (config.gapPolicy === 'need') return stepNeed(state, tip.sequence + 1, ledger)
        effects.push({ type: 'gap', from: tip.sequence + 1, to: ledger.sequence - 1 })
        gap = true
      }
    }
    effects.push({ type: 'apply', ledger, after: tip?.sequence ?? null })
    fresh.push(ledger)
    tip = ledger
  }

  if (fresh.length > 0) window = appendLedgers(window, fresh, config.history)
  else if (late === 0) return accept(state, stale ? 'STALE' : 'DUPLICATE', [])
  const code = fork ? 'REORG' : fresh.length > 0 ? 'EXTENDED' : 'LATE'
  return settle(state, { code, window, tip: tip as Ledger, effects, gap, late, fork })
}

/** The lowest ledger of ours that a competing branch replaces. */
interface Contest {
  readonly existingHash: string | null
  /** What is left below it. */
  readonly below: Ledger | null
}

/** Where a ledger at the tip's height or below belongs: or the refusal that it earns. */
function locate(
  state: ReorgState,
  window: LedgerWindow,
  tip: Ledger,
  ledger: Ledger,
  source: string | undefined,
): 'known' | 'stale' | 'late' | Contest | ReorgStep {
  const { sequence, hash, parentHash, closedAt } = ledger
  const held = ledgerAt(window, sequence)
  if (held?.hash === hash) return 'known'

  const refusal = (code: ReorgConflictCode): ReorgStep =>
    stepConflict(state, code, sequence, held ? held.hash : null, hash, source)
  // Close times only grow along one chain: a lower ledger that closed later is of another one. Lag looks older.
  const newer = sequence < tip.sequence && (closedAt as number) > (tip.closedAt as number)
  const floored = sequence <= floorOf(state)
  if (floored || sequence < (oldestLedger(window) as Ledger).sequence) {
    if (newer) return refusal('CHAIN_RESET_SUSPECTED')
    if (held) return refusal('FINALITY_CONFLICT')
    // Below what is held only a young, sparse chain has room: else its links can no longer be checked.
    if (floored || window.forgotten !== null || state.config.gapPolicy === 'need') return 'stale'
  }

  const below = ledgerAtOrBelow(window, sequence - 1)
  if (below?.sequence === sequence - 1 && contradicts(parentHash, below.hash)) {
    return stepUnlinked(state, below, ledger, source)
  }
  const existingHash = held ? held.hash : (ledgerAt(window, sequence + 1)?.parentHash ?? null)
  // A link decides; where there is none, the close time of the tip may still disown the ledger.
  if (!held && (existingHash === null ? !newer : existingHash === hash)) return 'late'
  // What stood below is in the consumer's tables still, but whether the new branch stands on it can no longer be told.
  if (!below && window.forgotten !== null) return refusal('FORK_BELOW_ANCHOR')
  return { existingHash, below: below ?? null }
}

/** Nothing at this height or below can be undone: it is final, or no longer held. */
function floorOf(state: ReorgState): number {
  return Math.max(state.finalizedLedger, state.window.forgotten ?? 0)
}

/** A ledger names a parent that is not the one we hold: that one is contested too, but its replacement is not in hand. */
function stepUnlinked(state: ReorgState, below: Ledger, ledger: Ledger, source: string | undefined): ReorgStep {
  const floor = floorOf(state)
  if (below.sequence > floor) {
    const { sequence } = oldestLedger(state.window) as Ledger
    return stepNeed(state, Math.max(floor + 1, sequence), ledger)
  }
  return stepConflict(state, 'FINALITY_CONFLICT', below.sequence, below.hash, ledger.parentHash as string, source)
}

/** Asks for what comes before a ledger. Nothing is undone until the replacement is here. */
function stepNeed(state: ReorgState, from: number, { sequence, parentHash }: Ledger): ReorgStep {
  const need = { from, to: sequence - 1, ...given('parentHash', parentHash) }
  const effect: NeedEffect = { type: 'need', ...need }
  return refuse(change(state, 'need', need), 'NEED', 'ledgers: those before them are missing', [effect])
}

/** Two hashes that are both known and not the same. */
function contradicts(one: string | undefined, other: string): boolean {
  return one !== undefined && one !== other
}
