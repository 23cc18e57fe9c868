// The dedupe store for one process: exact while the process lives, limited in size, empty after a restart. This file has the rules of
// claiming; table.ts has the entries.

import { demandKnownNames, invalidOption, readNumber } from '../../shared/webhook-error.ts'
import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../contract.ts'
import { type Entry, EntryTable, type NewEntry } from './table.ts'

/** What the memory store holds, for a metric or a log. */
export interface MemoryDedupeStats {
  /** Deliveries remembered: being handled, handled, late, or only bound to their fingerprints. */
  readonly entries: number
  /** Entries dropped before their time because the store was full. Each is a delivery that could run again. */
  readonly evicted: number
}

/** A dedupe store that lives in this process. */
export interface MemoryDedupeStore extends DedupeStore {
  /** Makes the lease run out `leaseMs` milliseconds from now; false if the claim is no longer held. */
  extend(claim: Claim, leaseMs: number): Promise<boolean>
  /** Counts what the store holds. */
  stats(): MemoryDedupeStats
}

/** Options of {@link memoryDedupeStore}. */
export interface MemoryDedupeOptions {
  /**
   * How many deliveries to hold: 1 to 16,777,216; 100,000 by default. A full store first drops what has ended, then the oldest deliveries
   * that were committed for a limited time, then the oldest that are late or only bound, and last those that were committed for ever. If
   * all are being handled, it rejects the claim with `store_full`.
   */
  readonly maxEntries?: number | undefined
  /** Called each time entries were dropped because the store was full. Anything it throws is ignored. */
  readonly onEvict?: ((stats: MemoryDedupeStats) => void) | undefined
}

const OPTION_NAMES = ['maxEntries', 'onEvict']

/**
 * Creates a memory store. It measures time by a monotonic clock, so setting the system clock neither frees nor prolongs a claim.
 *
 * @param options How many deliveries to hold, and what to call when that is not enough.
 * @returns A store to pass as `dedupe`.
 * @throws {WebhookError} `invalid_option` if an option is unknown, of the wrong type or out of range.
 *
 * @example
 * ```ts
 * createWebhookReceiver({ secrets, dedupe: memoryDedupeStore({ maxEntries: 1_000_000 }) })
 * ```
 */
export function memoryDedupeStore(options: MemoryDedupeOptions = {}): MemoryDedupeStore {
  const { maxEntries, onEvict } = readOptions(options)
  const stats = (): MemoryDedupeStats => ({ entries: table.size, evicted: table.evicted })
  const table = new EntryTable(maxEntries, () => onEvict?.(stats()))
  return Object.freeze({
    claim: async (request: ClaimRequest) => takeClaim(table, request),
    commit: async (claim: Claim, retentionMs: number) =>
      changeHeld(table, claim, (entry, now) => commitEntry(table, entry, retentionMs, now)),
    release: async (claim: Claim) => changeHeld(table, claim, (entry, now) => table.settle(entry, now, now)),
    extend: async (claim: Claim, leaseMs: number) =>
      changeHeld(table, claim, (entry, now) => table.move(entry, 'live', now + leaseMs)),
    stats,
  })
}

type ClaimRequest = Parameters<DedupeStore['claim']>[0]

/** Claims all keys of a request or none. A conflict comes before a duplicate, and a duplicate before a claim in progress. */
function takeClaim(table: EntryTable, { keys, leaseMs, bindMs }: ClaimRequest): ClaimResult {
  const now = performance.now()
  table.sweep(now)
  const known = findKnown(table, keys, now)
  if (known.some(conflicts)) return { status: 'conflict' }

  const isDuplicate = known.some(({ entry }) => entry.state === 'committed')
  const leasedUntil = latestLease(known)
  if (isDuplicate || leasedUntil !== undefined) bindKeys(table, keys.slice(1), bindMs, now)
  if (isDuplicate) return { status: 'duplicate' }
  if (leasedUntil !== undefined) return { status: 'in_progress', retryAfterMs: leasedUntil - now }

  const token = crypto.randomUUID()
  const entry: NewEntry = { state: 'live', keys: [...keys], token, until: now + leaseMs, bindMs }
  if (known.length > 0) keepBindings(entry, known, now)
  table.makeRoom(now)
  table.add(entry)
  return { status: 'claimed', claim: { token, keys } }
}

/** A key of a request, and the entry that has it. */
interface KnownKey {
  readonly asked: DedupeKey
  readonly entry: Entry
  /** What the entry has bound the key to. */
  readonly boundTo: string | undefined
}

function findKnown(table: EntryTable, keys: readonly DedupeKey[], now: number): readonly KnownKey[] {
  const known: KnownKey[] = []
  for (const asked of keys) {
    const entry = table.find(asked.key, now)
    if (entry) known.push({ asked, entry, boundTo: entry.keys.find(({ key }) => key === asked.key)?.fingerprint })
  }
  return known
}

/** A key without a fingerprint conflicts with nothing. */
function conflicts({ asked: { fingerprint }, boundTo }: KnownKey): boolean {
  return fingerprint !== undefined && boundTo !== undefined && fingerprint !== boundTo
}

/** When the last of the leases on these keys runs out; undefined if there is none. */
function latestLease(known: readonly KnownKey[]): number | undefined {
  const ends = known.filter(({ entry }) => entry.state === 'live').map(({ entry }) => entry.until)
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** A new claim keeps the fingerprints that its keys are bound to, for at least as long as they were bound. */
function keepBindings(claimed: NewEntry, known: readonly KnownKey[], now: number): void {
  const fingerprints = new Map<string, string>()
  for (const { asked, entry, boundTo } of known) {
    if (boundTo === undefined) continue
    fingerprints.set(asked.key, boundTo)
    claimed.bindMs = Math.max(claimed.bindMs, entry.until - now)
  }
  claimed.keys = claimed.keys.map((asked) => {
    const fingerprint = fingerprints.get(asked.key)
    if (fingerprint === undefined) return asked
    return { key: asked.key, fingerprint }
  })
}

/**
 * Binds keys of a delivery that was turned away to their fingerprints, so that it cannot come back under another id. Keys that somebody
 * holds are left alone, and a late claim keeps its key.
 */
function bindKeys(table: EntryTable, keys: readonly DedupeKey[], bindMs: number, now: number): void {
  for (const key of keys) {
    const former = table.find(key.key, now)
    const isHeld = former !== undefined && former.state !== 'bound'
    if (key.fingerprint === undefined || isHeld) continue
    const isReplaced = former?.keys.length === 1 // then there is no entry more than before
    if (!isReplaced) table.makeRoom(now)
    const until = Math.max(now + bindMs, former?.until ?? 0)
    table.add({ state: 'bound', keys: [key], token: former?.token ?? '', until, bindMs: until - now })
  }
}

/**
 * Changes the entries of a claim, in time or late, if it still holds every key. A claim can have several: a key that was bound meanwhile
 * has an entry of its own.
 *
 * @returns False if the claim has lost a key, and nothing changed.
 */
function changeHeld(table: EntryTable, claim: Claim, change: (entry: Entry, now: number) => void): boolean {
  const now = performance.now()
  const entries: Entry[] = []
  for (const { key } of claim.keys) {
    const entry = table.find(key, now)
    if (!entry || entry.token === '' || entry.token !== claim.token) return false
    if (!entries.includes(entry)) entries.push(entry)
  }
  for (const entry of entries) change(entry, now)
  return entries.length > 0
}

function commitEntry(table: EntryTable, entry: Entry, retentionMs: number, now: number): void {
  entry.token = '' // nobody holds it any more, and a token takes memory
  entry.bindMs = Math.max(0, entry.bindMs - retentionMs) // a short retention does not cut the binding short
  table.move(entry, 'committed', now + retentionMs)
}

function readOptions(options: MemoryDedupeOptions) {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, OPTION_NAMES)
  const { onEvict } = options
  if (onEvict !== undefined && typeof onEvict !== 'function') throw invalidOption('onEvict', 'a function')
  return { maxEntries: Math.floor(readNumber('maxEntries', options.maxEntries, 100_000, 1, 2 ** 24)), onEvict }
}
