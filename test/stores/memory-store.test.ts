// The dedupe contract, sentence by sentence, on the memory store; and what only the memory store has: its limit and its clock.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Claim, type DedupeKey, type MemoryDedupeStats, memoryDedupeStore } from '../../src/webhook/index.ts'

const LEASE = 60_000
const BIND = 660_000
const DAYS = 4 * 86_400_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const wait = (ms: number) => vi.advanceTimersByTime(ms)

function setUp(options: Parameters<typeof memoryDedupeStore>[0] = {}) {
  const store = memoryDedupeStore(options)
  /** Keys as `a` or, with a fingerprint, `a=1`. */
  const keysOf = (...texts: string[]): DedupeKey[] =>
    texts.map((text) => {
      const [key, fingerprint] = text.split('=') as [string, string?]
      return fingerprint === undefined ? { key } : { key, fingerprint }
    })
  const ask = (texts: string[], leaseMs = LEASE, bindMs = BIND) =>
    store.claim({ keys: keysOf(...texts), leaseMs, bindMs })
  const status = async (...texts: string[]) => (await ask(texts)).status
  /** Claims keys that must be free. */
  const take = async (texts: string[], leaseMs = LEASE, bindMs = BIND): Promise<Claim> => {
    const result = await ask(texts, leaseMs, bindMs)
    if (result.status !== 'claimed') throw new Error(`${texts} is ${result.status}`)
    return result.claim
  }
  return { store, ask, status, take, keysOf }
}

describe('claim', () => {
  it('returns a claim with a unique token and the requested keys', async () => {
    const { take, keysOf } = setUp()
    const [first, second] = [await take(['a=1', 'b']), await take(['c'])]
    expect(first.keys).toEqual(keysOf('a=1', 'b'))
    expect(first.token).toMatch(/^[0-9a-f-]{36}$/)
    expect(first.token).not.toBe(second.token)
  })

  it('takes all of its keys or none', async () => {
    const { take, status } = setUp()
    await take(['b'])
    for (const texts of [
      ['a', 'b', 'c'],
      ['b', 'a'],
      ['c', 'b'],
    ])
      expect(await status(...texts)).toBe('in_progress')
    expect(await status('a')).toBe('claimed')
    expect(await status('c')).toBe('claimed')
  })

  it('answers in_progress with the time that is left', async () => {
    const { ask, take } = setUp()
    await take(['a'], 1000)
    await take(['b'], 5000)
    await take(['c'], 3000)
    wait(400)
    expect(await ask(['a'])).toEqual({ status: 'in_progress', retryAfterMs: 600 })
    expect(await ask(['a', 'b', 'c'])).toEqual({ status: 'in_progress', retryAfterMs: 4600 })
    expect(await ask(['b', 'a'])).toEqual({ status: 'in_progress', retryAfterMs: 4600 })
  })

  it('answers conflict before duplicate, and duplicate before in_progress, in any order of keys', async () => {
    const { store, take, status } = setUp()
    await store.commit(await take(['done=1']), DAYS)
    await take(['busy=1'])
    expect(await status('busy=1', 'done=1')).toBe('duplicate')
    expect(await status('done=1', 'busy=1')).toBe('duplicate')
    for (const odd of ['busy=2', 'done=2']) {
      const other = odd === 'busy=2' ? 'done=1' : 'busy=1'
      expect(await status(odd, other)).toBe('conflict')
      expect(await status(other, odd)).toBe('conflict')
    }
  })

  it('never answers conflict for a key without a fingerprint', async () => {
    const { store, take, status } = setUp()
    await store.commit(await take(['a']), DAYS)
    expect(await status('a=1')).toBe('duplicate')
    await store.commit(await take(['b=1']), DAYS)
    expect(await status('b')).toBe('duplicate')
    expect(await status('b=2')).toBe('conflict')
  })

  it('accepts empty text as a key and as a fingerprint', async () => {
    const { store, keysOf } = setUp()
    const ask = (fingerprint: string) => store.claim({ keys: [{ key: '', fingerprint }], leaseMs: LEASE, bindMs: BIND })
    const first = await ask('')
    expect(first.status).toBe('claimed')
    expect((await ask('x')).status).toBe('conflict')
    expect((await ask('')).status).toBe('in_progress')
    expect(first.status === 'claimed' && (await store.commit(first.claim, DAYS))).toBe(true)
    expect(keysOf('__proto__')).toHaveLength(1)
  })

  it('accepts names that are special in JavaScript', async () => {
    const { status } = setUp()
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(await status(name)).toBe('claimed')
      expect(await status(name)).toBe('in_progress')
    }
  })

  it('is granted to one of many at once', async () => {
    const { status } = setUp()
    const all = await Promise.all(Array.from({ length: 100 }, () => status('a=1', 'b=a')))
    expect(all.filter((each) => each === 'claimed')).toHaveLength(1)
    expect(all.filter((each) => each === 'in_progress')).toHaveLength(99)
  })
})

describe('commit, release and extend', () => {
  const methods = ['commit', 'release', 'extend'] as const
  const call = (store: ReturnType<typeof memoryDedupeStore>, method: (typeof methods)[number], claim: Claim) =>
    method === 'release' ? store.release(claim) : store[method](claim, LEASE)

  it.each(methods)('%s acts once, and only for the holder of the token', async (method) => {
    const { store, take, status } = setUp()
    const claim = await take(['a=1', 'b'])
    for (const stranger of [
      { ...claim, token: 'x' },
      { ...claim, token: '' },
      { token: claim.token, keys: [{ key: 'z' }] },
      { token: claim.token, keys: [] },
    ]) {
      expect(await call(store, method, stranger)).toBe(false)
      expect(await status('a=1')).toBe('in_progress')
      expect(await status('b')).toBe('in_progress')
    }
    expect(await call(store, method, claim)).toBe(true)
    expect(await call(store, method, claim)).toBe(method === 'extend')
  })

  it.each(methods)('%s after commit or release answers false and changes nothing', async (method) => {
    const { store, take, status } = setUp()
    const committed = await take(['a=1'])
    await store.commit(committed, DAYS)
    expect(await call(store, method, committed)).toBe(false)
    expect(await status('a=1')).toBe('duplicate')
    const released = await take(['b=1'])
    await store.release(released)
    expect(await call(store, method, released)).toBe(false)
    expect(await status('b=2')).toBe('conflict')
    expect(await status('b=1')).toBe('claimed')
  })

  it.each(methods)('%s by a late worker counts until another worker takes over', async (method) => {
    const { store, take, status } = setUp()
    const [alone, late] = [await take(['b', 'c=1']), await take(['a=1'])]
    wait(LEASE + BIND - 1)
    expect(await call(store, method, alone)).toBe(true)
    expect(await status('b')).toBe({ commit: 'duplicate', release: 'claimed', extend: 'in_progress' }[method])
    expect(await status('c=2')).toBe('conflict')
    const next = await take(['a=1'])
    expect(await call(store, method, late)).toBe(false)
    expect(await status('a=1')).toBe('in_progress')
    expect(await store.commit(next, DAYS)).toBe(true)
    expect(await call(store, method, late)).toBe(false)
    expect(await status('a=1')).toBe('duplicate')
  })

  it.each(methods)('%s by a worker that is later than bindMs answers false', async (method) => {
    const { store, take, status } = setUp()
    const late = await take(['a=1', 'b'])
    wait(LEASE + BIND)
    expect(await call(store, method, late)).toBe(false)
    expect(await status('a=2')).toBe('claimed')
  })

  it('a late claim survives requests that bind its keys without claiming them', async () => {
    const { store, take, status } = setUp()
    await store.commit(await take(['done']), DAYS)
    const late = await take(['a', 'b=1', 'c'])
    wait(LEASE)
    expect(await status('done', 'b=1', 'c=1')).toBe('duplicate')
    expect(await status('c=2')).toBe('conflict')
    expect(await store.commit(late, DAYS)).toBe(true)
    for (const key of ['a', 'b=1', 'c=1']) expect(await status(key)).toBe('duplicate')
  })

  it('a late claim that has lost one key is lost, and its other keys are free', async () => {
    const { store, take, status } = setUp()
    const late = await take(['a', 'b=1'])
    wait(LEASE)
    await store.release(await take(['b=1']))
    expect(await store.commit(late, DAYS)).toBe(false)
    expect(await store.extend(late, LEASE)).toBe(false)
    expect(await status('a')).toBe('claimed')
  })

  it('change nothing if one key of the claim is not held under its token, whichever it is', async () => {
    for (const other of ['free', 'held', 'committed']) {
      const { store, take, status, keysOf } = setUp()
      const held = await take(['a', 'b'])
      if (other === 'held') await take([other])
      if (other === 'committed') await store.commit(await take([other]), DAYS)
      for (const keys of [keysOf('a', 'b', other), keysOf(other, 'a', 'b'), keysOf('a', other, 'b')]) {
        const more = { token: held.token, keys }
        expect(await store.commit(more, DAYS)).toBe(false)
        expect(await store.release(more)).toBe(false)
        expect(await store.extend?.(more, 1)).toBe(false)
      }
      expect(await status('a')).toBe('in_progress')
      expect(await store.commit(held, DAYS)).toBe(true)
      expect([await status('a'), await status('b')]).toEqual(['duplicate', 'duplicate'])
    }
  })

  it('a lease runs out to the millisecond', async () => {
    const { store, take, status } = setUp()
    const claim = await take(['a'])
    wait(LEASE - 1)
    expect(await status('a')).toBe('in_progress')
    expect(await store.extend(claim, 10)).toBe(true)
    wait(9)
    expect(await status('a')).toBe('in_progress')
    wait(1)
    expect(await status('a')).toBe('claimed')
    expect(await store.extend(claim, LEASE)).toBe(false)
  })

  it('extend counts from now, and may shorten the lease', async () => {
    const { store, ask, take } = setUp()
    const claim = await take(['a'])
    wait(1000)
    expect(await store.extend(claim, LEASE)).toBe(true)
    expect(await ask(['a'])).toEqual({ status: 'in_progress', retryAfterMs: LEASE })
    expect(await store.extend(claim, 5)).toBe(true)
    expect(await ask(['a'])).toEqual({ status: 'in_progress', retryAfterMs: 5 })
  })

  it('a commit holds for its retention, in every key, or for ever', async () => {
    const { store, take, status } = setUp()
    expect(await store.commit(await take(['a', 'b']), DAYS)).toBe(true)
    expect(await store.commit(await take(['c']), Number.POSITIVE_INFINITY)).toBe(true)
    wait(DAYS - 1)
    for (const key of ['a', 'b', 'c']) expect(await status(key)).toBe('duplicate')
    wait(1)
    expect(await status('a')).toBe('claimed')
    expect(await status('b')).toBe('claimed')
    wait(1000 * DAYS)
    expect(await status('c')).toBe('duplicate')
  })

  it('a released key is free at once', async () => {
    const { store, take, status } = setUp()
    expect(await store.release(await take(['a', 'b=1']))).toBe(true)
    expect(await status('a', 'b=1')).toBe('claimed')
  })
})

describe('a key stays bound to its fingerprint', () => {
  it('after a release, for bindMs', async () => {
    const { store, take, status } = setUp()
    await store.release(await take(['a=1', 'b=1', 'c']))
    wait(BIND - 1)
    expect(await status('a=2')).toBe('conflict')
    expect(await status('x', 'b=2')).toBe('conflict')
    wait(1)
    expect(await status('a=2')).toBe('claimed')
    expect(await status('b=2')).toBe('claimed')
  })

  it('after a lease ran out, for bindMs from then on', async () => {
    const { take, status } = setUp()
    await take(['a=1'])
    wait(LEASE + BIND - 1)
    expect(await status('a=2')).toBe('conflict')
    wait(1)
    expect(await status('a=2')).toBe('claimed')
  })

  it('after a commit, for bindMs, if the retention is shorter', async () => {
    const { store, take, status } = setUp()
    await store.commit(await take(['a=1']), 1000)
    wait(999)
    expect(await status('a=1')).toBe('duplicate')
    wait(1)
    expect(await status('a=2')).toBe('conflict')
    wait(BIND - 1001)
    expect(await status('a=2')).toBe('conflict')
    wait(1)
    expect(await status('a=2')).toBe('claimed')
  })

  it('after a commit, no longer than the retention, if that is longer', async () => {
    const { store, take, status } = setUp()
    await store.commit(await take(['a=1']), DAYS)
    wait(DAYS - 1)
    expect(await status('a=2')).toBe('conflict')
    wait(1)
    expect(await status('a=2')).toBe('claimed')
  })

  it.each(['duplicate', 'in_progress'] as const)(
    'also after the answer %s: every key but the first',
    async (answer) => {
      const { store, take, status } = setUp()
      const claim = await take(['id=1', 'c1=id'])
      if (answer === 'duplicate') await store.commit(claim, DAYS)
      expect(await status('id=1', 'c2=id', 'c3=id', 'plain')).toBe(answer)
      for (const key of ['c2', 'c3']) expect(await status('other=1', `${key}=other`)).toBe('conflict')
      expect(await status('plain')).toBe('claimed')
      wait(BIND - 1)
      expect(await status('other=1', 'c2=other')).toBe('conflict')
      wait(1)
      expect(await status('other=1', 'c2=other')).toBe('claimed')
    },
  )

  it('but its first key only if the claim succeeds', async () => {
    const { store, take, status } = setUp()
    await take(['busy=1'])
    await store.commit(await take(['done=1']), DAYS)
    expect(await status('new=1', 'busy=1')).toBe('in_progress')
    expect(await status('new=2', 'done=1')).toBe('duplicate')
    expect(await status('new=3')).toBe('claimed')
  })

  it('but can be claimed with that fingerprint', async () => {
    const { store, take, status } = setUp()
    await take(['id=1'])
    expect(await status('id=1', 'c2=id')).toBe('in_progress')
    expect(await store.commit(await take(['c2=id']), DAYS)).toBe(true)
    expect(await status('c2=id')).toBe('duplicate')
  })

  it('and a later request never shortens that', async () => {
    const { store, ask, take, status } = setUp()
    await take(['id=1'], 10 * BIND)
    expect(await status('id=1', 'c=id')).toBe('in_progress')
    expect((await ask(['id=1', 'c=id'], LEASE, 1)).status).toBe('in_progress')
    wait(1)
    expect(await status('x', 'c=x')).toBe('conflict')
    await store.release(await take(['c=id'], LEASE, 1)) // claimed and released, with a binding of a millisecond
    wait(1)
    expect(await status('x', 'c=x')).toBe('conflict')
    await store.release(await take(['c'], LEASE, 1)) // without a fingerprint
    wait(1)
    expect(await status('x', 'c=x')).toBe('conflict')
    wait(BIND)
    expect(await status('x', 'c=x')).toBe('claimed')
  })

  it('and a later request prolongs that', async () => {
    const { take, status } = setUp()
    await take(['id=1'], 10 * BIND)
    await status('id=1', 'c=id')
    wait(BIND - 1)
    await status('id=1', 'c=id')
    wait(BIND - 1)
    expect(await status('x', 'c=x')).toBe('conflict')
  })

  it('but a conflict writes nothing, whichever key it is about', async () => {
    const { take, status } = setUp()
    await take(['known=1'])
    expect(await status('p=1', 'q=1', 'known=2')).toBe('conflict')
    expect(await status('known=2', 'p=1', 'q=1')).toBe('conflict')
    expect(await status('p=2', 'q=2')).toBe('claimed')
    const second = setUp()
    await second.store.release(await second.take(['bound=1']))
    const before = second.store.stats()
    expect(await second.status('bound=2', 'r=1')).toBe('conflict')
    expect(second.store.stats()).toEqual(before)
  })
})

describe('options', () => {
  it('are refused by name if they are unknown or not an object', () => {
    for (const [options, option] of [
      [{ maxEntry: 5 }, 'maxEntry'],
      [{ maxEntries: 5, onEvicted: () => {} }, 'onEvicted'],
      [{ ttl: undefined }, 'ttl'],
      [{ onEvict: 'x' }, 'onEvict'],
      [{ maxEntries: 0 }, 'maxEntries'],
      [null, 'options'],
      ['x', 'options'],
    ] as [never, string][]) {
      expect(() => memoryDedupeStore(options)).toThrow(expect.objectContaining({ code: 'invalid_option', option }))
    }
    expect(() => memoryDedupeStore({ maxEntry: 5 } as never)).toThrow('The options are maxEntries, onEvict.')
  })
})

describe('the limit', () => {
  it('counts what is remembered', async () => {
    const { store, take } = setUp()
    expect(store.stats()).toEqual({ entries: 0, evicted: 0 })
    const claim = await take(['a=1', 'b=1'])
    expect(store.stats().entries).toBe(1)
    await store.commit(claim, DAYS)
    expect(store.stats().entries).toBe(1)
    await store.release(await take(['c']))
    expect(store.stats()).toEqual({ entries: 1, evicted: 0 })
    await store.release(await take(['d=1']))
    expect(store.stats()).toEqual({ entries: 2, evicted: 0 })
  })

  it('when reached, drops the oldest committed record, and counts and reports it', async () => {
    const told: MemoryDedupeStats[] = []
    const { store, take, status } = setUp({ maxEntries: 3, onEvict: (stats) => told.push(stats) })
    const live = await take(['live'])
    await store.commit(await take(['old']), DAYS)
    await store.commit(await take(['young']), DAYS)
    expect(store.stats()).toEqual({ entries: 3, evicted: 0 })
    await take(['new'])
    expect(store.stats()).toEqual({ entries: 3, evicted: 1 })
    expect(told).toEqual([{ entries: 2, evicted: 1 }])
    expect(await status('young')).toBe('duplicate')
    expect(await status('live')).toBe('in_progress')
    expect(await store.commit(live, DAYS)).toBe(true)
    expect(await status('old')).toBe('claimed') // in place of `young`, which is the oldest now
    expect(store.stats()).toEqual({ entries: 3, evicted: 2 })
  })

  it('when reached, drops a committed record before a binding, which lasts only minutes', async () => {
    const { store, take, status } = setUp({ maxEntries: 2 })
    await store.release(await take(['bound=1']))
    await store.commit(await take(['done']), DAYS)
    expect(await status('new')).toBe('claimed')
    expect(store.stats()).toEqual({ entries: 2, evicted: 1 })
    expect(await status('bound=2')).toBe('conflict')
  })

  it('when reached, drops what has ended before anything else, wherever it is', async () => {
    const { store, take, status } = setUp({ maxEntries: 4 })
    await store.commit(await take(['ever']), Number.POSITIVE_INFINITY)
    await store.commit(await take(['long']), 2 * DAYS)
    await store.commit(await take(['short']), 1000)
    await take(['dead'], 1000, 1)
    wait(1001)
    for (const name of ['new 1', 'new 2']) await take([name])
    expect(store.stats()).toEqual({ entries: 4, evicted: 0 })
    for (const name of ['ever', 'long']) expect(await status(name)).toBe('duplicate')
  })

  it('when reached with entries that never end and live claims, first drops what was committed for a limited time', async () => {
    const { store, take, status } = setUp({ maxEntries: 4 })
    for (const name of ['ever 1', 'ever 2']) await store.commit(await take([name]), Number.POSITIVE_INFINITY)
    await store.commit(await take(['days']), DAYS)
    await take(['live'])
    await take(['new 1'])
    expect(store.stats()).toEqual({ entries: 4, evicted: 1 })
    for (const name of ['ever 1', 'ever 2']) expect(await status(name)).toBe('duplicate')
    await take(['new 2'])
    expect(store.stats()).toEqual({ entries: 4, evicted: 2 })
    expect(await status('ever 2')).toBe('duplicate')
    expect(await status('ever 1', 'live')).toBe('in_progress') // the older one had to go
  })

  it('when reached, drops the oldest that was committed for a limited time, however long', async () => {
    const { store, take, status } = setUp({ maxEntries: 3 })
    await store.commit(await take(['month']), 30 * DAYS)
    wait(1000)
    await store.commit(await take(['day']), DAYS)
    wait(1000)
    await store.commit(await take(['month too']), 30 * DAYS)
    await take(['new 1'])
    expect(await status('day')).toBe('duplicate')
    await take(['new 2'])
    expect(await status('month too')).toBe('duplicate')
    expect(store.stats()).toEqual({ entries: 3, evicted: 2 })
  })

  it('when reached, drops late and bound entries before those committed for ever, and never a live claim', async () => {
    const { store, take, status } = setUp({ maxEntries: 4 })
    await store.commit(await take(['ever']), Number.POSITIVE_INFINITY)
    const late = await take(['late'], 1000)
    wait(1000)
    await store.release(await take(['bound=1']))
    await take(['live'], 100 * DAYS)
    await take(['new 1'])
    expect(await store.commit(late, DAYS)).toBe(false)
    expect(await status('bound=2')).toBe('conflict')
    await take(['new 2'])
    expect(store.stats()).toEqual({ entries: 4, evicted: 2 })
    expect(await status('ever')).toBe('duplicate')
  })

  it('when reached, drops an expired lease even behind a longer one', async () => {
    const { take, status, ask } = setUp({ maxEntries: 3 })
    await take(['long'], 100_000, 1)
    await take(['short 1'], 1000, 1)
    await take(['short 2'], 1000, 1)
    await expect(ask(['new 1'])).rejects.toMatchObject({ code: 'store_full' })
    wait(1001)
    expect([await status('new 1'), await status('new 2')]).toEqual(['claimed', 'claimed'])
  })

  it('when reached with live claims, refuses until they end', async () => {
    const { store, ask, take, status } = setUp({ maxEntries: 2 })
    const first = await take(['a'])
    await take(['b'])
    await expect(ask(['c'])).rejects.toMatchObject({ name: 'WebhookError', code: 'store_full' })
    expect(store.stats()).toEqual({ entries: 2, evicted: 0 })
    expect(await status('a')).toBe('in_progress')
    await store.release(first)
    expect(await status('c')).toBe('claimed')
    wait(LEASE)
    expect(await status('d')).toBe('claimed')
  })

  it('when reached with live claims, refuses rather than leave a captured attempt unbound', async () => {
    const { ask, take, status } = setUp({ maxEntries: 2 })
    await take(['a=1', 'a1=a'])
    await take(['b=1'])
    await expect(ask(['a=1', 'a2=a'])).rejects.toMatchObject({ code: 'store_full' })
    expect(await status('a=1', 'a1=a')).toBe('in_progress') // nothing to bind, nothing refused
  })

  it('when reached, drops what is only bound before it refuses', async () => {
    const { store, take, status } = setUp({ maxEntries: 2 })
    await store.release(await take(['a=1']))
    await take(['b'])
    expect(await status('c')).toBe('claimed')
    expect(store.stats()).toEqual({ entries: 2, evicted: 1 })
    expect(await status('b')).toBe('in_progress')
  })

  it('holds if the keys of one record are bound one by one', async () => {
    const { store, ask, take } = setUp({ maxEntries: 3 })
    await take(['known'])
    await store.release(await take(['p=1', 'q=1', 'r=1']))
    for (const key of ['p', 'q', 'r', 's', 't', 'u']) {
      await ask(['known', `${key}=1`])
      expect(store.stats().entries).toBeLessThanOrEqual(3)
    }
  })

  it('may be reported to a function that throws, and the delivery is still claimed', async () => {
    const { store, take, status } = setUp({
      maxEntries: 1,
      onEvict: () => {
        throw new Error('metrics are down')
      },
    })
    await store.commit(await take(['a']), DAYS)
    expect(await status('b')).toBe('claimed')
  })

  it('is rarely reached, because expired entries are removed with every claim', async () => {
    const { store, take } = setUp()
    for (let round = 0; round < 50; round++) {
      for (let at = 0; at < 20; at++) {
        const claim = await take([`${round}-${at}=1`], 100, 100)
        if (at % 3 === 0) await store.commit(claim, 100)
        if (at % 3 === 1) await store.release(claim)
      }
      wait(101)
      expect(store.stats().entries).toBeLessThanOrEqual(60)
    }
    wait(1000)
    for (let at = 0; at < 20; at++) await store.release(await take([`last-${at}`]))
    expect(store.stats()).toEqual({ entries: 0, evicted: 0 })
  })

  it('is 100,000 deliveries by default', async () => {
    const { store, take } = setUp()
    for (let at = 0; at < 100_000; at++) await store.commit(await take([String(at)]), DAYS)
    expect(store.stats()).toEqual({ entries: 100_000, evicted: 0 })
    await take(['one more'])
    expect(store.stats()).toEqual({ entries: 100_000, evicted: 1 })
  })

  it('does not depend on the system clock', async () => {
    const { take, status } = setUp()
    await take(['a'])
    vi.setSystemTime(new Date('2100-01-01'))
    expect(await status('a')).toBe('in_progress')
    vi.setSystemTime(0)
    wait(LEASE)
    expect(await status('a')).toBe('claimed')
  })
})

describe('the entries', () => {
  it('expire to the millisecond, even before they are swept', async () => {
    const { take, status } = setUp()
    const names = Array.from({ length: 20 }, (_, at) => `k${at}`)
    for (const name of names) await take([name])
    wait(LEASE - 1)
    expect(await status('k19')).toBe('in_progress')
    wait(1)
    expect(await status('k19')).toBe('claimed')
    const others = setUp()
    for (const name of names) await others.take([name])
    wait(LEASE + 1)
    expect(await others.status('k19')).toBe('claimed')
  })

  it('are swept with each claim, four of each state, oldest first', async () => {
    const { store, take } = setUp()
    for (let at = 0; at < 10; at++) await take([`k${at}`])
    wait(LEASE + BIND)
    for (const left of [7, 4, 3]) {
      await take([`new${left}`])
      expect(store.stats().entries).toBe(left)
    }
  })

  it('do not include a key without a fingerprint whose claim was refused', async () => {
    const { store, take, status } = setUp()
    await take(['a'])
    expect(await status('a', 'b', 'c=1')).toBe('in_progress')
    expect(store.stats().entries).toBe(2)
    expect(await status('c=2')).toBe('conflict')
    expect(await status('b')).toBe('claimed')
  })

  it('lose keys to newer entries, and go with the last one', async () => {
    const { store, take } = setUp()
    await store.release(await take(['x', 'b=1', 'c=1']))
    expect(store.stats().entries).toBe(1)
    await take(['y', 'b=1'])
    expect(store.stats().entries).toBe(2)
    await take(['z', 'c=1'])
    expect(store.stats().entries).toBe(2)
    wait(LEASE)
    await take(['w'])
    expect(store.stats().entries).toBe(3) // the new claim, and what b and c are bound to
    wait(BIND)
    await take(['v'])
    expect(store.stats().entries).toBe(2) // it, and w, which is late
  })

  it('hold a key once, even if a request has it twice', async () => {
    const { take, status } = setUp()
    await take(['a=1', 'a=1'])
    expect(await status('a=2')).toBe('conflict')
    expect(await status('a=1')).toBe('in_progress')
  })

  it("do not change when the caller changes the request's array", async () => {
    const { store, keysOf, status } = setUp()
    const keys = keysOf('a=1')
    const result = await store.claim({ keys, leaseMs: LEASE, bindMs: BIND })
    expect(result.status).toBe('claimed')
    keys.length = 0
    expect(await status('a=2')).toBe('conflict')
  })

  it('are dropped one for one when the store is full', async () => {
    const { store, take } = setUp({ maxEntries: 2 })
    for (const name of ['a', 'b']) await store.commit(await take([name, `${name}2=1`]), DAYS)
    await take(['c', 'c2=1'])
    expect(store.stats()).toEqual({ entries: 2, evicted: 1 })
  })

  it('are not dropped when a bound key is bound again', async () => {
    const { store, take, status } = setUp({ maxEntries: 3 })
    await take(['a'])
    await store.commit(await take(['c']), DAYS)
    expect(await status('a', 'b=1')).toBe('in_progress')
    expect(store.stats()).toEqual({ entries: 3, evicted: 0 })
    expect(await status('a', 'b=1')).toBe('in_progress')
    expect(store.stats()).toEqual({ entries: 3, evicted: 0 })
    expect(await status('a', 'd=1')).toBe('in_progress')
    expect(store.stats()).toEqual({ entries: 3, evicted: 1 })
  })
})
