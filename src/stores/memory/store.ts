// The dedupe store for one process: exact while the process lives, bounded, empty after a restart.

import { demandKnownNames, invalidOption, readNumber, WebhookError } from '../../shared/webhook-error.ts'
import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../contract.ts'
import { dequeue, emptyLanes, enqueue, findEnded, findOldest, type Lanes, type Queued } from './queue.ts'

/** The memory store's figures, for a metric or a log. */
export interface MemoryDedupeStats {
  /** Deliveries remembered: being handled, handled, late, or merely bound to what they came with. */
  readonly entries: number
  /** Records dropped before their time because the store was full: each is a delivery that could run again. */
  readonly evicted: number
}

/** A dedupe store that lives in this process. */
export interface MemoryDedupeStore extends DedupeStore {
  extend(claim: Claim, leaseMs: number): Promise<boolean>
  stats(): MemoryDedupeStats
}

/** What the memory store is made of. */
export interface MemoryDedupeOptions {
  /**
   * How many deliveries are held, 100,000 by default. A full store lets go of what has run out, then of the oldest that were committed
   * for a time, then of the oldest that are late or merely bound, and of those committed for ever last; full of live claims, it refuses.
   */
  readonly maxEntries?: number | undefined
  /** Told each time that records were dropped because the store was full. What it throws is ignored. */
  readonly onEvict?: ((stats: MemoryDedupeStats) => void) | undefined
}

const OPTION_NAMES = ['maxEntries', 'onEvict']

/**
 * Makes a memory store. Time is monotonic, so that a clock that is set back or forth neither frees nor prolongs a claim.
 *
 * @throws {WebhookError} `invalid_option`
 * @example
 * createWebhookReceiver({ secrets, dedupe: memoryDedupeStore({ maxEntries: 1_000_000 }) })
 */
export function memoryDedupeStore(options: MemoryDedupeOptions = {}): MemoryDedupeStore {
  const { maxEntries, onEvict } = readOptions(options)
  const byKey = new Map<string, Entry>()
  const live = emptyLanes<Entry>()
  const committed = emptyLanes<Entry>()
  /** Bound to what they came with. One that has a token is late: a claim whose lease ran out, and that nobody has taken over. */
  const bound = emptyLanes<Entry>()
  const kinds = [live, committed, bound]
  let evicted = 0

  const count = (): number => live.size + committed.size + bound.size
  const stats = (): MemoryDedupeStats => ({ entries: count(), evicted })

  function claim(request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }): ClaimResult {
    const { keys, leaseMs, bindMs } = request
    const now = performance.now()
    sweep(now)
    let isDuplicate = false
    let isKnown = false
    let held: Entry | undefined
    for (const { key, fingerprint } of keys) {
      const entry = find(key, now)
      if (!entry) continue
      isKnown = true
      if (conflicts(fingerprintOf(entry, key), fingerprint)) return { status: 'conflict' }
      if (entry.lane?.of === committed) isDuplicate = true
      else if (entry.lane?.of === live && !(held && held.until > entry.until)) held = entry
    }
    if (isDuplicate || held) bind(keys.slice(1), now, bindMs)
    if (isDuplicate) return { status: 'duplicate' }
    if (held) return { status: 'in_progress', retryAfterMs: held.until - now }
    const token = crypto.randomUUID()
    const entry = isKnown
      ? entryOverBound(keys, token, now, leaseMs, bindMs)
      : newEntry(keys.slice(), token, now + leaseMs, bindMs)
    makeRoom(now)
    put(live, entry)
    return { status: 'claimed', claim: { token, keys } }
  }

  /** A claim of keys of which some are bound: what a key is bound to, and for how long, is not cut short. */
  function entryOverBound(
    keys: readonly DedupeKey[],
    token: string,
    now: number,
    leaseMs: number,
    bindMs: number,
  ): Entry {
    let boundMs = bindMs
    const owned = keys.map((key) => {
      const former = byKey.get(key.key)
      const fingerprint = former && fingerprintOf(former, key.key)
      if (fingerprint === undefined) return key
      boundMs = Math.max(boundMs, former!.until - now)
      return { key: key.key, fingerprint }
    })
    return newEntry(owned, token, now + leaseMs, boundMs)
  }

  /** The entry of a key, if it is still good. */
  function find(key: string, now: number): Entry | undefined {
    let entry = byKey.get(key)
    while (entry && now >= entry.until) {
      end(entry, now)
      entry = byKey.get(key)
    }
    return entry
  }

  /** What becomes of an entry whose time is over: a claim is late, a commit is merely bound, and what was that is gone. */
  function end(entry: Entry, now: number): void {
    const { until, bindMs } = entry
    if (entry.lane?.of === live && now < until + bindMs) {
      entry.until = until + bindMs
      enqueue(bound, entry)
    } else if (entry.lane?.of === committed) settleDown(entry, until, now)
    else drop(entry)
  }

  /** Leaves of a claim or a commit that ended its keys' fingerprints, bound for a while longer. */
  function settleDown(entry: Entry, at: number, now: number): void {
    drop(entry)
    const keys = entry.keys.filter(({ fingerprint }) => fingerprint !== undefined)
    const until = at + entry.bindMs
    if (keys.length > 0 && now < until) put(bound, newEntry(keys, '', until, 0))
  }

  /** Binds the keys that nobody holds to their fingerprints. Whoever is late with one of them stays its holder. */
  function bind(keys: readonly DedupeKey[], now: number, bindMs: number): void {
    for (const key of keys) {
      const former = byKey.get(key.key)
      if (key.fingerprint === undefined || (former && former.lane?.of !== bound)) continue
      if (former?.keys.length !== 1) makeRoom(now)
      const until = Math.max(now + bindMs, former?.until ?? 0)
      put(bound, newEntry([key], former?.token ?? '', until, until - now))
    }
  }

  function put(kind: Lanes<Entry>, entry: Entry): void {
    for (const { key } of entry.keys) {
      const former = byKey.get(key)
      byKey.set(key, entry)
      if (!former || former === entry) continue
      former.keys = former.keys.filter((known) => known.key !== key)
      if (former.keys.length === 0) dequeue(former)
    }
    enqueue(kind, entry)
  }

  function drop(entry: Entry): void {
    dequeue(entry)
    for (const { key } of entry.keys) byKey.delete(key)
  }

  function makeRoom(now: number): void {
    for (const kind of kinds) {
      for (let over = findEnded(kind, now); over && count() >= maxEntries; over = findEnded(kind, now)) end(over, now)
    }
    if (count() < maxEntries) return
    const oldest = findOldest(committed, Number.MAX_VALUE) ?? findOldest(bound) ?? findOldest(committed)
    if (!oldest) throw new WebhookError('store_full', 'The dedupe store is full of deliveries that are being handled.')
    drop(oldest)
    evicted++
    try {
      onEvict?.(stats())
    } catch {} // a metric that fails must not cost a delivery
  }

  /** A few a call keep up with what expires, whatever the rate. */
  function sweep(now: number): void {
    for (const kind of kinds) {
      let over = findEnded(kind, now)
      for (let left = 4; left > 0 && over; left--, over = findEnded(kind, now)) end(over, now)
    }
  }

  /** Changes what a claim holds, if it still holds every key: in time, or late. Its keys are apart where one was bound since. */
  function settle(held: Claim, change: (entry: Entry, now: number) => void): boolean {
    const now = performance.now()
    const entries: Entry[] = []
    for (const { key } of held.keys) {
      const entry = find(key, now)
      if (!entry || entry.token === '' || entry.token !== held.token) return false
      if (!entries.includes(entry)) entries.push(entry)
    }
    for (const entry of entries) change(entry, now)
    return entries.length > 0
  }

  return Object.freeze({
    claim: async (request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }) => claim(request),
    commit: async (held: Claim, retentionMs: number) =>
      settle(held, (entry, now) => {
        entry.token = '' // nobody holds it any more: one text less to remember
        entry.until = now + retentionMs
        // A retention shorter than the binding does not cut the binding short.
        entry.bindMs = Math.max(0, entry.bindMs - retentionMs)
        enqueue(committed, entry)
      }),
    release: async (held: Claim) => settle(held, (entry, now) => settleDown(entry, now, now)),
    extend: async (held: Claim, leaseMs: number) =>
      settle(held, (entry, now) => {
        entry.until = now + leaseMs
        enqueue(live, entry)
      }),
    stats,
  })
}

function readOptions(options: MemoryDedupeOptions) {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, OPTION_NAMES)
  const { onEvict } = options
  if (onEvict !== undefined && typeof onEvict !== 'function') throw invalidOption('onEvict', 'a function')
  return { maxEntries: Math.floor(readNumber('maxEntries', options.maxEntries, 100_000, 1, 2 ** 24)), onEvict }
}

/** All that is known of one delivery: its keys with their fingerprints, and until when that holds. Its lane says which kind it is of. */
interface Entry extends Queued<Entry> {
  keys: DedupeKey[]
  token: string
  bindMs: number
}

function newEntry(keys: DedupeKey[], token: string, until: number, bindMs: number): Entry {
  return { keys, token, until, bindMs, lane: undefined, before: undefined, after: undefined, turn: 0 }
}

function fingerprintOf({ keys }: Entry, key: string): string | undefined {
  return keys.find((known) => known.key === key)?.fingerprint
}

/** A key without a fingerprint stands for itself and conflicts with nothing. */
function conflicts(known: string | undefined, given: string | undefined): boolean {
  return known !== undefined && given !== undefined && known !== given
}
