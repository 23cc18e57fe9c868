// States as text, and back. What is read is checked in full, because the column may have been edited by hand or by another version.

import { type ReorgConfig, type ReorgOptions, resolveConfig } from './config.ts'
import { isReorgError, ReorgError } from './errors.ts'
import { isObject, isSequence, isToken } from './input/guards.ts'
import { readLedger, readPoint } from './input/members.ts'
import { check, Problem } from './input/problem.ts'
import { isSameLedger, type Ledger, sequenceOf } from './ledger.ts'
import { endOfChain, maxIslandLedgers, relationOf, topOfRun } from './links.ts'
import type {
  FinalityPoint,
  LedgerRange,
  LedgerWindow,
  OrphanedBranch,
  ReorgConflict,
  ReorgConflictCode,
  ReorgCounts,
  ReorgRecord,
  ReorgRecovery,
  ReorgState,
} from './state.ts'
import { appendLedgers, countAbove, ledgerAbove, newestLedger } from './window.ts'

/**
 * Writes a state as JSON text. Its size is bounded by `history`, `orphans` and 1,024 ledgers on islands, however many ledgers were taken in.
 *
 * @param state The state of the tracker.
 * @returns JSON, for {@link parseReorgState}.
 *
 * @example
 * ```ts
 * await client.query('UPDATE tracker SET state = $1', [serializeReorgState(state)])
 * ```
 */
export function serializeReorgState(state: ReorgState): string {
  return JSON.stringify(state)
}

/**
 * Reads a state that {@link serializeReorgState} wrote. The order of members and white space do not matter, so a `jsonb` column is fine.
 *
 * @param text The text to read.
 * @returns The state, equal to the one that was written.
 * @throws {ReorgError} `REORG_INVALID_STATE` for anything else: text that is not JSON, another version, a window that is not a chain, or
 * facts that contradict each other. No message repeats the text.
 *
 * @example
 * ```ts
 * const state = row ? parseReorgState(row.state) : createReorgState(STELLAR)
 * ```
 */
export function parseReorgState(text: string): ReorgState {
  try {
    check(typeof text === 'string', 'text', 'must be a string')
    return readState(JSON.parse(text))
  } catch (thrown) {
    const { field, reason } = problemOf(thrown)
    throw new ReorgError('REORG_INVALID_STATE', `The reorg state cannot be read: ${reason}`, field)
  }
}

/** What is wrong with the text, from what was thrown while it was read. */
function problemOf(thrown: unknown): Pick<Problem, 'field' | 'reason'> {
  if (thrown instanceof Problem) return thrown
  if (isReorgError(thrown)) return { field: 'config', reason: `config.${thrown.message}` }
  return { field: 'text', reason: 'text must be JSON.' }
}

const COUNT = 'must be a whole number, 0 or more'
const COUNTS = 'must hold whole numbers, 0 or more'
const HASHES = 'must hold valid hashes'
const OBJECT_OR_NULL = 'must be an object or null'

function readState(value: unknown): ReorgState {
  check(isObject(value), 'text', 'must hold an object')
  check(value.version === 1, 'version', 'must be 1')
  check(isObject(value.config), 'config', 'must be an object')
  const config = resolveConfig(value.config as ReorgOptions)
  const counts = readCounts(value.counts)
  const window = readWindow(value.window, config)
  const tip = newestLedger(window) ?? null
  const { epoch, lastSafeLedger, finalizedLedger, reorgDetected } = value
  check(isSequence(epoch), 'epoch', COUNT)
  check(isSequence(finalizedLedger), 'finalizedLedger', COUNT)
  check(finalizedLedger <= sequenceOf(tip), 'finalizedLedger', 'must not be above the tip')
  const linkedLedger = readLinkedLedger(value.linkedLedger, window, config, finalizedLedger)
  const safe = tip ? Math.max(tip.sequence - config.safetyMargin, finalizedLedger) : 0
  const expected = 'must be the tip minus safetyMargin, or finalizedLedger if that is more'
  check(lastSafeLedger === safe, 'lastSafeLedger', expected)
  check(isTip(value.tip, tip, config), 'tip', 'must be the newest ledger of the window')
  const recovery = readRecovery(value.recovery)
  check(reorgDetected === (recovery !== null), 'reorgDetected', 'must be true if there is a recovery, and false if not')
  return {
    version: 1,
    config,
    epoch,
    tip,
    lastSafeLedger: safe,
    finalizedLedger,
    linkedLedger,
    reorgDetected,
    recovery,
    conflict: readConflict(value.conflict),
    need: readNeed(value.need),
    deferred: readDeferred(value.deferred, config),
    window,
    orphans: readOrphans(value.orphans, config, counts),
    lastReorg: readRecord(value.lastReorg),
    counts,
  }
}

function isTip(value: unknown, tip: Ledger | null, config: ReorgConfig): boolean {
  if (value === null) return tip === null
  const claimed = readLedger(value, config, 0)
  return tip !== null && isSameLedger(claimed, tip)
}

function readWindow(value: unknown, config: ReorgConfig): LedgerWindow {
  check(isObject(value) && Array.isArray(value.chunks), 'window', 'must be an object with an array of chunks')
  const { forgotten, chunks, size } = value
  const isListOfLists = chunks.every((chunk: unknown) => Array.isArray(chunk))
  check(isListOfLists, 'window', 'must hold chunks that are arrays')
  const ledgers = chunks.flat().map((ledger: unknown, index: number) => readLedger(ledger, config, index))
  check(size === ledgers.length, 'window', 'must hold as many ledgers as its size says')
  check(size <= config.history + maxIslandLedgers(config), 'window', 'must not hold more ledgers than config allows')
  check(forgotten === null || isSequence(forgotten), 'window', 'must have a sequence or null as forgotten')
  check(forgotten === null || ledgers.length > 0, 'window', 'must not be empty if ledgers were forgotten')
  checkWindow(ledgers, forgotten ?? -1, config)
  return appendLedgers({ size: 0, forgotten, chunks: [] }, ledgers)
}

/** Checks that the ledgers of a window are one chain above what was forgotten. */
function checkWindow(ledgers: readonly Ledger[], forgotten: number, { heights, gapPolicy }: ReorgConfig): void {
  const hashes = new Set<string>()
  let below: Ledger | undefined
  for (const ledger of ledgers) {
    check(ledger.sequence > (below?.sequence ?? forgotten), 'window', 'must hold ledgers in ascending order')
    const relation = relationOf(below, ledger, hashes, heights)
    check(relation !== 'torn', 'window', 'must hold one chain, each ledger linked to the one below it')
    check(relation === 'linked' || gapPolicy === 'accept', 'window', 'must not skip a sequence with gapPolicy "need"')
    hashes.add(ledger.hash)
    below = ledger
  }
}

/** Reads where the chain ends, and checks that it fits the window. States written before islands were known lack it. */
function readLinkedLedger(value: unknown, window: LedgerWindow, config: ReorgConfig, finalizedLedger: number): number {
  const linked = value === undefined ? deriveLinkedLedger(window, config, finalizedLedger) : value
  check(isSequence(linked), 'linkedLedger', COUNT)
  const above = { from: linked + 1, to: Number.POSITIVE_INFINITY }
  check(endOfChain(window, linked, config, above) === linked, 'linkedLedger', 'must be where the chain ends')
  check(linked >= finalizedLedger, 'linkedLedger', 'must not be below finalizedLedger')
  const islandLedgers = countAbove(window, linked)
  const isWithinLimits = window.size - islandLedgers <= config.history && islandLedgers <= maxIslandLedgers(config)
  check(isWithinLimits, 'window', 'must not hold more ledgers than config allows')
  return linked
}

function deriveLinkedLedger(window: LedgerWindow, config: ReorgConfig, finalizedLedger: number): number {
  const everywhere = { from: 0, to: Number.POSITIVE_INFINITY }
  const end = endOfChain(window, 0, config, everywhere)
  if (end >= finalizedLedger) return end
  // A source of finality vouched for a ledger above: the chain goes up to there.
  const { sequence } = ledgerAbove(window, finalizedLedger - 1) as Ledger
  return topOfRun(window, sequence, config.heights)
}

function readOrphans(value: unknown, config: ReorgConfig, counts: ReorgCounts): readonly OrphanedBranch[] {
  check(Array.isArray(value), 'orphans', 'must be an array')
  // The newest branch is that of the last rollback, and none is left out in between.
  const first = counts.reorgs - value.length + 1
  const branches = value.map((branch: unknown, index) => readBranch(branch, first + index, config))
  const total = branches.reduce((sum, { ledgers }) => sum + ledgers.length, 0)
  check(total <= config.orphans, 'orphans', 'must not hold more ledgers than config.orphans')
  return branches
}

function readBranch(value: unknown, rollback: number, config: ReorgConfig): OrphanedBranch {
  check(isObject(value) && Array.isArray(value.ledgers), 'orphans', 'must hold branches with arrays of ledgers')
  const { to } = value
  const isNumbered = value.rollback === rollback && rollback > 0
  check(isNumbered, 'orphans', 'must be numbered one by one, up to the last reorg')
  check(to === null || isSequence(to), 'orphans', 'must say to which sequence each branch was undone')
  const ledgers = value.ledgers.map((ledger: unknown, at: number) => readLedger(ledger, config, at))
  const foot = to ?? -1
  for (const [at, ledger] of ledgers.entries()) {
    const below = ledgers[at + 1]?.sequence ?? foot
    check(ledger.sequence > below, 'orphans', 'must hold ledgers in descending order')
  }
  return { rollback, to, ledgers }
}

function readCounts(value: unknown): ReorgCounts {
  check(isObject(value), 'counts', 'must be an object')
  const { reorgs, deepest, flaps, late } = value
  check(isSequence(reorgs) && isSequence(deepest) && isSequence(flaps) && isSequence(late), 'counts', COUNTS)
  return { reorgs, deepest, flaps, late }
}

function readRecovery(value: unknown): ReorgRecovery | null {
  if (value === null) return null
  check(isObject(value), 'recovery', OBJECT_OR_NULL)
  const { ledger, safeMark } = value
  check(isSequence(ledger) && isSequence(safeMark), 'recovery', COUNTS)
  return { ledger, safeMark }
}

const CONFLICT_CODES: readonly unknown[] = ['FINALITY_CONFLICT', 'CHAIN_RESET_SUSPECTED', 'FORK_BELOW_ANCHOR']

function isConflictCode(value: unknown): value is ReorgConflictCode {
  return CONFLICT_CODES.includes(value)
}

function readConflict(value: unknown): ReorgConflict | null {
  if (value === null) return null
  check(isObject(value), 'conflict', OBJECT_OR_NULL)
  const { code, ledger, existingHash, incomingHash, tip } = value
  check(isConflictCode(code), 'conflict', 'must have a known code')
  check(isSequence(ledger) && isSequence(tip), 'conflict', COUNTS)
  check((existingHash === null || isToken(existingHash)) && isToken(incomingHash), 'conflict', HASHES)
  return { code, ledger, existingHash, incomingHash, tip }
}

function readNeed(value: unknown): LedgerRange | null {
  if (value === null) return null
  check(isObject(value), 'need', OBJECT_OR_NULL)
  const { from, to, parentHash } = value
  check(isSequence(from) && isSequence(to) && from <= to, 'need', 'must be a range whose from is not above its to')
  check(parentHash === undefined || isToken(parentHash), 'need', 'must hold a valid hash')
  return { from, to, ...(parentHash && { parentHash }) }
}

function readDeferred(value: unknown, config: ReorgConfig): FinalityPoint | null {
  if (value === null) return null
  check(isObject(value), 'deferred', OBJECT_OR_NULL)
  return readPoint(value.sequence, value.hash, config)
}

function readRecord(value: unknown): ReorgRecord | null {
  if (value === null) return null
  check(isObject(value), 'lastReorg', OBJECT_OR_NULL)
  const { ledger, depth, existingHash, incomingHash, source } = value
  check(isSequence(ledger) && isSequence(depth), 'lastReorg', COUNTS)
  check((existingHash === null || isToken(existingHash)) && isToken(incomingHash), 'lastReorg', HASHES)
  check(source === undefined || isToken(source), 'lastReorg', 'must have a valid source')
  // In the order in which a step writes them, so that a state that is read and written again is the same text.
  return { ledger, existingHash, incomingHash, depth, ...(source && { source }) }
}
