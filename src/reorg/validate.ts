/**
 * Reads the parts of an event from anywhere: what comes out is a plain, sorted, self-consistent copy; else a {@link Problem} is thrown.
 * A contradiction inside one event is the provider's mistake, never a reorg.
 *
 * @module
 */
import type { ReorgConfig } from './config.ts'
import { differ, isLinked } from './links.ts'
import type { FinalityPoint } from './state.ts'
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

const TOKEN = /^[!-~]{1,128}$/

/** Ledgers in ascending order, one a height, that do not contradict each other; throws a {@link Problem}. */
export function readLedgers(input: unknown, config: ReorgConfig): readonly Ledger[] {
  check(Array.isArray(input) && isWhole(input.length, 1, config.maxBatch), 'ledgers: must be 1 to maxBatch ledgers')
  const ledgers: Ledger[] = []
  // By index, so that holes are seen too.
  for (let index = 0; index < input.length; index++) {
    const ledger = readLedger(input[index], config, index)
    check((ledger.closedAt ?? 0) <= MAX_UNIX_SECONDS, 'closedAt: must be Unix seconds, not milliseconds', index)
    ledgers.push(ledger)
  }
  return ledgers.length > 1 ? reconcile(ledgers, config) : ledgers
}

/** One ledger as plain data; throws a {@link Problem}. */
export function readLedger(value: unknown, { hashFormat, requireParent }: ReorgConfig, index: number): Ledger {
  // What is no object has no members either.
  const { sequence, hash, parentHash, closedAt } = Object(value) as Record<string, unknown>
  const ledger: { sequence: number; hash: string; parentHash?: string; closedAt?: number } = {
    sequence: readSequence(sequence, index),
    hash: readText(hash, hashFormat, 'hash', index),
  }
  if (requireParent || !isAbsent(parentHash)) {
    ledger.parentHash = readText(parentHash, hashFormat, 'parentHash', index)
    check(parentHash !== hash, 'parentHash: is its own hash', index)
  }
  if (!isAbsent(closedAt)) {
    ledger.closedAt = readCloseTime(closedAt, index)
  }
  return ledger
}

/** Sorts, merges repeats (a page of events names its ledger once an event), and looks for contradictions. */
function reconcile(ledgers: Ledger[], config: ReorgConfig): readonly Ledger[] {
  const merged: Ledger[] = []
  const hashes = new Set<string>()
  let latest = 0
  for (let ledger of ledgers.sort((one, other) => one.sequence - other.sequence)) {
    const twin = merged.at(-1)
    if (twin?.sequence === ledger.sequence) {
      ledger = mergeTwins(twin, ledger)
      merged.pop()
    }
    const last = merged.at(-1)
    const relation = last ? relationOf(last, ledger, hashes, config.heights) : 'linked'
    check(relation !== 'torn', 'ledgers: must link')
    check(relation === 'linked' || config.gapPolicy === 'accept', 'ledgers: must not skip a sequence')
    const closedAt = ledger.closedAt ?? latest
    check(closedAt >= latest || config.closeTimes === 'unordered', 'ledgers: closedAt goes back')
    latest = closedAt
    merged.push(ledger)
    hashes.add(ledger.hash)
  }
  check(hashes.size === merged.length, 'ledgers: must not repeat a hash')
  return merged
}

/** What either of two tells of one ledger, its members in the order that `readLedger` gives them. */
function mergeTwins(one: Ledger, other: Ledger): Ledger {
  for (const key of ['hash', 'parentHash', 'closedAt'] as const) {
    check(!differ(one[key], other[key]), `ledgers: must not differ in ${key}`)
  }
  const { sequence, hash } = one
  const parentHash = one.parentHash ?? other.parentHash
  const closedAt = one.closedAt ?? other.closedAt
  return {
    sequence,
    hash,
    ...(parentHash !== undefined && { parentHash }),
    ...(closedAt !== undefined && { closedAt }),
  }
}

/**
 * What two neighbours of a page or a window are to each other: linked, on the two sides of a hole, or of no one chain. `hashes` are
 * those of all ledgers up to the lower.
 */
export function relationOf(
  lower: Ledger,
  ledger: Ledger,
  hashes: ReadonlySet<string>,
  heights: ReorgConfig['heights'],
): 'linked' | 'hole' | 'torn' {
  if (isLinked(lower, ledger, heights)) return 'linked'
  if (ledger.sequence === lower.sequence + 1) return 'torn'
  // Over skipped heights, a link to what is not the neighbour denies that the neighbour is there.
  const denies = heights === 'sparse' && ledger.parentHash !== undefined && hashes.has(ledger.parentHash)
  return denies ? 'torn' : 'hole'
}

/** What a source of finality names; throws a {@link Problem}. */
export function readPoint(sequence: unknown, hash: unknown, config: ReorgConfig): FinalityPoint {
  const point = { sequence: readSequence(sequence) }
  return isAbsent(hash) ? point : { ...point, hash: readText(hash, config.hashFormat, 'hash') }
}

/** What is wrong with the input. Thrown and caught within this library; it carries no stack, so it costs little. */
export class Problem {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** What is wrong, of whatever was thrown: else a getter or a proxy of the input did it. */
export function reasonOf(problem: unknown): string {
  return problem instanceof Problem ? problem.reason : 'event: must be readable'
}

export function check(fact: boolean, reason: string, index?: number): asserts fact {
  if (!fact) throw problemAt(reason, index)
}

function problemAt(reason: string, index?: number): Problem {
  return new Problem(index === undefined ? reason : `ledgers[${index}].${reason}`)
}

function readSequence(value: unknown, index?: number): number {
  if (!isSequence(value)) refuseNumber(value, 'sequence: must be a whole number', 'sequence: must be a number', index)
  // Adding 0 turns -0 into 0, which JSON would do later.
  return value + 0
}

/** The latest time that is taken for seconds, in the year 5138; as milliseconds it lies in 1973. */
export const MAX_UNIX_SECONDS: number = 1e11

function readCloseTime(value: unknown, index: number): number {
  const expected = 'closedAt: must be Unix seconds'
  if (!(typeof value === 'number' && value >= 0 && value < Infinity)) {
    refuseNumber(value, expected, `${expected} as a number`, index)
  }
  return value + 0
}

/** Clients of chains write bigints and text where a number belongs: the reason names it, and the way out. */
function refuseNumber(value: unknown, expected: string, number: string, index?: number): never {
  if (typeof value === 'bigint') throw problemAt(`${number}, not a bigint: use Number()`, index)
  throw problemAt(typeof value === 'string' ? `${number}, not text` : expected, index)
}

/** Hexadecimal, or visible ASCII: what a hash is made of then travels in a log line, a cursor or a column unescaped. */
export function readText(value: unknown, format: ReorgConfig['hashFormat'], name: string, index?: number): string {
  const [pattern, wanted] =
    format === 'any' ? [TOKEN, '1 to 128 visible ASCII characters'] : [/^[0-9a-f]{64}$/, '64 lowercase hex digits']
  if (typeof value !== 'string' || !pattern.test(value)) check(false, `${name}: must be ${wanted}`, index)
  return value
}

/** Providers write an unknown member as null as often as they leave it out. */
function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function isSequence(value: unknown): value is number {
  return isWhole(value, 0, Infinity)
}

export function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}

export function isToken(value: unknown): value is string {
  return typeof value === 'string' && TOKEN.test(value)
}
