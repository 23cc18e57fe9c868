// The memory store's entries: they are found by key, change when their time is over, and are dropped when the store is full. The rules of
// claiming are in store.ts.
//
// An entry is in one of three states:
//   live       a claim that is held. When its lease runs out it becomes bound, and keeps its token: it is late, but still its holder's.
//   committed  a delivery that was handled. When its retention ends, its keys become bound to their fingerprints.
//   bound      keys that nobody holds (unless the entry has a token: a late claim) but that still conflict with another fingerprint.
//              When that ends, the entry is gone.

import { WebhookError } from '../../shared/webhook-error.ts'
import type { DedupeKey } from '../contract.ts'
import { dequeue, emptyLanes, enqueue, findEnded, findOldest, type Lanes, type Queued } from './lanes.ts'

export type EntryState = 'live' | 'committed' | 'bound'

/** What is known about one delivery. Times are in milliseconds, by `performance.now()`. */
export interface Entry extends Queued<Entry> {
  state: EntryState
  /** Each key with the fingerprint that it is bound to. A key belongs to one entry at a time. */
  keys: DedupeKey[]
  /** Whose claim it is; empty if nobody's. */
  token: string
  /** How long the keys stay bound to their fingerprints after `until`. */
  bindMs: number
}

/** The part of an entry that its maker decides. */
export type NewEntry = Pick<Entry, 'state' | 'keys' | 'token' | 'until' | 'bindMs'>

/** How many ended entries of each state one call removes: enough to keep up with any rate of calls. */
const MAX_SWEPT = 4

/** All entries, by key and by the time they end. */
export class EntryTable {
  readonly #byKey = new Map<string, Entry>()
  readonly #lanes: Readonly<Record<EntryState, Lanes<Entry>>> = {
    live: emptyLanes(),
    committed: emptyLanes(),
    bound: emptyLanes(),
  }
  readonly #allLanes = Object.values(this.#lanes)
  readonly #maxEntries: number
  readonly #onEvict: () => void
  #evicted = 0

  /** `onEvict` is called each time an entry was dropped because the table was full. */
  constructor(maxEntries: number, onEvict: () => void) {
    this.#maxEntries = maxEntries
    this.#onEvict = onEvict
  }

  get size(): number {
    const { live, committed, bound } = this.#lanes
    return live.size + committed.size + bound.size
  }

  /** How many entries were dropped because the table was full. */
  get evicted(): number {
    return this.#evicted
  }

  /** The entry of a key, in the state that it is in by now. */
  find(key: string, now: number): Entry | undefined {
    let entry = this.#byKey.get(key)
    while (entry && now >= entry.until) {
      this.#end(entry, now)
      entry = this.#byKey.get(key)
    }
    return entry
  }

  /** Adds an entry. It takes over its keys from the entries that had them. */
  add({ state, keys, token, until, bindMs }: NewEntry): void {
    const entry = { state, keys, token, until, bindMs, lane: undefined, before: undefined, after: undefined, turn: 0 }
    for (const { key } of keys) {
      const former = this.#byKey.get(key)
      this.#byKey.set(key, entry)
      if (former && former !== entry) giveUpKey(former, key)
    }
    enqueue(this.#lanes[state], entry)
  }

  /** Moves an entry to another state, or to another time in the same state. */
  move(entry: Entry, state: EntryState, until: number): void {
    entry.state = state
    entry.until = until
    enqueue(this.#lanes[state], entry)
  }

  /** Replaces an entry by what it leaves behind: its fingerprints, bound for `bindMs` after `endedAt`. */
  settle(entry: Entry, endedAt: number, now: number): void {
    this.#remove(entry)
    const keys = entry.keys.filter(({ fingerprint }) => fingerprint !== undefined)
    const until = endedAt + entry.bindMs
    if (keys.length > 0 && now < until) this.add({ state: 'bound', keys, token: '', until, bindMs: 0 })
  }

  /**
   * Makes sure that one more entry fits. What has ended goes first, then the oldest entry that was committed for a limited time, then the
   * oldest that is bound, then the oldest that was committed for ever.
   *
   * @throws {WebhookError} `store_full` if all entries are live.
   */
  makeRoom(now: number): void {
    for (const lanes of this.#allLanes) {
      while (this.#isFull) if (!this.#endNext(lanes, now)) break
    }
    if (!this.#isFull) return
    const { committed, bound } = this.#lanes
    const oldest = findOldest(committed, Number.MAX_VALUE) ?? findOldest(bound) ?? findOldest(committed)
    if (!oldest) throw new WebhookError('store_full', 'The dedupe store is full of deliveries that are being handled.')
    this.#remove(oldest)
    this.#evicted++
    try {
      this.#onEvict()
    } catch {} // a metric that fails must not cost a delivery
  }

  /** Removes a few of the entries that have ended. */
  sweep(now: number): void {
    for (const lanes of this.#allLanes) {
      for (let left = MAX_SWEPT; left > 0; left--) if (!this.#endNext(lanes, now)) break
    }
  }

  get #isFull(): boolean {
    return this.size >= this.#maxEntries
  }

  /** Ends one entry whose time is over; false if there is none. */
  #endNext(lanes: Lanes<Entry>, now: number): boolean {
    const ended = findEnded(lanes, now)
    if (ended) this.#end(ended, now)
    return ended !== undefined
  }

  /** Moves an entry whose time is over to its next state. */
  #end(entry: Entry, now: number): void {
    const { state, until, bindMs } = entry
    if (state === 'live' && now < until + bindMs) this.move(entry, 'bound', until + bindMs)
    else if (state === 'committed') this.settle(entry, until, now)
    else this.#remove(entry)
  }

  #remove(entry: Entry): void {
    dequeue(entry)
    for (const { key } of entry.keys) this.#byKey.delete(key)
  }
}

/** An entry without keys can no longer be found, so it goes. */
function giveUpKey(entry: Entry, key: string): void {
  entry.keys = entry.keys.filter((kept) => kept.key !== key)
  if (entry.keys.length === 0) dequeue(entry)
}
