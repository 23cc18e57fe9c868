/**
 * Reads an event from anywhere: what comes out is a plain, sorted, self-consistent copy, or a sentence that says why not.
 * A contradiction inside one event is the provider's mistake, never a reorg.
 *
 * @module
 */
import type { ReorgConfig } from './config.ts'
import { type FinalityPoint, given } from './state.ts'
import type { Ledger } from './window.ts'

/** Ledgers as a provider shows them, in any order, repeats included. */
export interface LedgersEvent {
  readonly type: 'ledgers'
  readonly ledgers: readonly Ledger[]
  /** Who says so, for the log: 1 to 128 printable ASCII characters without spaces. */
  readonly source?: string
}

/** A source of finality says that this ledger, and all below it, stands for good. Pass the hash where you have it. */
export interface FinalizedEvent {
  readonly type: 'finalized'
  readonly sequence: number
  readonly hash?: string
}

/** Forget the chain and begin again, for a network that was reset. */
export interface ResetEvent {
  readonly type: 'reset'
  /** Set it only after your own authorisation. */
  readonly actor: 'operator'
  /** 1 to 1,000 characters, for the log. */
  readonly reason: string
}

/** Undo and apply again what is held from `from` up, so that the content of those ledgers is derived anew. */
export interface ReplayEvent {
  readonly type: 'replay'
  readonly actor: 'operator'
  /** First ledger in question, and last: both held. */
  readonly from: number
  readonly to: number
  readonly reason: string
}

/** What `stepReorg` takes. Anything else is answered `INVALID`, so JSON from a network may be passed as it is. */
export type ReorgEvent = LedgersEvent | FinalizedEvent | ResetEvent | ReplayEvent

/** An event that was read: plain data, ledgers ascending and each height once. */
export type ReadEvent =
  | LedgersEvent
  | { readonly type: 'finalized'; readonly point: FinalityPoint }
  | {
      readonly type: 'reset' | 'replay'
      readonly operator: boolean
      readonly reason: string
      readonly from: number
      readonly to: number
    }

/** The event, or why it is none. */
export function readEvent(event: unknown, config: ReorgConfig): ReadEvent | string {
  try {
    check(isObject(event), 'event: must be an object')
    const { type, ledgers, source, sequence, hash, actor, reason, from, to } = event
    if (type === 'ledgers') {
      check(source === undefined || isToken(source), `source: ${TOKEN}`)
      return { type, ledgers: readLedgers(ledgers, config), ...given('source', source) }
    }
    if (type === 'finalized') return { type, point: readPoint(sequence, hash, config) }
    check(type === 'reset' || type === 'replay', 'type: must be ledgers, finalized, reset or replay')
    const operator = actor === 'operator' && typeof reason === 'string' && reason.length <= 1000 && /\S/.test(reason)
    // Who may not command is told so before the command is looked at.
    const ready = !operator || type === 'reset' || (isSequence(from) && isSequence(to) && from <= to)
    check(ready, 'from, to: must be sequences in ascending order')
    return { type, operator, reason: reason as string, from: from as number, to: to as number }
  } catch (problem) {
    // Else a getter or a proxy threw.
    return problem instanceof Problem ? problem.reason : 'event: cannot be read'
  }
}

/** Ledgers in ascending order, one a height, that do not contradict each other. */
function readLedgers(input: unknown, config: ReorgConfig): readonly Ledger[] {
  const fits = Array.isArray(input) && input.length > 0 && input.length <= config.maxBatch
  check(fits, 'ledgers: must be an array of 1 to maxBatch ledgers')
  const ledgers: Ledger[] = []
  // By index, so that holes are seen too.
  for (let index = 0; index < input.length; index++) ledgers.push(readLedger(input[index], config, index))
  return ledgers.length > 1 ? reconcile(ledgers, config) : ledgers
}

/** One ledger as plain data; throws a {@link Problem}. */
export function readLedger(value: unknown, config: ReorgConfig, index: number): Ledger {
  check(isObject(value), ': must be an object', index)
  const { sequence, hash, parentHash, closedAt } = value
  check(isSequence(sequence), `.sequence: ${SEQUENCE}`, index)
  checkHash(hash, config, '.hash', index)
  // Adding 0 turns -0 into 0, which JSON would do later.
  const ledger: { sequence: number; hash: string; parentHash?: string; closedAt?: number } = {
    sequence: sequence + 0,
    hash,
  }
  if (config.requireParent || !isAbsent(parentHash)) {
    checkHash(parentHash, config, '.parentHash', index)
    check(parentHash !== hash, '.parentHash: must not be its own hash', index)
    ledger.parentHash = parentHash
  }
  if (!isAbsent(closedAt)) {
    check(Number.isFinite(closedAt) && (closedAt as number) >= 0, '.closedAt: must be Unix seconds', index)
    ledger.closedAt = (closedAt as number) + 0
  }
  return ledger
}

/** Sorts, merges repeats (a page of events names its ledger once an event), and looks for contradictions. */
function reconcile(ledgers: Ledger[], config: ReorgConfig): readonly Ledger[] {
  const merged: Ledger[] = []
  const hashes = new Set<string>()
  let closedAt = 0
  for (const ledger of ledgers.sort((one, other) => one.sequence - other.sequence)) {
    const last = merged[merged.length - 1]
    if (last?.sequence === ledger.sequence) {
      for (const key of ['hash', 'parentHash', 'closedAt'] as const) {
        check(!differ(last[key], ledger[key]), `ledgers: do not agree on the ${key} of one sequence`)
      }
      merged[merged.length - 1] = { ...ledger, ...last }
    } else {
      check(!hashes.has(ledger.hash), 'ledgers: name one hash at two sequences')
      hashes.add(ledger.hash)
      merged.push(ledger)
    }
  }
  for (let index = 0; index < merged.length; index++) {
    const ledger = merged[index] as Ledger
    const last = merged[index - 1]
    if (last?.sequence === ledger.sequence - 1) check(!differ(ledger.parentHash, last.hash), 'ledgers: do not link')
    else check(!last || config.gapPolicy === 'accept', 'ledgers: leave out a sequence')
    check((ledger.closedAt ?? closedAt) >= closedAt, 'ledgers: close times go back')
    closedAt = ledger.closedAt ?? closedAt
  }
  return merged
}

/** What a source of finality names; throws a {@link Problem}. */
export function readPoint(sequence: unknown, hash: unknown, config: ReorgConfig): FinalityPoint {
  check(isSequence(sequence), `sequence: ${SEQUENCE}`)
  if (isAbsent(hash)) return { sequence: sequence + 0 }
  checkHash(hash, config, 'hash')
  return { sequence: sequence + 0, hash }
}

/** What is wrong with the input. Thrown and caught within this library; it carries no stack, so it costs little. */
export class Problem {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

export function check(fact: boolean, reason: string, index?: number): asserts fact {
  if (!fact) throw new Problem(index === undefined ? reason : `ledgers[${index}]${reason}`)
}

function checkHash(value: unknown, config: ReorgConfig, name: string, index?: number): asserts value is string {
  const hex = config.hashFormat === 'hex64'
  if (hex ? typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) : isToken(value)) return
  const wrong = hex ? 'must be 64 lowercase hexadecimal digits' : TOKEN
  check(false, `${name}: ${isAbsent(value) || value === '' ? 'is missing' : wrong}`, index)
}

/** Providers write an unknown member as null as often as they leave it out. */
function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

/** Two facts that are both known and not the same. */
function differ(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

// Printable ASCII: what a hash is made of then travels in a log line, a cursor or a column unescaped.
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,128}$/.test(value)
}

const TOKEN = 'must be 1 to 128 printable ASCII characters without spaces'
const SEQUENCE = 'must be a safe integer, 0 or more'
