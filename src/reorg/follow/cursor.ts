// The position of a consumer as one string, and the way from there to the tracker's present list. For consumers that keep their own
// position, such as a queue, a cache, or a subscriber that was away.

import type { ReorgEffect } from '../effects.ts'
import type { Ledger } from '../ledger.ts'
import type { OrphanedBranch, ReorgState } from '../state.ts'
import { ledgerAt, ledgersFrom } from '../window.ts'

/** The answer of {@link resumeReorg}. */
export interface ReorgResume {
  /**
   * - `CONTINUE`: the consumer's list is part of ours; the effects apply what it lacks (none if it is up to date)
   * - `REWIND`: the effects undo what was orphaned since, then apply what is missing
   * - `UNKNOWN`: not a cursor of this tracker, or one that is too old to judge; load the consumer again from scratch
   * - `OTHER_EPOCH`: an operator has reset the tracker since; empty the consumer's list and load it again
   * - `UNSUPPORTED`: late ledgers were inserted since (`gapPolicy: 'accept'`); load the consumer again from scratch
   */
  readonly code: 'CONTINUE' | 'REWIND' | 'UNKNOWN' | 'OTHER_EPOCH' | 'UNSUPPORTED'
  /** At most one `rollback`, then `apply`s. */
  readonly effects: readonly ReorgEffect[]
}

/**
 * Gives the position of a consumer that has carried out every effect up to this state.
 *
 * @param state The state whose effects have been carried out.
 * @returns Printable ASCII, to be stored as it is.
 *
 * @example
 * ```ts
 * const cursor = reorgCursor(state) // 'v1:0:2:0:101:9f3c…': epoch, rollbacks, late ledgers, sequence, hash
 * ```
 */
export function reorgCursor({ epoch, counts, tip }: ReorgState): string {
  return `v1:${epoch}:${counts.reorgs}:${counts.late}:${tip?.sequence ?? ''}:${tip?.hash ?? ''}`
}

/**
 * Finds the effects that turn the list of a consumer at `cursor` into the list of `state`. If they cannot be known, the code says so; it
 * never continues as if nothing had happened.
 *
 * @param state The state of the tracker now.
 * @param cursor What `reorgCursor` gave the consumer. Any value is safe.
 * @returns A code, and the effects that lead from there to here. It never throws.
 *
 * @example
 * ```ts
 * const { code, effects } = resumeReorg(state, subscriber.cursor)
 * if (code === 'CONTINUE' || code === 'REWIND') await carryOut(effects)
 * else await loadAgain()
 * ```
 */
export function resumeReorg(state: ReorgState, cursor: string): ReorgResume {
  const position = readCursor(cursor)
  const { window, counts, orphans } = state
  if (!position) return withoutEffects('UNKNOWN')
  if (position.epoch !== state.epoch) return withoutEffects('OTHER_EPOCH')
  if (position.rollbacks > counts.reorgs || position.late > counts.late) return withoutEffects('UNKNOWN')
  if (position.late !== counts.late) return withoutEffects('UNSUPPORTED')
  const since = orphans.filter(({ rollback }) => rollback > position.rollbacks)
  if (since.length !== counts.reorgs - position.rollbacks) return withoutEffects('UNKNOWN')

  const { undo, top } = undoSince(since, position.sequence)
  if (!isEndOfList(position, undo[0], state)) return withoutEffects('UNKNOWN')
  if (window.forgotten !== null && (top === null || top < window.forgotten)) return withoutEffects('UNKNOWN')
  const missing = applyAbove(state, top)
  if (undo.length === 0) return { code: 'CONTINUE', effects: missing }
  return { code: 'REWIND', effects: [{ type: 'rollback', to: top, undo }, ...missing] }
}

/** What later rollbacks removed from a list that ended at `sequence`: `undo`, newest first, and `top`, where the list ends without them. */
function undoSince(
  branches: readonly OrphanedBranch[],
  sequence: number | null,
): { readonly undo: readonly Ledger[]; readonly top: number | null } {
  let top = sequence
  const undo: Ledger[] = []
  for (const { to, ledgers } of branches) {
    const end = top
    if (end === null || (to !== null && to >= end)) continue
    undo.push(...ledgers.filter((ledger) => ledger.sequence <= end))
    top = to
  }
  return { undo, top }
}

/** True if the cursor names the ledger that its list must have ended with: the first one undone, or else one that we still hold. */
function isEndOfList({ sequence, hash }: Position, undone: Ledger | undefined, { window }: ReorgState): boolean {
  // An empty list has no end, and nothing was undone in it.
  if (sequence === null) return true
  const end = undone ?? ledgerAt(window, sequence)
  return end?.sequence === sequence && end.hash === hash
}

function applyAbove({ window }: ReorgState, top: number | null): ReorgEffect[] {
  let after = top
  return ledgersFrom(window, (top ?? -1) + 1).map((ledger) => {
    const effect: ReorgEffect = { type: 'apply', ledger, after }
    after = ledger.sequence
    return effect
  })
}

/** What a cursor says. */
interface Position {
  readonly epoch: number
  readonly rollbacks: number
  readonly late: number
  /** Null for an empty list. */
  readonly sequence: number | null
  readonly hash: string | undefined
}

// The hash comes last, because it may contain a colon.
const CURSOR = /^v1:(\d+):(\d+):(\d+):(?:(\d+):([!-~]{1,128})|:)$/

function readCursor(cursor: unknown): Position | undefined {
  if (typeof cursor !== 'string') return undefined
  const parts = CURSOR.exec(cursor)
  if (!parts) return undefined
  const [, epoch, rollbacks, late, sequence, hash] = parts
  return {
    epoch: Number(epoch),
    rollbacks: Number(rollbacks),
    late: Number(late),
    sequence: sequence === undefined ? null : Number(sequence),
    hash,
  }
}

function withoutEffects(code: ReorgResume['code']): ReorgResume {
  return { code, effects: [] }
}
