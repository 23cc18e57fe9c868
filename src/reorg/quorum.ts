/**
 * Several sources, one answer: a ledger is released to `stepReorg` only once enough sources have shown the very same one.
 * Pure and plain JSON like the tracker itself, bounded for each source, and fair: a source has room of its own, so that nothing one
 * sends takes the place of what another said.
 *
 * @module
 */
import { type ReorgConfig, refuseUnknownNames, resolveConfig } from './config.ts'
import { ReorgError } from './errors.ts'
import { makeRoom } from './quorum-room.ts'
import { isSame, type QuorumState, type QuorumVotes } from './quorum-state.ts'
import { check, type LedgersEvent, type ReorgEvent, readLedgers, readText, reasonOf } from './validate.ts'
import type { Ledger } from './window.ts'

/** Options of {@link createQuorum}. */
export interface QuorumOptions {
  /** The names that `source` of a `ledgers` event may have: 1 to 32, no two the same. */
  readonly sources: readonly string[]
  /** How many of them must agree: 1 to all. More than half, if one branch is to be released at a height at a time. */
  readonly required: number
  /**
   * Most ledgers of one source that wait for the others, which is also the largest page, and most heights of which is remembered
   * that they were released. 1 to 65,536, default 1,024. The state grows with it: to this many ledgers for each source.
   */
  readonly maxPending?: number
}

/**
 * What became of a page, with its HTTP status.
 *
 * | code | status | what it means |
 * |---|---|---|
 * | `RELEASED` | 200 | taken; enough sources agree on the ledgers in `released` |
 * | `WAITING` | 202 | taken, or known; nothing new is agreed on |
 * | `INVALID` | 400 | no page, or one that contradicts itself: unchanged |
 * | `UNKNOWN_SOURCE` | 403 | by none of the quorum's sources: unchanged |
 * | `PAGE_TOO_LARGE` | 413 | more than is held for one source: unchanged. Send less at a time, or again when the others have followed |
 */
export type QuorumCode = keyof typeof STATUS

const STATUS = {
  RELEASED: 200,
  WAITING: 202,
  INVALID: 400,
  UNKNOWN_SOURCE: 403,
  PAGE_TOO_LARGE: 413,
} as const

/** The answer of {@link stepQuorum}. */
export interface QuorumStep {
  readonly code: QuorumCode
  readonly status: 200 | 202 | 400 | 403 | 413
  /** The state to go on with; the very object that was passed in if nothing changed. */
  readonly state: QuorumState
  /** Ledgers on which the sources agree now, ascending: pass each to `stepReorg` in an event of its own. */
  readonly released: readonly Ledger[]
  /** Present on every refusal. It never echoes the input. */
  readonly reason?: string
}

const LIMIT = 65_536
const NAMES: readonly string[] = ['sources', 'required', 'maxPending']

/**
 * A quorum that has heard nothing. Throws a `ReorgError` (`REORG_INVALID_CONFIG`) for options that make no sense.
 *
 * @example
 * ```ts
 * let quorum = createQuorum({ sources: ['horizon', 'rpc-1', 'rpc-2'], required: 2 })
 * ```
 */
export function createQuorum(options: QuorumOptions): QuorumState {
  if (Object(options) !== options) throw invalid('options', 'an object')
  const { sources, required, maxPending = 1024 } = options
  const named =
    Array.isArray(sources) && sources.every((source) => typeof source === 'string' && /^[!-~]{1,128}$/.test(source))
  if (!named || sources.length < 1 || sources.length > 32 || new Set(sources).size !== sources.length) {
    throw invalid('sources', '1 to 32 different names of printable ASCII characters without spaces')
  }
  if (!Number.isInteger(required) || required < 1 || required > sources.length) {
    throw invalid('required', `a whole number from 1 to ${sources.length}`)
  }
  if (!Number.isInteger(maxPending) || maxPending < 1 || maxPending > LIMIT) {
    throw invalid('maxPending', `a whole number from 1 to ${LIMIT}`)
  }
  refuseUnknownNames(options, NAMES)
  return { version: 1, sources: [...sources], required, maxPending, pending: [] }
}

/**
 * Takes one `ledgers` event of a named source, whole or not at all. Sources agree on a ledger when all of it is the same: sequence,
 * hash, parent and close time. A source that shows another ledger at a height has changed its mind: its last word counts. Never throws.
 *
 * What waits is kept until it is agreed on, or can no longer be: a source that runs ahead of the others by more than `maxPending`
 * ledgers is told so (`PAGE_TOO_LARGE`), and sends that page again later. One that goes back takes back what it said above its new page,
 * as far as there is no room for both. A source that is gone for good is waited for: make the quorum anew without it.
 *
 * @example
 * ```ts
 * const { state, released } = stepQuorum(quorum, { type: 'ledgers', ledgers: page, source: 'rpc-1' })
 * for (const ledger of released) tracker = stepReorg(tracker, { type: 'ledgers', ledgers: [ledger] }).state
 * ```
 */
export function stepQuorum(state: QuorumState, input: ReorgEvent): QuorumStep {
  try {
    const { type, source, ledgers } = Object(input) as Partial<LedgersEvent>
    check(type === 'ledgers', 'type: must be ledgers')
    const name = source === undefined ? '' : readText(source, 'any', 'source')
    if (!state.sources.includes(name)) {
      return refuse(state, 'UNKNOWN_SOURCE', 'source: must be one of the quorum')
    }
    // Not even read, if it is far beyond what could be held.
    const config = pageConfig(state.maxPending)
    if (Array.isArray(ledgers) && ledgers.length > config.maxBatch) return tooLarge(state)
    return takePage(state, name, readLedgers(ledgers, config))
  } catch (problem) {
    return refuse(state, 'INVALID', reasonOf(problem))
  }
}

/** How a page is read: repeats are merged first, so it may be longer than what is held. Times are for the tracker to judge. */
function pageConfig(maxPending: number): ReorgConfig {
  return resolveConfig({ maxBatch: Math.max(10_000, maxPending), closeTimes: 'unordered' })
}

function takePage(state: QuorumState, source: string, page: readonly Ledger[]): QuorumStep {
  if (page.length > state.maxPending) return tooLarge(state)
  const { pending, released, changed } = castVotes(state, source, page)
  if (!changed) return { code: 'WAITING', status: STATUS.WAITING, state, released }
  const kept = makeRoom({ ...state, pending }, source, page)
  if (!kept) return tooLarge(state)
  const code = released.length > 0 ? 'RELEASED' : 'WAITING'
  return { code, status: STATUS[code], state: { ...state, pending: kept }, released }
}

/** The heights after a page, and what it released. Both the page and the heights ascend. */
function castVotes(
  { pending, required }: QuorumState,
  source: string,
  page: readonly Ledger[],
): { pending: QuorumVotes[]; released: Ledger[]; changed: boolean } {
  const heights: QuorumVotes[] = []
  const released: Ledger[] = []
  let changed = false
  let at = 0
  for (const ledger of page) {
    for (; (pending[at]?.sequence ?? Infinity) < ledger.sequence; at++) heights.push(pending[at] as QuorumVotes)
    const before = pending[at]?.sequence === ledger.sequence ? pending[at++] : undefined
    if (before && Object.hasOwn(before.votes, source) && isSame(before.votes[source], ledger)) {
      heights.push(before)
      continue
    }
    changed = true
    const height = vote(before, source, ledger, required)
    if (height.released && height.released !== before?.released) released.push(height.released)
    heights.push(height)
  }
  return { pending: [...heights, ...pending.slice(at)], released, changed }
}

/** A height after one more vote. */
function vote(before: QuorumVotes | undefined, source: string, ledger: Ledger, required: number): QuorumVotes {
  const { sequence } = ledger
  const earlier = Object.entries(before?.votes ?? {})
  const agreeing = earlier.filter(([, theirs]) => isSame(theirs, ledger))
  const last = before?.released ?? null
  // One object for all who say the same.
  const ours = isSame(last, ledger) ? (last as Ledger) : (agreeing[0]?.[1] ?? ledger)
  // fromEntries, for a source may be called __proto__.
  const votes = Object.fromEntries([...earlier, [source, ours]])
  return { sequence, votes, released: agreeing.length + 1 >= required ? ours : last }
}

function tooLarge(state: QuorumState): QuorumStep {
  return refuse(state, 'PAGE_TOO_LARGE', `ledgers: must leave no more than ${state.maxPending} of a source waiting`)
}

function refuse(state: QuorumState, code: QuorumCode, reason: string): QuorumStep {
  return { code, status: STATUS[code], state, released: [], reason }
}

function invalid(name: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_CONFIG', `${name} must be ${expected}.`, name)
}
