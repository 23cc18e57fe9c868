// The conformance kit works: a store with one defect fails it, in the test that is about that defect.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../../src/webhook/index.ts'

interface Entry {
  token: string | null
  fingerprint: string | undefined
  until: number
  boundUntil: number
}

/** What is wrong with a store. */
interface Defects {
  readonly checksThenSets?: boolean
  readonly ignoresTokens?: boolean
  readonly neverExpires?: boolean
  readonly releasesAnothers?: boolean
  readonly evicts?: boolean
  readonly claimsHalf?: boolean
  readonly writesOnConflict?: boolean
  readonly neverBinds?: boolean
  readonly bindsFirstKeys?: boolean
  readonly forgetsAfterLease?: boolean
  readonly putsInProgressFirst?: boolean
  readonly refusesLate?: boolean
  readonly forgetsLateHolders?: boolean
  readonly settlesAfterOthers?: boolean
  readonly settlesHalf?: boolean
  readonly extendsNothing?: boolean
  readonly bindsForEver?: boolean
  readonly ignoresFingerprints?: boolean
  readonly mergesKeys?: boolean
  readonly cutsBindingsShort?: boolean
  readonly neverForgets?: boolean
  readonly looksAtOneKey?: boolean
}

/** A store over a map, correct apart from its defects. */
function storeWith(defects: Defects): DedupeStore {
  const entries = new Map<string, Entry>()
  const tokens = new Set<string>()
  const nameOf = (key: string): string =>
    defects.mergesKeys ? new TextDecoder().decode(new TextEncoder().encode(key)) : key
  const find = (key: string): Entry | undefined => entries.get(nameOf(key))
  const isAlive = (entry: Entry | undefined): entry is Entry =>
    entry !== undefined && (defects.neverExpires ? entry.until > 0 : entry.until > performance.now())
  const conflicts = ({ key, fingerprint }: DedupeKey): boolean => {
    const entry = find(key)
    if (!entry || defects.ignoresFingerprints) return false
    const { boundUntil, fingerprint: known } = entry
    const isBound = !defects.neverBinds && (defects.bindsForEver || boundUntil > performance.now())
    return (isBound || isAlive(entry)) && known !== undefined && fingerprint !== undefined && known !== fingerprint
  }
  const write = ({ key, fingerprint }: DedupeKey, token: string | null, until: number, boundUntil: number): void => {
    entries.set(nameOf(key), { token, fingerprint: fingerprint ?? find(key)?.fingerprint, until, boundUntil })
  }

  async function claim(request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }): Promise<ClaimResult> {
    const { leaseMs, bindMs } = request
    const keys = [...new Map(request.keys.map((key) => [nameOf(key.key), key])).values()]
    const now = performance.now()
    const bound = (all: readonly DedupeKey[]): void => {
      for (const key of all)
        if (!isAlive(find(key.key)) && key.fingerprint !== undefined)
          write(key, defects.forgetsLateHolders ? null : (find(key.key)?.token ?? null), 0, now + bindMs)
    }
    if (keys.some(conflicts)) {
      if (defects.writesOnConflict) bound(keys.filter((key) => !conflicts(key)))
      return { status: 'conflict' }
    }
    const known = keys.map(({ key }) => find(key)).filter(isAlive)
    if (defects.checksThenSets) await new Promise((resolve) => setTimeout(resolve, 1))
    const [held] = known.filter(({ token }) => token !== null)
    const isDuplicate = known.some(({ token }) => token === null) && !(defects.putsInProgressFirst && held)
    if (isDuplicate || held) {
      bound(defects.bindsFirstKeys ? keys : keys.slice(1))
      if (defects.claimsHalf && !isDuplicate) {
        for (const key of keys) if (!isAlive(find(key.key))) write(key, 'half', now + leaseMs, now + leaseMs)
      }
      return isDuplicate || !held ? { status: 'duplicate' } : { status: 'in_progress', retryAfterMs: held.until - now }
    }
    if (defects.evicts && entries.size >= 100) entries.delete([...entries.keys()][0]!)
    const token = crypto.randomUUID()
    tokens.add(token)
    for (const key of keys)
      write(key, token, now + leaseMs, now + leaseMs + (key.fingerprint === undefined ? 0 : bindMs))
    return { status: 'claimed', claim: { token, keys: request.keys } }
  }

  function settle(claim: Claim, change: (entry: Entry) => void, ignoresToken = false): boolean {
    const isHeld = ({ key }: DedupeKey): boolean => {
      const entry = find(key)
      if (!entry) return false
      if (defects.settlesAfterOthers && tokens.has(claim.token) && !isAlive(entry)) return true
      if (entry.token === null) return false
      if (!(ignoresToken || defects.ignoresTokens || entry.token === claim.token)) return false
      return !defects.refusesLate || isAlive(entry)
    }
    const held = claim.keys.filter(isHeld)
    const isEnough = defects.looksAtOneKey || defects.settlesHalf ? held.length > 0 : held.length === claim.keys.length
    if (!isEnough) return false
    for (const { key } of held) change(find(key)!)
    return true
  }

  return {
    claim,
    commit: async (claim, retentionMs) =>
      settle(claim, (entry) => {
        const retained = performance.now() + (defects.neverForgets ? Number.POSITIVE_INFINITY : retentionMs)
        const until = defects.forgetsAfterLease ? entry.until : retained
        const boundUntil = defects.cutsBindingsShort ? until : performance.now() + (entry.boundUntil - entry.until)
        Object.assign(entry, { token: null, until, boundUntil: Math.max(until, boundUntil) })
      }),
    release: async (claim) =>
      settle(
        claim,
        (entry) => {
          const boundUntil = performance.now() + (entry.boundUntil - entry.until)
          Object.assign(entry, { token: null, until: 0, boundUntil })
        },
        defects.releasesAnothers,
      ),
    extend: async (claim, leaseMs) =>
      settle(claim, (entry) => {
        if (defects.extendsNothing) return
        const until = performance.now() + leaseMs
        Object.assign(entry, { until, boundUntil: until + entry.boundUntil - entry.until })
      }),
  }
}

/** The titles of the tests that fail. Each runs against its own store, and none can hang. */
async function failuresOf(makeStore: () => DedupeStore): Promise<string[]> {
  const tests: [string, () => Promise<void>][] = []
  dedupeStoreConformance('broken', makeStore, {
    describe: (_, body) => body(),
    it: (title, body) => tests.push([title, body]),
    shortMs: 60,
  })
  const failed = Promise.all(
    tests.map(([title, body]) =>
      body().then(
        () => [],
        () => [title],
      ),
    ),
  )
  await vi.advanceTimersByTimeAsync(10_000)
  return (await failed).flat()
}

const BROKEN: [what: string, defects: Defects, caughtBy: string][] = [
  ['checks, then sets', { checksThenSets: true }, 'gives a key to exactly one of many concurrent claims'],
  ['has no tokens', { ignoresTokens: true }, 'ignores a token that does not hold the claim'],
  ['never lets a claim expire', { neverExpires: true }, 'frees a key when its lease expires, and not before'],
  ["releases another's claim", { releasesAnothers: true }, 'ignores a token that does not hold the claim'],
  ['evicts live leases', { evicts: true }, 'keeps live claims, however many new ones arrive'],
  ['claims half of a set', { claimsHalf: true }, 'claims all keys of a request or none'],
  ['writes even on a conflict', { writesOnConflict: true }, 'writes nothing when it answers conflict'],
  ['never binds a key to its fingerprint', { neverBinds: true }, 'keeps a released key bound to its fingerprint'],
  ['never ends a binding', { bindsForEver: true }, 'ends a binding after bindMs'],
  [
    'binds the first key of a refused request too',
    { bindsFirstKeys: true },
    'binds every key but the first of a request that it turns away',
  ],
  ['ignores fingerprints', { ignoresFingerprints: true }, 'answers conflict to a known key with another fingerprint'],
  [
    'forgets a commit when the lease expires',
    { forgetsAfterLease: true },
    'keeps a committed key for its whole retention',
  ],
  ['answers in_progress ahead of duplicate', { putsInProgressFirst: true }, 'answers conflict to a known key'],
  ['settles nothing after the lease', { refusesLate: true }, 'lets a late worker settle its claim'],
  ['forgets who held a key when it binds it', { forgetsLateHolders: true }, 'lets a late worker settle its claim'],
  [
    'lets a former holder settle after its successor has',
    { settlesAfterOthers: true },
    'fences off a late worker even after its successor has settled',
  ],
  [
    'settles the keys that are left of a set',
    { settlesHalf: true },
    'commits and releases a set only while the claim holds every key',
  ],
  ['does not extend a lease', { extendsNothing: true }, 'extends a lease to leaseMs from now'],
  ['ends a binding early on commit', { cutsBindingsShort: true }, 'keeps a committed key bound for bindMs'],
  ['never forgets a commit', { neverForgets: true }, 'forgets a committed key after its retention'],
  [
    'checks only one key of a claim',
    { looksAtOneKey: true },
    'commits and releases a set only while the claim holds every key',
  ],
  ['merges keys that UTF-8 cannot tell apart', { mergesKeys: true }, 'takes any text as a key or a fingerprint'],
]

describe('the conformance kit', () => {
  // With a fake clock, no lease expires because the machine is busy.
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('passes a correct store', async () => {
    expect(await failuresOf(() => storeWith({}))).toEqual([])
  })

  it.each(BROKEN)('fails a store that %s', async (_, defects, caughtBy) => {
    expect(await failuresOf(() => storeWith(defects))).toContainEqual(expect.stringContaining(caughtBy))
  })

  it('fails a store that rejects, and one that gives no answer', async () => {
    const rejecting = { ...storeWith({}), claim: () => Promise.reject(new Error('down')) }
    expect((await failuresOf(() => rejecting)).length).toBeGreaterThan(20)
    const silent = { ...storeWith({}), commit: async () => undefined as never }
    expect((await failuresOf(() => silent)).length).toBeGreaterThan(5)
  })

  it('passes a store without extend', async () => {
    expect(await failuresOf(() => ({ ...storeWith({}), extend: undefined }) as unknown as DedupeStore)).toEqual([])
  })
})
