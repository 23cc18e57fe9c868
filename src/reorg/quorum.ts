/**
 * Several sources, one answer: a ledger is released to `stepReorg` only once enough sources have shown the very same one.
 * Pure and plain JSON like the tracker itself, and bounded: what never finds a quorum is dropped from below.
 *
 * @module
 */
import { resolveConfig } from './config.ts'
import { ReorgError } from './errors.ts'
import { check, type ReorgEvent, readLedgers, readText, reasonOf } from './validate.ts'
import type { Ledger } from './window.ts'

/** Options of {@link createQuorum}. */
export interface QuorumOptions {
  /** The names that `source` of a `ledgers` event may have: 1 to 32, no two the same. */
  readonly sources: readonly string[]
  /** How many of them must agree: 1 to all. More than half, if one branch is to be released at a height at a time. */
  readonly required: number
  /** Most heights that are waited on; the lowest are dropped. 1 to 65,536, default 256. */
  readonly maxPending?: number
}

/** What each source last said at one height. */
export interface QuorumVotes {
  readonly sequence: number
  readonly votes: Readonly<Record<string, Ledger>>
  /** The ledger released here, so that it is released once. */
  readonly released: Ledger | null
}

/** Plain JSON. Make it with {@link createQuorum}, change it with {@link stepQuorum} only. */
export interface QuorumState {
  readonly version: 1
  readonly sources: readonly string[]
  readonly required: number
  readonly maxPending: number
  /** Ascending. */
  readonly pending: readonly QuorumVotes[]
}

/** The answer of {@link stepQuorum}. */
export interface QuorumStep {
  readonly code: 'RELEASED' | 'WAITING' | 'INVALID' | 'UNKNOWN_SOURCE'
  readonly state: QuorumState
  /** Ledgers on which the sources agree now, ascending: pass each to `stepReorg` in an event of its own. */
  readonly released: readonly Ledger[]
  /** Present on `INVALID` and `UNKNOWN_SOURCE`. */
  readonly reason?: string
}

/**
 * A quorum that has heard nothing. Throws a `ReorgError` (`REORG_INVALID_CONFIG`) for options that make no sense.
 *
 * @example
 * ```ts
 * let quorum = createQuorum({ sources: ['horizon', 'rpc-1', 'rpc-2'], required: 2 })
 * ```
 */
export function createQuorum({ sources, required, maxPending = 256 }: QuorumOptions): QuorumState {
  const named =
    Array.isArray(sources) && sources.every((source) => typeof source === 'string' && /^[!-~]{1,128}$/.test(source))
  if (!named || sources.length < 1 || sources.length > 32 || new Set(sources).size !== sources.length) {
    throw invalid('sources', '1 to 32 different names of printable ASCII characters without spaces')
  }
  if (!Number.isInteger(required) || required < 1 || required > sources.length) {
    throw invalid('required', `a whole number from 1 to ${sources.length}`)
  }
  if (!Number.isInteger(maxPending) || maxPending < 1 || maxPending > 65_536) {
    throw invalid('maxPending', 'a whole number from 1 to 65536')
  }
  return { version: 1, sources: [...sources], required, maxPending, pending: [] }
}

/**
 * Takes one `ledgers` event of a named source. Sources agree on a ledger when all of it is the same: sequence, hash, parent and
 * close time. A source that shows another ledger at a height has changed its mind: its last word counts. Never throws.
 *
 * @example
 * ```ts
 * const { state, released } = stepQuorum(quorum, { type: 'ledgers', ledgers: page, source: 'rpc-1' })
 * for (const ledger of released) tracker = stepReorg(tracker, { type: 'ledgers', ledgers: [ledger] }).state
 * ```
 */
export function stepQuorum(state: QuorumState, input: ReorgEvent): QuorumStep {
  let source: string | undefined
  let ledgers: readonly Ledger[]
  try {
    const event = Object(input) as Record<string, unknown>
    check(event.type === 'ledgers', 'type: must be ledgers')
    if (event.source !== undefined) source = readText(event.source, 'any', 'source')
    ledgers = readLedgers(event.ledgers, resolveConfig({}))
  } catch (problem) {
    return { code: 'INVALID', state, released: [], reason: reasonOf(problem) }
  }
  if (source === undefined || !state.sources.includes(source)) {
    return { code: 'UNKNOWN_SOURCE', state, released: [], reason: 'source: must be one of the quorum' }
  }
  const released: Ledger[] = []
  const heights = new Map(state.pending.map((height) => [height.sequence, height]))
  let changed = false
  for (const ledger of ledgers) {
    const height = heights.get(ledger.sequence)
    const last = height && Object.hasOwn(height.votes, source) ? height.votes[source] : undefined
    if (same(last, ledger)) continue
    changed = true
    // fromEntries, for a source may be called __proto__.
    const votes = Object.fromEntries([...Object.entries(height?.votes ?? {}), [source, ledger]])
    const agreed = Object.values(votes).filter((vote) => same(vote, ledger)).length >= state.required
    const news = agreed && !same(height?.released ?? undefined, ledger)
    if (news) released.push(ledger)
    heights.set(ledger.sequence, {
      sequence: ledger.sequence,
      votes,
      released: news ? ledger : (height?.released ?? null),
    })
  }
  if (!changed) return { code: 'WAITING', state, released }
  const pending = [...heights.values()].sort((one, other) => one.sequence - other.sequence).slice(-state.maxPending)
  return { code: released.length > 0 ? 'RELEASED' : 'WAITING', state: { ...state, pending }, released }
}

function same(one: Ledger | undefined, other: Ledger): boolean {
  return (
    one !== undefined &&
    one.sequence === other.sequence &&
    one.hash === other.hash &&
    one.parentHash === other.parentHash &&
    one.closedAt === other.closedAt
  )
}

function invalid(name: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_CONFIG', `${name} must be ${expected}.`, name)
}
