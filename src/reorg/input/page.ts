// Reads the ledgers of one event: what comes out is a sorted copy that does not contradict itself. A contradiction within one event is
// the provider's mistake, never a reorg.

import type { ReorgConfig } from '../config.ts'
import type { Ledger } from '../ledger.ts'
import { differ, relationOf } from '../links.ts'
import { isWhole } from './guards.ts'
import { MAX_UNIX_SECONDS, readLedger } from './members.ts'
import { check, Problem } from './problem.ts'

/** Ledgers in ascending order, one for each height; throws a `Problem` for anything else. */
export function readLedgers(input: unknown, config: ReorgConfig): readonly Ledger[] {
  if (!Array.isArray(input) || !isWhole(input.length, 1, config.maxBatch)) {
    throw new Problem('ledgers', `must be an array of 1 to ${config.maxBatch} ledgers`)
  }
  const ledgers: Ledger[] = []
  // By index, so that empty slots are seen too.
  for (let index = 0; index < input.length; index++) {
    const ledger = readLedger(input[index], config, index)
    const isInSeconds = ledger.closedAt === undefined || ledger.closedAt <= MAX_UNIX_SECONDS
    check(isInSeconds, 'closedAt', 'must be in Unix seconds, not milliseconds', index)
    ledgers.push(ledger)
  }
  if (ledgers.length === 1) return ledgers
  ledgers.sort((one, other) => one.sequence - other.sequence)
  const merged = mergeRepeats(ledgers)
  checkChain(merged, config)
  return merged
}

/** Merges repeats: a page of events names a ledger once for each of its events. */
function mergeRepeats(ascending: readonly Ledger[]): readonly Ledger[] {
  const merged: Ledger[] = []
  for (const ledger of ascending) {
    const last = merged.at(-1)
    if (last?.sequence === ledger.sequence) merged[merged.length - 1] = merge(last, ledger)
    else merged.push(ledger)
  }
  return merged
}

/** What two copies of one ledger say together, with the members in the order that `readLedger` gives them. */
function merge(one: Ledger, other: Ledger): Ledger {
  for (const key of ['hash', 'parentHash', 'closedAt'] as const) {
    check(!differ(one[key], other[key]), 'ledgers', `must not repeat a sequence with a different ${key}`)
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

/** Checks that ledgers in ascending order can all be of one chain. */
function checkChain(ledgers: readonly Ledger[], { heights, gapPolicy, closeTimes }: ReorgConfig): void {
  const hashes = new Set<string>()
  let below: Ledger | undefined
  let latest = 0
  for (const ledger of ledgers) {
    const relation = relationOf(below, ledger, hashes, heights)
    check(relation !== 'torn', 'ledgers', 'must be of one chain, each linked to the one below it')
    check(relation === 'linked' || gapPolicy === 'accept', 'ledgers', 'must not skip a sequence with gapPolicy "need"')
    const closedAt = ledger.closedAt ?? latest
    check(closedAt >= latest || closeTimes === 'unordered', 'ledgers', 'must have close times that never go back')
    latest = closedAt
    below = ledger
    hashes.add(ledger.hash)
  }
  check(hashes.size === ledgers.length, 'ledgers', 'must not repeat a hash at another sequence')
}
