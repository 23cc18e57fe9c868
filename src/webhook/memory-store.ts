// The dedupe store for one process: exact while the process lives, bounded, empty after a restart.

import type { Claim, ClaimResult, DedupeKey, DedupeStore } from './dedupe.ts'
import { invalidOption, readNumber, WebhookError } from './errors.ts'
import { dequeue, emptyQueue, enqueue, type Queue, type Queued } from './queue.ts'

/** The memory store's figures, for a metric or a log. */
export interface MemoryDedupeStats {
  /** Deliveries remembered: being handled, handled, or merely bound to what they came with. */
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
  /** How many deliveries are held, 100,000 by default. Full, the oldest committed ones are dropped; full of live claims, it refuses. */
  readonly maxEntries?: number | undefined
  /** Told each time that records were dropped because the store was full. What it throws is ignored. */
  readonly onEvict?: ((stats: MemoryDedupeStats) => void) | undefined
}

/**
 * Makes a memory store. Time is monotonic, so that a clock that is set back or forth neither frees nor prolongs a claim.
 *
 * @throws {WebhookError} `invalid_option`
 * @example
 * createWebhookReceiver({ secrets, dedupe: memoryDedupeStore({ maxEntries: 1_000_000 }) })
 */
export function memoryDedupeStore(options: MemoryDedupeOptions = {}): MemoryDedupeStore {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  const maxEntries = Math.floor(readNumber('maxEntries', options.maxEntries, 100_000, 1, 2 ** 24))
  const byKey = new Map<string, Entry>()
  // Each in the order of its last change, so that the oldest stand first.
  const live = emptyQueue<Entry>()
  const committed = emptyQueue<Entry>()
  const bound = emptyQueue<Entry>()
  const queues = [live, committed, bound]
  const { onEvict } = options
  if (onEvict !== undefined && typeof onEvict !== 'function') throw invalidOption('onEvict', 'a function')
  let evicted = 0

  const stats = (): MemoryDedupeStats => ({ entries: live.size + committed.size + bound.size, evicted })

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
      if (entry.queue === committed) isDuplicate = true
      else if (entry.queue === live && !(held && held.until > entry.until)) held = entry
    }
    if (isDuplicate || held) bind(keys.slice(1), now + bindMs)
    if (isDuplicate) return { status: 'duplicate' }
    if (held) return { status: 'in_progress', retryAfterMs: held.until - now }
    const token = crypto.randomUUID()
    const entry = isKnown
      ? entryOverBound(keys, token, now, leaseMs, bindMs)
      : newEntry(keys.slice(), token, now + leaseMs, bindMs)
    makeRoom()
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
      if (!former) return key
      boundMs = Math.max(boundMs, former.until - now)
      return key.fingerprint === undefined ? { key: key.key, fingerprint: fingerprintOf(former, key.key) } : key
    })
    return newEntry(owned, token, now + leaseMs, boundMs)
  }

  /** The entry of a key, if it is still good. */
  function find(key: string, now: number): Entry | undefined {
    const entry = byKey.get(key)
    if (!entry || now < entry.until) return entry
    end(entry, entry.until, now)
    return byKey.get(key)
  }

  /** Ends a claim or a record. What is left of it is its keys' fingerprints, bound for a while longer. */
  function end(entry: Entry, at: number, now: number): void {
    drop(entry)
    const keys = entry.keys.filter(({ fingerprint }) => fingerprint !== undefined)
    const until = at + entry.bindMs
    if (keys.length > 0 && now < until) put(bound, newEntry(keys, '', until, 0))
  }

  /** Binds the keys that nobody holds to their fingerprints. */
  function bind(keys: readonly DedupeKey[], until: number): void {
    for (const key of keys) {
      const former = byKey.get(key.key)
      if (key.fingerprint === undefined || (former && former.queue !== bound)) continue
      if (former?.keys.length !== 1) makeRoom()
      put(bound, newEntry([key], '', Math.max(until, former?.until ?? 0), 0))
    }
  }

  function put(queue: Queue<Entry>, entry: Entry): void {
    for (const { key } of entry.keys) {
      const former = byKey.get(key)
      byKey.set(key, entry)
      if (!former || former === entry) continue
      former.keys = former.keys.filter((known) => known.key !== key)
      if (former.keys.length === 0) dequeue(former)
    }
    enqueue(queue, entry)
  }

  function drop(entry: Entry): void {
    dequeue(entry)
    for (const { key } of entry.keys) byKey.delete(key)
  }

  function makeRoom(): void {
    if (live.size + committed.size + bound.size < maxEntries) return
    const oldest = committed.oldest ?? bound.oldest
    if (!oldest) throw new WebhookError('store_full', 'The dedupe store is full of deliveries that are being handled.')
    drop(oldest)
    evicted++
    try {
      onEvict?.(stats())
    } catch {} // a metric that fails must not cost a delivery
  }

  /** A few of the oldest entries a call keep up with what expires, whatever the rate. */
  function sweep(now: number): void {
    for (const queue of queues) {
      for (let left = 4; left > 0 && queue.oldest && now >= queue.oldest.until; left--) {
        end(queue.oldest, queue.oldest.until, now)
      }
    }
  }

  /** Changes the entry of a claim of which every key is still held. */
  function settle(held: Claim, change: (entry: Entry, now: number) => void): boolean {
    const now = performance.now()
    const entry = byKey.get(held.keys[0]?.key ?? '')
    if (!entry || entry.queue !== live || entry.token !== held.token || now >= entry.until) return false
    if (held.keys.some(({ key }) => byKey.get(key) !== entry)) return false
    change(entry, now)
    return true
  }

  return Object.freeze({
    claim: async (request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }) => claim(request),
    commit: async (held: Claim, retentionMs: number) =>
      settle(held, (entry, now) => {
        enqueue(committed, entry)
        entry.token = '' // nobody holds it any more: one text less to remember
        entry.until = now + retentionMs
        // A retention shorter than the binding does not cut the binding short.
        entry.bindMs = Math.max(0, entry.bindMs - retentionMs)
      }),
    release: async (held: Claim) => settle(held, (entry, now) => end(entry, now, now)),
    extend: async (held: Claim, leaseMs: number) =>
      settle(held, (entry, now) => {
        enqueue(live, entry)
        entry.until = now + leaseMs
      }),
    stats,
  })
}

/** All that is known of one delivery: its keys with their fingerprints, and until when that holds. Its queue says which kind it is of. */
interface Entry extends Queued<Entry> {
  keys: DedupeKey[]
  token: string
  until: number
  bindMs: number
}

function newEntry(keys: DedupeKey[], token: string, until: number, bindMs: number): Entry {
  return { keys, token, until, bindMs, queue: undefined, before: undefined, after: undefined }
}

function fingerprintOf({ keys }: Entry, key: string): string | undefined {
  return keys.find((known) => known.key === key)?.fingerprint
}

/** A key without a fingerprint stands for itself and conflicts with nothing. */
function conflicts(known: string | undefined, given: string | undefined): boolean {
  return known !== undefined && given !== undefined && known !== given
}
