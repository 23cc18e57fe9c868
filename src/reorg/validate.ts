/**
 * Reads an event from anywhere: what comes out is a plain, sorted, self-consistent copy, or a sentence that says why not.
 * A contradiction inside one event is the provider's mistake, never a reorg.
 *
 * @module
 */
import type { ReorgConfig } from './config.ts'
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
  | FinalizedEvent
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
    return readUnguarded(event, config)
  } catch {
    // A getter or a proxy that throws.
    return 'event: cannot be read'
  }
}

function readUnguarded(event: unknown, config: ReorgConfig): ReadEvent | string {
  if (!isObject(event)) return 'event: must be an object'
  const { type } = event
  if (type === 'ledgers') return readLedgers(event, config)
  if (type === 'finalized') return readFinalized(event, config)
  if (type === 'reset' || type === 'replay') return readCommand(event, type)
  return 'type: must be ledgers, finalized, reset or replay'
}

function readLedgers(event: Record<string, unknown>, config: ReorgConfig): LedgersEvent | string {
  const { ledgers: input, source } = event
  if (source !== undefined && !isToken(source)) return `source: ${TOKEN}`
  if (!Array.isArray(input)) return 'ledgers: must be an array'
  if (input.length === 0) return 'ledgers: must not be empty'
  if (input.length > config.maxBatch) return `ledgers: must be at most ${config.maxBatch}`
  const ledgers: Ledger[] = []
  let ascending = true
  for (let index = 0; index < input.length; index++) {
    const ledger = readLedger(input[index], config)
    if (typeof ledger === 'string') return `ledgers[${index}]${ledger}`
    if (index > 0 && ledger.sequence <= (ledgers[index - 1] as Ledger).sequence) ascending = false
    ledgers.push(ledger)
  }
  const ordered = ascending ? ledgers : mergeRepeats(ledgers.sort((one, other) => one.sequence - other.sequence))
  if (typeof ordered === 'string') return ordered
  const problem = ordered.length > 1 ? contradiction(ordered, config) : undefined
  if (problem !== undefined) return problem
  return source === undefined ? { type: 'ledgers', ledgers: ordered } : { type: 'ledgers', ledgers: ordered, source }
}

function readLedger(value: unknown, config: ReorgConfig): Ledger | string {
  if (!isObject(value)) return ': must be an object'
  const { sequence, hash, parentHash, closedAt } = value
  if (!isSequence(sequence)) return `.sequence: ${SEQUENCE}`
  if (hash === undefined || hash === null || hash === '') return '.hash: is missing'
  if (!isHash(hash, config)) return `.hash: ${HASH[config.hashFormat]}`
  // An absent member may be null: many providers write it so.
  if (parentHash === undefined || parentHash === null) {
    if (config.requireParent) return '.parentHash: is missing'
  } else if (!isHash(parentHash, config)) return `.parentHash: ${HASH[config.hashFormat]}`
  else if (parentHash === hash) return '.parentHash: must not be its own hash'
  if (closedAt !== undefined && closedAt !== null && !(Number.isFinite(closedAt) && (closedAt as number) >= 0)) {
    return '.closedAt: must be Unix seconds'
  }
  // Adding 0 turns -0 into 0, which JSON would do later.
  const ledger: { sequence: number; hash: string; parentHash?: string; closedAt?: number } = {
    sequence: sequence + 0,
    hash,
  }
  if (typeof parentHash === 'string') ledger.parentHash = parentHash
  if (typeof closedAt === 'number') ledger.closedAt = closedAt + 0
  return ledger
}

/** One ledger a height: a page of events names its ledger once an event. */
function mergeRepeats(sorted: readonly Ledger[]): readonly Ledger[] | string {
  const merged: Ledger[] = []
  for (const ledger of sorted) {
    const last = merged[merged.length - 1]
    if (last?.sequence !== ledger.sequence) {
      merged.push(ledger)
      continue
    }
    if (last.hash !== ledger.hash) return 'ledgers: name two hashes for one sequence'
    if (differ(last.parentHash, ledger.parentHash)) return 'ledgers: name two parents for one ledger'
    if (differ(last.closedAt, ledger.closedAt)) return 'ledgers: name two close times for one ledger'
    merged[merged.length - 1] = { ...ledger, ...last }
  }
  return merged
}

function contradiction(ledgers: readonly Ledger[], config: ReorgConfig): string | undefined {
  const hashes = new Set<string>()
  let closedAt = 0
  let previous: Ledger | undefined
  for (const ledger of ledgers) {
    if (hashes.size === hashes.add(ledger.hash).size) return 'ledgers: name one hash at two sequences'
    if (previous && previous.sequence === ledger.sequence - 1) {
      if (differ(ledger.parentHash, previous.hash)) return 'ledgers: do not link'
    } else if (previous && config.gapPolicy === 'need') return 'ledgers: leave out a sequence'
    if (ledger.closedAt !== undefined) {
      if (ledger.closedAt < closedAt) return 'ledgers: close times go back'
      closedAt = ledger.closedAt
    }
    previous = ledger
  }
  return undefined
}

function readFinalized({ sequence, hash }: Record<string, unknown>, config: ReorgConfig): FinalizedEvent | string {
  if (!isSequence(sequence)) return `sequence: ${SEQUENCE}`
  if (hash === undefined || hash === null) return { type: 'finalized', sequence: sequence + 0 }
  if (!isHash(hash, config)) return `hash: ${HASH[config.hashFormat]}`
  return { type: 'finalized', sequence: sequence + 0, hash }
}

function readCommand(event: Record<string, unknown>, type: 'reset' | 'replay'): ReadEvent | string {
  const { actor, reason, from, to } = event
  const told = typeof reason === 'string' && reason.length <= 1000 && reason.trim() !== ''
  const command = { type, operator: actor === 'operator' && told, reason: told ? reason : '' }
  // Who may not command is told so before the command is looked at.
  if (type === 'reset' || !command.operator) return { ...command, from: 0, to: 0 }
  if (!isSequence(from) || !isSequence(to) || from > to) return 'from, to: must be sequences in ascending order'
  return { ...command, from: from + 0, to: to + 0 }
}

/** Two facts that are both known and not the same. */
function differ(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

// Printable ASCII: what a hash is made of can then travel in a log line, a cursor or a column unescaped.
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,128}$/.test(value)
}

export function isHash(value: unknown, config: ReorgConfig): value is string {
  return config.hashFormat === 'hex64' ? typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) : isToken(value)
}

const TOKEN = 'must be 1 to 128 printable ASCII characters without spaces'
const SEQUENCE = 'must be a safe integer, 0 or more'
const HASH = { any: TOKEN, hex64: 'must be 64 lowercase hexadecimal digits' } as const
