/**
 * States as text, and back: what is read is checked in full, for a column may have been edited by hand or by another version.
 *
 * @module
 */
import { type ReorgConfig, type ReorgOptions, resolveConfig } from './config.ts'
import { isReorgError, ReorgError } from './errors.ts'
import { endOfChain, islandRoom, topOfRun } from './links.ts'
import type { ReorgConflict, ReorgCounts, ReorgRecord, ReorgState } from './state.ts'
import { check, isObject, isSequence, isToken, Problem, readLedger, readPoint, relationOf } from './validate.ts'
import { appendLedgers, countAbove, type Ledger, type LedgerWindow, ledgerAbove } from './window.ts'

/**
 * A state as JSON text. Its size is bounded by `history`, `orphans` and 1,024 ledgers of islands, however many ledgers were fed.
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
 * The state in a text that `serializeReorgState` wrote; member order and white space do not matter, so a `jsonb` column is fine.
 *
 * Throws a `ReorgError` (`REORG_INVALID_STATE`) for anything else: no JSON, another version, a window that is not a chain, facts
 * that contradict each other. No message echoes the text.
 *
 * @example
 * ```ts
 * const state = row ? parseReorgState(row.state) : createReorgState(STELLAR)
 * ```
 */
export function parseReorgState(text: string): ReorgState {
  try {
    check(typeof text === 'string', 'text: must be a string')
    return readState(JSON.parse(text))
  } catch (problem) {
    let reason = 'text: must be JSON'
    if (problem instanceof Problem) reason = problem.reason
    else if (isReorgError(problem)) reason = `config: ${problem.message}`
    throw new ReorgError('REORG_INVALID_STATE', `Not a reorg state: ${reason}`, reason.slice(0, reason.indexOf(':')))
  }
}

function readState(value: unknown): ReorgState {
  check(isObject(value), 'text: must hold an object')
  check(value.version === 1, 'version: must be 1')
  check(isObject(value.config), 'config: must be an object')
  const config = resolveConfig(value.config as ReorgOptions)
  const counts = readCounts(value.counts)
  const window = readWindow(value.window, config)
  const tip = window.chunks.at(-1)?.at(-1) ?? null
  const { epoch, lastSafeLedger, finalizedLedger, reorgDetected } = value
  check(isSequence(epoch), 'epoch: must be a count')
  check(isSequence(finalizedLedger), 'finalizedLedger: must be a sequence')
  check(finalizedLedger <= (tip?.sequence ?? 0), 'finalizedLedger: must not be above the tip')
  const linkedLedger = readLinked(value.linkedLedger, window, config, finalizedLedger)
  const safe = tip ? Math.max(tip.sequence - config.safetyMargin, finalizedLedger) : 0
  check(lastSafeLedger === safe, 'lastSafeLedger: must follow from the tip')
  const claimed = value.tip === null ? null : readLedger(value.tip, config, 0)
  check(sameLedger(claimed, tip), 'tip: must be the newest ledger of the window')
  const recovery = readRecovery(value.recovery)
  check(reorgDetected === (recovery !== null), 'reorgDetected: must say whether there is a recovery')
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

function readWindow(value: unknown, config: ReorgConfig): LedgerWindow {
  check(isObject(value) && Array.isArray(value.chunks), 'window: must be an object with chunks')
  const { forgotten, chunks, size } = value
  check(
    chunks.every((chunk: unknown) => Array.isArray(chunk)),
    'window: must hold arrays',
  )
  const ledgers = chunks.flat().map((ledger: unknown, index: number) => readLedger(ledger, config, index))
  check(size === ledgers.length && size <= config.history + islandRoom(config), 'window: must be of its size')
  check(forgotten === null || isSequence(forgotten), 'window: must say what it has forgotten')
  const floor: number = forgotten ?? -1
  check(floor < 0 || ledgers.length > 0, 'window: must not be empty once it has forgotten')
  let last: Ledger | undefined
  const hashes = new Set<string>()
  for (const ledger of ledgers) {
    check(ledger.sequence > (last?.sequence ?? floor), 'window: must be ascending')
    const relation = last ? relationOf(last, ledger, hashes, config.heights) : 'linked'
    check(relation !== 'torn', 'window: must link')
    check(relation === 'linked' || config.gapPolicy === 'accept', 'window: must not leave out a sequence')
    hashes.add(ledger.hash)
    last = ledger
  }
  return appendLedgers({ size: 0, forgotten, chunks: [] }, ledgers)
}

/** Where the chain ends, and that it fits the window. States from before there were islands do not say it. */
function readLinked(value: unknown, window: LedgerWindow, config: ReorgConfig, finalizedLedger: number): number {
  const linked = value === undefined ? deriveLinked(window, config, finalizedLedger) : value
  check(isSequence(linked), 'linkedLedger: must be a sequence')
  const above = { from: linked + 1, to: Number.POSITIVE_INFINITY }
  check(endOfChain(window, linked, config, above) === linked, 'linkedLedger: must be where the chain ends')
  check(linked >= finalizedLedger, 'linkedLedger: must not be below finalizedLedger')
  const islands = countAbove(window, linked)
  check(window.size - islands <= config.history && islands <= islandRoom(config), 'window: must be of its size')
  return linked
}

function deriveLinked(window: LedgerWindow, config: ReorgConfig, finalizedLedger: number): number {
  const everywhere = { from: 0, to: Number.POSITIVE_INFINITY }
  const end = endOfChain(window, 0, config, everywhere)
  const final = end < finalizedLedger ? ledgerAbove(window, finalizedLedger - 1) : undefined
  return final ? topOfRun(window, final.sequence, config.heights) : end
}

function readOrphans(value: unknown, config: ReorgConfig, counts: ReorgCounts): ReorgState['orphans'] {
  check(Array.isArray(value), 'orphans: must be an array')
  let total = 0
  const branches = value.map((branch: unknown, index) => {
    check(isObject(branch) && Array.isArray(branch.ledgers), 'orphans: must hold branches')
    const { to } = branch
    // The newest branch is that of the last rollback, and none between is left out.
    const rollback = counts.reorgs - value.length + 1 + index
    check(branch.rollback === rollback && rollback > 0, 'orphans: must be numbered')
    check(to === null || isSequence(to), 'orphans: must say what was left')
    const ledgers = branch.ledgers.map((ledger: unknown, at: number) => readLedger(ledger, config, at))
    const foot: number = to ?? -1
    for (const [at, ledger] of ledgers.entries()) {
      check(ledger.sequence > (ledgers[at + 1]?.sequence ?? foot), 'orphans: must be descending')
    }
    total += ledgers.length
    return { rollback, to, ledgers }
  })
  check(total <= config.orphans, 'orphans: must not be more than config.orphans')
  return branches
}

function readCounts(value: unknown): ReorgCounts {
  check(isObject(value), 'counts: must be an object')
  const { reorgs, deepest, flaps, late } = value
  check(isSequence(reorgs) && isSequence(deepest) && isSequence(flaps) && isSequence(late), 'counts: must be counts')
  return { reorgs, deepest, flaps, late }
}

function readRecovery(value: unknown): ReorgState['recovery'] {
  if (value === null) return null
  check(isObject(value), 'recovery: must be an object or null')
  const { ledger, safeMark } = value
  check(isSequence(ledger) && isSequence(safeMark), 'recovery: must hold sequences')
  return { ledger, safeMark }
}

const CODES: readonly unknown[] = ['FINALITY_CONFLICT', 'CHAIN_RESET_SUSPECTED', 'FORK_BELOW_ANCHOR']

function readConflict(value: unknown): ReorgConflict | null {
  if (value === null) return null
  check(isObject(value) && CODES.includes(value.code), 'conflict: must have a code')
  const { code, ledger, existingHash, incomingHash, tip } = value
  check(isSequence(ledger) && isSequence(tip), 'conflict: must hold sequences')
  check((existingHash === null || isToken(existingHash)) && isToken(incomingHash), 'conflict: must hold hashes')
  return { code: code as ReorgConflict['code'], ledger, existingHash, incomingHash, tip }
}

function readNeed(value: unknown): ReorgState['need'] {
  if (value === null) return null
  check(isObject(value), 'need: must be an object or null')
  const { from, to, parentHash } = value
  check(isSequence(from) && isSequence(to) && from <= to, 'need: must be a range')
  check(parentHash === undefined || isToken(parentHash), 'need: must hold a hash')
  return { from, to, ...(parentHash && { parentHash }) }
}

function readDeferred(value: unknown, config: ReorgConfig): ReorgState['deferred'] {
  if (value === null) return null
  check(isObject(value), 'deferred: must be an object or null')
  return readPoint(value.sequence, value.hash, config)
}

function readRecord(value: unknown): ReorgRecord | null {
  if (value === null) return null
  check(isObject(value), 'lastReorg: must be an object or null')
  const { ledger, depth, existingHash, incomingHash, source } = value
  check(isSequence(ledger) && isSequence(depth), 'lastReorg: must hold numbers')
  check((existingHash === null || isToken(existingHash)) && isToken(incomingHash), 'lastReorg: must hold hashes')
  check(source === undefined || isToken(source), 'lastReorg: must hold a source')
  // In the order in which a step writes them: a state that is read and written again is the same text.
  return { ledger, existingHash, incomingHash, depth, ...(source && { source }) }
}

function sameLedger(one: Ledger | null, other: Ledger | null): boolean {
  if (!one || !other) return one === other
  return (['sequence', 'hash', 'parentHash', 'closedAt'] as const).every((key) => one[key] === other[key])
}
