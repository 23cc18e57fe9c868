/**
 * Where a consumer stands, as one string, and the way from there to where the tracker stands now: for consumers that keep
 * their own position, such as a queue, a cache or a subscriber that was away.
 *
 * @module
 */
import type { ReorgEffect } from './effects.ts'
import type { ReorgState } from './state.ts'
import { type Ledger, ledgerAt, ledgersFrom } from './window.ts'

/**
 * The answer of {@link resumeReorg}.
 *
 * - `CONTINUE`: the consumer's list is part of ours; the effects apply what it lacks (none if it is up to date)
 * - `REWIND`: the effects undo what is orphaned since, then apply what it lacks
 * - `UNKNOWN`: no cursor of this tracker, or one too old to tell; load the consumer anew
 * - `OTHER_EPOCH`: an operator has reset the tracker since; empty the consumer's list and load it anew
 * - `UNSUPPORTED`: ledgers were inserted below the cursor since (`gapPolicy: 'accept'`); load the consumer anew
 */
export interface ReorgResume {
  readonly code: 'CONTINUE' | 'REWIND' | 'UNKNOWN' | 'OTHER_EPOCH' | 'UNSUPPORTED'
  /** At most one `rollback`, then `apply`s. */
  readonly effects: readonly ReorgEffect[]
}

/**
 * The position of a consumer that has carried out every effect up to this state. Store it as it is; it is printable ASCII.
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
 * What turns the list of a consumer at `cursor` into the list of `state`: exactly that, or a refusal; never a silent continue.
 * Takes any text and never throws.
 *
 * @example
 * ```ts
 * const { code, effects } = resumeReorg(state, subscriber.cursor)
 * if (code === 'CONTINUE' || code === 'REWIND') await carryOut(effects)
 * else await loadAnew()
 * ```
 */
export function resumeReorg(state: ReorgState, cursor: string): ReorgResume {
  const place = readCursor(cursor)
  const { window, counts } = state
  if (!place) return answer('UNKNOWN')
  if (place.epoch !== state.epoch) return answer('OTHER_EPOCH')
  if (place.rollbacks > counts.reorgs || place.late > counts.late) return answer('UNKNOWN')
  if (place.late !== counts.late) return answer('UNSUPPORTED')
  const since = state.orphans.filter(({ rollback }) => rollback > place.rollbacks)
  if (since.length !== counts.reorgs - place.rollbacks) return answer('UNKNOWN')

  // Each rollback since took from the consumer's list what stood above its foot and at the list's end or below.
  let top = place.sequence
  const undo: Ledger[] = []
  for (const { to, ledgers } of since) {
    const end = top
    if (end === null || (to !== null && to >= end)) continue
    undo.push(...ledgers.filter(({ sequence }) => sequence <= end))
    top = to
  }
  const end = place.sequence === null ? undefined : (undo[0] ?? ledgerAt(window, place.sequence))
  if (end?.sequence !== (place.sequence ?? undefined) || end?.hash !== place.hash) return answer('UNKNOWN')
  if (window.forgotten !== null && (top === null || top < window.forgotten)) return answer('UNKNOWN')

  const effects: ReorgEffect[] = undo.length > 0 ? [{ type: 'rollback', to: top, undo }] : []
  let after = top
  for (const ledger of ledgersFrom(window, top === null ? 0 : top + 1)) {
    effects.push({ type: 'apply', ledger, after })
    after = ledger.sequence
  }
  return { code: undo.length > 0 ? 'REWIND' : 'CONTINUE', effects }
}

interface Place {
  readonly epoch: number
  readonly rollbacks: number
  readonly late: number
  readonly sequence: number | null
  readonly hash: string | undefined
}

function readCursor(cursor: unknown): Place | undefined {
  // The hash comes last, for it may hold a colon.
  const parts = typeof cursor === 'string' ? /^v1:(\d+):(\d+):(\d+):(?:(\d+):([!-~]{1,128})|:)$/.exec(cursor) : null
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

function answer(code: ReorgResume['code']): ReorgResume {
  return { code, effects: [] }
}
