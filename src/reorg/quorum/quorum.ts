// Several sources, one answer: a ledger is released to `stepReorg` only once enough sources have shown the very same one. Pure and plain
// JSON like the tracker itself. Each source has a limit of its own, so nothing that one sends displaces what another said.

import { type ReorgConfig, refuseUnknownNames, resolveConfig } from '../config.ts'
import { ReorgError } from '../errors.ts'
import type { ReorgEvent } from '../event.ts'
import { isToken, isWhole } from '../input/guards.ts'
import { readText } from '../input/members.ts'
import { readLedgers } from '../input/page.ts'
import { check, reasonOf } from '../input/problem.ts'
import type { Ledger } from '../ledger.ts'
import { fitPending } from './capacity.ts'
import type { QuorumState } from './state.ts'
import { countPage } from './votes.ts'

/** Options of {@link createQuorum}. */
export interface QuorumOptions {
  /** The names that `source` of a `ledgers` event may have: 1 to 32 different ones. */
  readonly sources: readonly string[]
  /** How many of them must agree, 1 to all. Only with more than half is a single branch released at a height at a time. */
  readonly required: number
  /**
   * Most ledgers of one source that wait for the others, which is also the largest page, and most released heights that are remembered.
   * 1 to 65,536, default 1,024. The state grows with it, up to this many ledgers for each source.
   */
  readonly maxPending?: number
}

/**
 * What became of a page, with its HTTP status.
 *
 * | code | status | what it means |
 * |---|---|---|
 * | `RELEASED` | 200 | taken in; enough sources agree on the ledgers in `released` |
 * | `WAITING` | 202 | taken in, or known; nothing new is agreed on |
 * | `INVALID` | 400 | not a page, or one that contradicts itself: unchanged |
 * | `UNKNOWN_SOURCE` | 403 | from none of the quorum's sources: unchanged |
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
  /** The ledgers on which the sources agree now, in ascending order: pass each to `stepReorg` in an event of its own. */
  readonly released: readonly Ledger[]
  /** What is wrong: one sentence, present if the status is 400 or above. It never repeats the input. */
  readonly reason?: string
}

const MAX_SOURCES = 32
const MAX_PENDING = 65_536
const OPTIONS: readonly string[] = ['sources', 'required', 'maxPending']

/**
 * Makes a quorum that has heard nothing.
 *
 * @param options The sources, and how many of them must agree.
 * @returns The first state, as plain JSON.
 * @throws {ReorgError} `REORG_INVALID_CONFIG` if an option is unknown or out of range.
 *
 * @example
 * ```ts
 * let quorum = createQuorum({ sources: ['horizon', 'rpc-1', 'rpc-2'], required: 2 })
 * ```
 */
export function createQuorum(options: QuorumOptions): QuorumState {
  if (Object(options) !== options) throw invalidOption('options', 'an object')
  const { sources, required, maxPending = 1024 } = options
  if (!isListOfNames(sources)) {
    throw invalidOption('sources', `1 to ${MAX_SOURCES} different names of printable ASCII characters without spaces`)
  }
  if (!isWhole(required, 1, sources.length)) {
    throw invalidOption('required', `a whole number from 1 to ${sources.length}`)
  }
  if (!isWhole(maxPending, 1, MAX_PENDING)) {
    throw invalidOption('maxPending', `a whole number from 1 to ${MAX_PENDING}`)
  }
  refuseUnknownNames(options, OPTIONS)
  return { version: 1, sources: [...sources], required, maxPending, pending: [] }
}

function isListOfNames(sources: unknown): sources is readonly string[] {
  if (!Array.isArray(sources) || !sources.every(isToken)) return false
  return isWhole(sources.length, 1, MAX_SOURCES) && new Set(sources).size === sources.length
}

/**
 * Takes one `ledgers` event of a named source, whole or not at all. Sources agree on a ledger if all of it is the same: sequence, hash,
 * parent and close time. If a source shows another ledger at a height, it has changed its mind, and its last word counts.
 *
 * A ledger waits until it is agreed on, or can no longer be. A source that runs ahead of the others by more than `maxPending` ledgers is
 * answered `PAGE_TOO_LARGE`, and sends that page again later. A source that goes back takes back what it said above its new page, as far
 * as both do not fit. The quorum waits for a source that has stopped for good: make a new quorum without it.
 *
 * @param state The state before, as `createQuorum` or the last step gave it.
 * @param event Any value. What is not a `ledgers` event is answered `INVALID`, with a reason and the very same state.
 * @returns The next state, the code of the answer, and the ledgers released. It never throws, whatever the event is.
 *
 * @example
 * ```ts
 * const { state, released } = stepQuorum(quorum, { type: 'ledgers', ledgers: page, source: 'rpc-1' })
 * for (const ledger of released) tracker = stepReorg(tracker, { type: 'ledgers', ledgers: [ledger] }).state
 * ```
 */
export function stepQuorum(state: QuorumState, event: ReorgEvent): QuorumStep {
  const request = readPage(event, state)
  switch (request.kind) {
    case 'page':
      return takePage(state, request.source, request.page)
    case 'unknownSource':
      return reject(state, 'UNKNOWN_SOURCE', "source must be one of the quorum's sources.")
    case 'tooLarge':
      return rejectLarge(state)
    case 'invalid':
      return reject(state, 'INVALID', request.reason)
  }
}

type PageRequest =
  | { readonly kind: 'page'; readonly source: string; readonly page: readonly Ledger[] }
  | { readonly kind: 'unknownSource' | 'tooLarge' }
  | { readonly kind: 'invalid'; readonly reason: string }

/** Reads an event, whatever it is. */
function readPage(event: unknown, { sources, maxPending }: QuorumState): PageRequest {
  try {
    // A value that is not an object has no type either.
    const { type, source, ledgers } = Object(event) as Record<string, unknown>
    check(type === 'ledgers', 'type', 'must be "ledgers"')
    if (source === undefined) return { kind: 'unknownSource' }
    const name = readText(source, 'any', 'source')
    if (!sources.includes(name)) return { kind: 'unknownSource' }
    const config = pageConfig(maxPending)
    // A page far beyond the limit is not even read.
    if (Array.isArray(ledgers) && ledgers.length > config.maxBatch) return { kind: 'tooLarge' }
    return { kind: 'page', source: name, page: readLedgers(ledgers, config) }
  } catch (thrown) {
    return { kind: 'invalid', reason: reasonOf(thrown) }
  }
}

/** How a page is read. Repeats are merged first, so it may be longer than what is held. The tracker judges the close times. */
function pageConfig(maxPending: number): ReorgConfig {
  return resolveConfig({ maxBatch: Math.max(10_000, maxPending), closeTimes: 'unordered' })
}

function takePage(state: QuorumState, source: string, page: readonly Ledger[]): QuorumStep {
  if (page.length > state.maxPending) return rejectLarge(state)
  const { pending, released, isChanged } = countPage(state, source, page)
  if (!isChanged) return accept(state, released)
  const fit = fitPending({ ...state, pending }, source, page)
  if (fit.kind === 'full') return rejectLarge(state)
  return accept({ ...state, pending: fit.pending }, released)
}

function accept(state: QuorumState, released: readonly Ledger[]): QuorumStep {
  const code = released.length > 0 ? 'RELEASED' : 'WAITING'
  return { code, status: STATUS[code], state, released }
}

function rejectLarge(state: QuorumState): QuorumStep {
  const reason = `ledgers must leave at most ${state.maxPending} ledgers of one source waiting.`
  return reject(state, 'PAGE_TOO_LARGE', reason)
}

function reject(state: QuorumState, code: QuorumCode, reason: string): QuorumStep {
  return { code, status: STATUS[code], state, released: [], reason }
}

function invalidOption(name: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_CONFIG', `${name} must be ${expected}.`, name)
}
