// The memory store compared with a naive model of the contract: a record for each key, nothing indexed, nothing swept.

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Claim, type ClaimResult, type DedupeKey, memoryDedupeStore } from '../../src/webhook/index.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

interface Row {
  /** Late: a claim whose lease ran out, and that nobody has taken over. */
  state: 'live' | 'late' | 'committed' | 'bound'
  fingerprint: string | undefined
  until: number
  /** How long the fingerprint stays bound after `until`. */
  bindMs: number
  token: string
}

/** What stores/contract.ts says, word by word. */
function makeModel() {
  const rows = new Map<string, Row>()
  let now = 0
  let tokens = 0

  const rowOf = (key: string): Row | undefined => {
    const row = rows.get(key)
    if (!row || now < row.until) return row
    const { state, fingerprint, until, bindMs } = row
    rows.delete(key)
    if (now >= until + bindMs || state === 'late' || state === 'bound') return undefined
    if (state === 'live') rows.set(key, { ...row, state: 'late', until: until + bindMs })
    else if (fingerprint !== undefined) rows.set(key, boundRow(fingerprint, until + bindMs))
    return rows.get(key)
  }
  const boundRow = (fingerprint: string, until: number): Row => {
    return { state: 'bound', fingerprint, until, bindMs: 0, token: '' }
  }
  const holds = (claim: Claim) =>
    claim.keys.length > 0 &&
    claim.keys.every(
      ({ key }) => ['live', 'late'].includes(rowOf(key)?.state ?? '') && rows.get(key)?.token === claim.token,
    )
  const settle = (claim: Claim, change: (key: string, row: Row) => void): boolean => {
    if (!holds(claim)) return false
    for (const { key } of claim.keys) change(key, rows.get(key) as Row)
    return true
  }

  return {
    wait(ms: number) {
      now += ms
    },
    claim(keys: readonly DedupeKey[], leaseMs: number, bindMs: number): ClaimResult {
      const known = keys.map(({ key }) => rowOf(key))
      if (
        keys.some(
          ({ fingerprint }, at) =>
            fingerprint !== undefined && known[at]?.fingerprint !== undefined && known[at]?.fingerprint !== fingerprint,
        )
      )
        return { status: 'conflict' }
      const isDuplicate = known.some((row) => row?.state === 'committed')
      const live = known.filter((row) => row?.state === 'live') as Row[]
      if (isDuplicate || live.length > 0) {
        for (const { key, fingerprint } of keys.slice(1)) {
          const row = rowOf(key)
          if (fingerprint === undefined || row?.state === 'live' || row?.state === 'committed') continue
          const until = Math.max(now + bindMs, row?.until ?? 0)
          rows.set(key, { ...(row ?? boundRow(fingerprint, until)), fingerprint, until, bindMs: until - now })
        }
        return isDuplicate
          ? { status: 'duplicate' }
          : { status: 'in_progress', retryAfterMs: Math.max(...live.map(({ until }) => until)) - now }
      }
      const token = `t${++tokens}`
      const tail = Math.max(bindMs, ...known.map((row) => (row?.fingerprint === undefined ? 0 : row.until - now)))
      keys.forEach(({ key, fingerprint }, at) => {
        const row = { fingerprint: fingerprint ?? known[at]?.fingerprint, until: now + leaseMs, bindMs: tail, token }
        rows.set(key, { state: 'live', ...row })
      })
      return { status: 'claimed', claim: { token, keys } }
    },
    commit(claim: Claim, retentionMs: number): boolean {
      return settle(claim, (key, row) => {
        const left = Math.max(0, row.bindMs - retentionMs)
        rows.set(key, { ...row, state: 'committed', until: now + retentionMs, bindMs: left, token: '' })
      })
    },
    release(claim: Claim): boolean {
      return settle(claim, (key, row) => {
        if (row.fingerprint === undefined) rows.delete(key)
        else rows.set(key, boundRow(row.fingerprint, now + row.bindMs))
      })
    },
    extend(claim: Claim, leaseMs: number): boolean {
      return settle(claim, (key, row) => {
        rows.set(key, { ...row, state: 'live', until: now + leaseMs })
      })
    },
  }
}

type Step =
  | { do: 'claim'; keys: DedupeKey[]; leaseMs: number; bindMs: number }
  | { do: 'commit'; of: number; retentionMs: number }
  | { do: 'release'; of: number }
  | { do: 'extend'; of: number; leaseMs: number }
  | { do: 'wait'; ms: number }

const ms = fc.constantFrom(1, 2, 3, 5, 8, 13)
const keyList = fc.uniqueArray(
  fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), fingerprint: fc.constantFrom(undefined, '1', '1', '2') }),
  { minLength: 1, maxLength: 3, selector: ({ key }) => key },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      keys: keyList as fc.Arbitrary<DedupeKey[]>,
      leaseMs: ms,
      bindMs: ms,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      of: fc.nat(20),
      retentionMs: fc.oneof(ms, fc.constant(Number.POSITIVE_INFINITY)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), of: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('extend' as const), of: fc.nat(20), leaseMs: ms }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms }) },
)

describe('memoryDedupeStore', () => {
  it('answers as the model does, whatever the calls and their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const [store, model] = [memoryDedupeStore(), makeModel()]
        const claims: [Claim, Claim][] = []
        for (const each of steps) {
          if (each.do === 'wait') {
            vi.advanceTimersByTime(each.ms)
            model.wait(each.ms)
          } else if (each.do === 'claim') {
            const expected = model.claim(each.keys, each.leaseMs, each.bindMs)
            const found = await store.claim(each)
            expect(found.status).toBe(expected.status)
            if (found.status === 'in_progress' && expected.status === 'in_progress')
              expect(found.retryAfterMs).toBeCloseTo(expected.retryAfterMs, 6)
            if (found.status === 'claimed' && expected.status === 'claimed') claims.push([found.claim, expected.claim])
          } else {
            const pair = claims[claims.length - 1 - (each.of % Math.max(1, claims.length))]
            if (!pair) continue
            const [real, naive] = pair
            if (each.do === 'commit')
              expect(await store.commit(real, each.retentionMs)).toBe(model.commit(naive, each.retentionMs))
            else if (each.do === 'release') expect(await store.release(real)).toBe(model.release(naive))
            else expect(await store.extend(real, each.leaseMs)).toBe(model.extend(naive, each.leaseMs))
          }
        }
      }),
      { numRuns: 2500 },
    )
  })

  it('never exceeds its limit, never drops a live claim, and counts what it drops', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, maxEntries) => {
        let told = 0
        const store = memoryDedupeStore({ maxEntries, onEvict: () => void told++ })
        const held = new Map<Claim, number>()
        const settled = new Set<Claim>()
        let now = 0
        const claims: Claim[] = []
        for (const each of steps) {
          if (each.do === 'wait') {
            vi.advanceTimersByTime(each.ms)
            now += each.ms
          } else if (each.do === 'claim') {
            const found = await store.claim(each).catch((error: { code?: string }) => error.code)
            if (typeof found === 'string' || found === undefined) expect(found).toBe('store_full')
            else if (found.status === 'claimed') {
              claims.push(found.claim)
              held.set(found.claim, now + each.leaseMs)
            }
          } else {
            const claim = claims[claims.length - 1 - (each.of % Math.max(1, claims.length))]
            if (!claim) continue
            // A late claim may have been taken over or dropped; then the answer stays false.
            const isLive = (held.get(claim) ?? 0) > now
            const answer = await (each.do === 'extend'
              ? store.extend(claim, each.leaseMs)
              : each.do === 'commit'
                ? store.commit(claim, each.retentionMs)
                : store.release(claim))
            if (isLive) expect(answer).toBe(true)
            if (settled.has(claim)) expect(answer).toBe(false)
            if (answer && each.do === 'extend') held.set(claim, now + each.leaseMs)
            if (!answer || each.do !== 'extend') {
              settled.add(claim)
              held.delete(claim)
            }
          }
          const stats = store.stats()
          expect(stats.entries).toBeLessThanOrEqual(maxEntries)
          expect(stats.evicted).toBe(told)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
