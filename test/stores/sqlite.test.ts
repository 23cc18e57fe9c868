import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type SqliteDedupeStore, sqliteDedupeStore } from '../../src/stores/sqlite/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import type { Claim } from '../../src/webhook/index.ts'
import { sqliteHandles } from './sqlite-handles.mjs'

const folder = mkdtempSync(join(tmpdir(), 'fluxora-sqlite-'))
const opened: { close(): void }[] = []
afterAll(() => {
  for (const database of opened) database.close()
  rmSync(folder, { recursive: true })
})

for (const [name, open] of Object.entries(sqliteHandles)) {
  if (!open) {
    console.warn(`SKIPPED: ${name} is not available on ${process.version}; its suites did not run`)
    continue
  }
  let files = 0

  const openFile = (path: string) => {
    const database = open(path)
    opened.push(database)
    return database
  }
  const newPath = (): string => join(folder, `${name.replace(/\W/g, '')}-${files++}.db`)
  const makeStore = async (path = newPath()): Promise<SqliteDedupeStore> => {
    const store = sqliteDedupeStore(openFile(path))
    await store.migrate()
    return store
  }

  describe(name, () => {
    let shared: Promise<SqliteDedupeStore> | undefined
    const reuse = () => {
      shared ??= makeStore()
      return shared
    }
    dedupeStoreConformance(`${name}, a file`, reuse, { describe, it: it.concurrent })

    // Every other call goes through another handle on the same file, as it would in another process.
    const path = newPath()
    let pair: Promise<SqliteDedupeStore[]> | undefined
    const alternating = async (): Promise<SqliteDedupeStore> => {
      pair ??= Promise.all([makeStore(path), makeStore(path)])
      const stores = await pair
      let turn = 0
      const next = () => stores[turn++ % 2]!
      return {
        ...stores[0]!,
        claim: (request) => next().claim(request),
        commit: (claim, retentionMs) => next().commit(claim, retentionMs),
        release: (claim) => next().release(claim),
        extend: (claim, leaseMs) => next().extend(claim, leaseMs),
      }
    }
    dedupeStoreConformance(`${name}, two handles on one file`, alternating, { describe, it: it.concurrent })

    it('says what to do if its table was never created', async () => {
      const message = 'The table "webhook_deliveries" does not exist. Call the store\'s migrate() once before use.'
      const cause = expect.objectContaining({ message: expect.stringContaining('no such table') })
      await expect(claim(sqliteDedupeStore(openFile(newPath())), 'a')).rejects.toMatchObject({ message, cause })
    })

    it('remembers after the file is closed and opened again', async () => {
      const path = newPath()
      const database = open(path)
      const store = sqliteDedupeStore(database)
      await store.migrate()
      const [done, held] = [await claim(store, 'done'), await claim(store, 'held')]
      await store.commit(done, Number.POSITIVE_INFINITY)
      database.close()

      const again = await makeStore(path)
      expect((await again.claim({ ...times, keys: done.keys })).status).toBe('duplicate')
      expect((await again.claim({ ...times, keys: held.keys })).status).toBe('in_progress')
      expect(await again.commit(held, 1000)).toBe(true)
    })

    it('uses write-ahead logging, so readers and a writer do not wait for each other', async () => {
      const path = newPath()
      await makeStore(path)
      expect(openFile(path).prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    })

    it('waits for another writer without blocking this process, for busyTimeoutMs at most', async () => {
      const path = newPath()
      const store = await makeStore(path)
      const other = openFile(path)
      other.exec('BEGIN IMMEDIATE')
      const waiting = claim(store, 'a')
      await new Promise((resolve) => setTimeout(resolve, 100)) // this timer runs, so the wait does not block
      other.exec('COMMIT')
      await waiting

      const impatient = sqliteDedupeStore(openFile(path), { busyTimeoutMs: 50 })
      other.exec('BEGIN IMMEDIATE')
      await expect(claim(impatient, 'b')).rejects.toThrow(/locked/)
      other.exec('ROLLBACK')
      await claim(impatient, 'b')
    })

    it('rejects during a transaction of the application, and leaves that as it was', async () => {
      const database = openFile(newPath())
      const store = sqliteDedupeStore(database)
      await store.migrate()
      database.exec('CREATE TABLE other (n INTEGER)')
      await claim(store, 'warm')
      database.exec('BEGIN')
      database.exec('INSERT INTO other VALUES (1)')
      await expect(claim(store, 'a')).rejects.toThrow(/transaction/)
      database.exec('COMMIT')
      expect(database.prepare('SELECT count(*) AS n FROM other').get()).toMatchObject({ n: 1 })
      await claim(store, 'a')
    })

    it('deletes expired rows: a few with each claim, and the rest in batches on request', async () => {
      const database = openFile(newPath())
      const store = sqliteDedupeStore(database, { table: 'seen' })
      await store.migrate()
      await store.migrate()
      const count = (): unknown => (database.prepare('SELECT count(*) AS n FROM seen').get() as { n: unknown }).n
      for (let n = 0; n < 20; n++) await store.commit(await claim(store, `old ${n}`), 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
      await claim(store, 'new')
      expect(count()).toBeLessThan(20)
      await store.deleteExpired({ batchSize: 3 })
      expect(count()).toBe(1)
      expect(await store.deleteExpired()).toBe(0)

      const row = database.prepare('INSERT INTO seen (key, until, expires_at) VALUES (?, 0, ?)')
      for (let n = 0; n < 7; n++) row.run(`${n}`, n)
      expect(await store.deleteExpired({ batchSize: 3 })).toBe(7)
      for (let n = 0; n < 6; n++) row.run(`${n}`, n)
      expect(await store.deleteExpired({ batchSize: 3 })).toBe(6)
      expect(count()).toBe(1)
    })

    it('leaves no transaction open after a failed statement', async () => {
      const database = openFile(newPath())
      await expect(claim(sqliteDedupeStore(database), 'a')).rejects.toThrow('does not exist. Call')
      database.exec('BEGIN')
      database.exec('ROLLBACK')
    })

    describe('the rows in the table', () => {
      const NOW = 1_800_000_000_000
      const START = { leaseMs: 1000, bindMs: 5000 }
      beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
      afterEach(() => void vi.useRealTimers())

      /** A store and its rows: fingerprint, whether there is a token, and both times counted from `NOW`. */
      async function written() {
        const database = openFile(newPath())
        const store = sqliteDedupeStore(database)
        await store.migrate()
        const rows = (): Record<string, unknown[]> =>
          Object.fromEntries(
            (database.prepare('SELECT *, typeof(until) AS type FROM webhook_deliveries').all() as Row[]).map((row) => [
              row.key,
              [row.fingerprint, row.token !== null, Number(row.until) - NOW, Number(row.expires_at) - NOW, row.type],
            ]),
          )
        return { store, rows }
      }

      it('record a claim, its extension and its commit', async () => {
        const { store, rows } = await written()
        const answer = await store.claim({ ...START, keys: [{ key: 'a', fingerprint: 'x' }, { key: 'b' }] })
        expect(rows()).toEqual({ a: ['x', true, 1000, 6000, 'integer'], b: [null, true, 1000, 6000, 'integer'] })
        const held = (answer as { claim: Claim }).claim
        vi.setSystemTime(NOW + 200)
        expect(await store.extend?.(held, 2000)).toBe(true)
        expect(rows()).toEqual({ a: ['x', true, 2200, 7200, 'integer'], b: [null, true, 2200, 7200, 'integer'] })
        vi.setSystemTime(NOW + 300)
        expect(await store.commit(held, 100)).toBe(true)
        expect(rows()).toEqual({ a: ['x', false, 400, 5300, 'integer'], b: [null, false, 400, 400, 'integer'] })
      })

      it('record a release, and the claim that follows it', async () => {
        const { store, rows } = await written()
        const keys = [{ key: 'a', fingerprint: 'x' }]
        const first = await store.claim({ ...START, keys })
        vi.setSystemTime(NOW + 100)
        expect(await store.release((first as { claim: Claim }).claim)).toBe(true)
        expect(rows()).toEqual({ a: ['x', false, 100, 5100, 'integer'] })
        vi.setSystemTime(NOW + 200)
        // The old binding is longer, so it continues after the new claim.
        expect((await store.claim({ leaseMs: 1000, bindMs: 50, keys: [{ key: 'a' }] })).status).toBe('claimed')
        expect(rows()).toEqual({ a: ['x', true, 1200, 6100, 'integer'] })
      })

      it('record the other keys of a known delivery, bound for the longest time requested', async () => {
        const { store, rows } = await written()
        await store.claim({ ...START, keys: [{ key: 'a' }] })
        const keys = [{ key: 'a' }, { key: 'b', fingerprint: 'x' }, { key: 'c' }]
        for (const [at, bindMs] of [
          [100, 400],
          [200, 500],
          [300, 50],
        ] as const) {
          vi.setSystemTime(NOW + at)
          expect(await store.claim({ leaseMs: 1000, bindMs, keys })).toEqual({
            status: 'in_progress',
            retryAfterMs: 1000 - at,
          })
        }
        expect(rows()).toEqual({ a: [null, true, 1000, 6000, 'integer'], b: ['x', false, 300, 700, 'integer'] })
      })

      it('hold whole numbers even if a commit is for ever', async () => {
        const { store, rows } = await written()
        const answer = await store.claim({ ...START, keys: [{ key: 'a' }] })
        await store.commit((answer as { claim: Claim }).claim, Number.POSITIVE_INFINITY)
        const forever = Number.MAX_SAFE_INTEGER - NOW
        expect(rows()).toEqual({ a: [null, false, forever, forever, 'integer'] })
      })

      it('count until the millisecond in which they end, and no longer', async () => {
        const { store } = await written()
        const keys = [{ key: 'a' }]
        const held = ((await store.claim({ ...START, keys })) as { claim: Claim }).claim
        vi.setSystemTime(NOW + 999)
        expect(await store.claim({ ...START, keys })).toEqual({ status: 'in_progress', retryAfterMs: 1 })
        vi.setSystemTime(NOW + 1000)
        expect((await store.claim({ ...START, keys })).status).toBe('claimed')
        expect(await store.commit(held, 1000)).toBe(false)
        const marked = [{ key: 'c', fingerprint: 'x' }]
        await store.claim({ ...START, keys: marked })
        vi.setSystemTime(NOW + 2000)
        expect((await store.claim({ ...START, keys: marked })).status).toBe('claimed')
        // The same goes for a key that is only bound.
        const bound = [{ key: 'b', fingerprint: 'x' }]
        const other = ((await store.claim({ ...START, keys: bound })) as { claim: Claim }).claim
        vi.setSystemTime(NOW + 3000)
        expect(await store.release(other)).toBe(true)
        expect(await store.commit(other, 1000)).toBe(false)
        const more = [{ key: 'a', fingerprint: 'y' }, ...bound]
        await store.claim({ leaseMs: 60_000, bindMs: 1, keys: [{ key: 'a' }] })
        expect((await store.claim({ leaseMs: 60_000, bindMs: 60_000, keys: more })).status).toBe('in_progress')
        vi.setSystemTime(NOW + 30_000)
        expect((await store.claim({ ...START, keys: [{ key: 'b', fingerprint: 'z' }] })).status).toBe('conflict')
      })

      it('remember the holder of a claim for bindMs, and not a millisecond longer', async () => {
        const { store } = await written()
        const claims: Claim[] = []
        for (const key of ['a', 'b', 'c']) {
          const answer = await store.claim({ ...START, keys: [{ key }] })
          claims.push((answer as { claim: Claim }).claim)
        }
        vi.setSystemTime(NOW + 5999)
        expect(await store.commit(claims[0]!, 1000)).toBe(true)
        expect(await store.extend(claims[1]!, 1)).toBe(true)
        vi.setSystemTime(NOW + 6000)
        expect(await store.commit(claims[1]!, 1000)).toBe(true)
        expect(await store.commit(claims[2]!, 1000)).toBe(false)
      })
    })

    describe('if the clock of the host', () => {
      const NOW = 1_800_000_000_000
      const HOUR = 3_600_000
      const START = { leaseMs: 1000, bindMs: 5000 }
      beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW }))
      afterEach(() => void vi.useRealTimers())
      const sets = [[{ key: 'a' }], [{ key: 'b', fingerprint: 'x' }, { key: 'c' }]]
      const start = async (store: SqliteDedupeStore, keys: (typeof sets)[number]): Promise<Claim> => {
        const answer = await store.claim({ ...START, keys })
        if (answer.status !== 'claimed') throw new Error(answer.status)
        return answer.claim
      }

      it('is set back, a lease of this process still lasts exactly as long as it was made for', async () => {
        for (const [looks, keys] of sets.flatMap((keys) => [[true, keys] as const, [false, keys] as const])) {
          vi.setSystemTime(NOW)
          const store = await makeStore()
          await start(store, keys)
          vi.advanceTimersByTime(300)
          vi.setSystemTime(NOW - HOUR)
          // It makes no difference whether anyone looks in the meantime.
          if (looks) expect(await store.claim({ ...START, keys })).toEqual({ status: 'in_progress', retryAfterMs: 700 })
          vi.advanceTimersByTime(699)
          if (looks) expect((await store.claim({ ...START, keys })).status).toBe('in_progress')
          vi.advanceTimersByTime(1)
          await start(store, keys)
        }
      })

      it('is set back, another process waits no longer than the lease, counted from its first claim', async () => {
        for (const keys of sets) {
          vi.setSystemTime(NOW)
          const path = newPath()
          await start(await makeStore(path), keys)
          vi.setSystemTime(NOW - HOUR)
          // As after a restart: these stores do not know what the clock showed before.
          const [one, other] = [await makeStore(path), await makeStore(path)]
          expect(await one.claim({ ...START, keys })).toEqual({ status: 'in_progress', retryAfterMs: 1000 })
          vi.advanceTimersByTime(400)
          expect(await other.claim({ ...START, keys })).toEqual({ status: 'in_progress', retryAfterMs: 600 })
          vi.advanceTimersByTime(600)
          await start(other, keys)
        }
      })

      it('is set back, a claim still belongs to its holder, and its keys stay bound for as long as before', async () => {
        const path = newPath()
        const [store, other] = [await makeStore(path), await makeStore(path)]
        const [done, given, longer] = [
          await start(store, [{ key: 'a', fingerprint: 'x' }]),
          await start(store, [{ key: 'b', fingerprint: 'x' }]),
          await start(store, [{ key: 'c' }]),
        ]
        vi.setSystemTime(NOW - HOUR)
        expect((await other.claim({ ...START, keys: [{ key: 'b', fingerprint: 'x' }] })).status).toBe('in_progress')
        expect(await other.commit(done, 60_000)).toBe(true)
        expect(await store.release(given)).toBe(true)
        expect(await store.extend(longer, 2000)).toBe(true)
        vi.advanceTimersByTime(1999)
        expect((await other.claim({ ...START, keys: longer.keys })).status).toBe('in_progress')
        expect((await other.claim({ ...START, keys: done.keys })).status).toBe('duplicate')
        vi.advanceTimersByTime(1)
        await start(other, [{ key: 'c' }])
        vi.advanceTimersByTime(2999)
        expect((await other.claim({ ...START, keys: [{ key: 'b', fingerprint: 'y' }] })).status).toBe('conflict')
        vi.advanceTimersByTime(1)
        await start(other, [{ key: 'b', fingerprint: 'y' }])
      })

      it('is set back, even a refused commit lets all processes know how long the leases still last', async () => {
        const path = newPath()
        const [store, other] = [await makeStore(path), await makeStore(path)]
        const { token } = await start(store, [{ key: 'a' }])
        vi.advanceTimersByTime(300)
        vi.setSystemTime(NOW - HOUR)
        expect(await store.commit({ token, keys: [{ key: 'never claimed' }, { key: 'a' }] }, 60_000)).toBe(false)
        expect(await other.claim({ ...START, keys: [{ key: 'a' }] })).toEqual({
          status: 'in_progress',
          retryAfterMs: 700,
        })
      })

      it('is set back by less than a lease, the lease lasts that much longer', async () => {
        const path = newPath()
        const [store, other] = [await makeStore(path), await makeStore(path)]
        await start(store, [{ key: 'a' }])
        vi.advanceTimersByTime(600)
        vi.setSystemTime(NOW + 100)
        expect(await other.claim({ ...START, keys: [{ key: 'a' }] })).toEqual({
          status: 'in_progress',
          retryAfterMs: 900,
        })
      })

      it('is set forward, leases end sooner, and a late holder still settles if nobody took over', async () => {
        const store = await makeStore()
        const [alone, rival] = [await start(store, [{ key: 'a' }]), await start(store, [{ key: 'b' }])]
        vi.setSystemTime(NOW + 4000)
        const next = await start(store, [{ key: 'b' }])
        expect(await store.commit(alone, 1000)).toBe(true)
        expect(await store.commit(rival, 1000)).toBe(false)
        // Once the clock is right again, a lease made in the meantime lasts no longer than it was made for.
        vi.setSystemTime(NOW)
        vi.advanceTimersByTime(1000)
        const last = await start(store, [{ key: 'b' }])
        expect(await store.commit(next, 1000)).toBe(false)
        expect(await store.commit(last, 1000)).toBe(true)
      })
    })
  })
}

describe('a database that someone else is writing to', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(0.75)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  /** A database that fails the first `times` BEGINs with an error, and the times at which it was asked. */
  function busy(error: unknown, times = Number.POSITIVE_INFINITY) {
    const asked: number[] = []
    const database = {
      exec(sql: string) {
        if (sql !== 'BEGIN IMMEDIATE') return
        asked.push(performance.now())
        if (asked.length <= times) throw error
      },
      prepare: () => ({ get: () => undefined, run() {}, all: () => [] }),
    }
    return { asked, store: (busyTimeoutMs = 300) => sqliteDedupeStore(database, { busyTimeoutMs }) }
  }

  it('is tried again after about 1, 2, 4 … and at most 50 ms, until the timeout', async () => {
    const error = Object.assign(new Error('busy'), { errcode: 5 })
    const { asked, store } = busy(error)
    const start = performance.now()
    const waiting = expect(claim(store(), 'a')).rejects.toBe(error)
    await vi.advanceTimersByTimeAsync(1000)
    await waiting
    const pauses = asked.slice(1).map((at, i) => Math.round((at - asked[i]!) * 100) / 100)
    expect(pauses.slice(0, 7).map(Math.floor)).toEqual([1, 2, 5, 10, 20, 40, 62])
    expect(Math.max(...pauses)).toBeLessThan(64)
    expect(asked.at(-1)! - start).toBeGreaterThanOrEqual(300)
    expect(asked.at(-2)! - start).toBeLessThan(300)
  })

  it('is tried once if the timeout is 0', async () => {
    const { asked, store } = busy(Object.assign(new Error('busy'), { errcode: 5 }))
    await expect(claim(store(0), 'a')).rejects.toThrow('busy')
    expect(asked.length).toBe(1)
  })

  it.each<[string, unknown, number]>([
    ['node:sqlite, SQLITE_BUSY', { errcode: 5, code: 'ERR_SQLITE_ERROR' }, 2],
    ['node:sqlite, SQLITE_BUSY_SNAPSHOT', { errcode: 517 }, 2],
    ['node:sqlite, SQLITE_LOCKED', { errcode: 6 }, 2],
    ['node:sqlite, SQLITE_LOCKED_SHAREDCACHE', { errcode: 262 }, 2],
    ['node:sqlite, SQLITE_FULL', { errcode: 13 }, 1],
    ['node:sqlite, SQLITE_FULL, whatever its code says', { errcode: 13, code: 'SQLITE_BUSY' }, 1],
    ['better-sqlite3, SQLITE_BUSY', { code: 'SQLITE_BUSY' }, 2],
    ['better-sqlite3, SQLITE_BUSY_RECOVERY', { code: 'SQLITE_BUSY_RECOVERY' }, 2],
    ['better-sqlite3, SQLITE_LOCKED', { code: 'SQLITE_LOCKED' }, 2],
    ['better-sqlite3, SQLITE_FULL', { code: 'SQLITE_FULL' }, 1],
    ['another client, whose code only contains the name', { code: 'NOT_SQLITE_BUSY' }, 1],
    ['another client, whose code is not a string', { code: ['SQLITE_BUSY'] }, 1],
    ['nothing', undefined, 1],
    ['null', null, 1],
  ])('is recognized by its error: %s', async (_what, error, times) => {
    const { asked, store } = busy(error, 1)
    const done = claim(store(), 'a').then(
      () => 'claimed',
      (thrown) => thrown,
    )
    await vi.advanceTimersByTimeAsync(10)
    expect(await done).toBe(times === 2 ? 'claimed' : error)
    expect(asked.length).toBe(times)
  })
})

interface Row {
  readonly key: string
  readonly fingerprint: string | null
  readonly token: string | null
  readonly until: number
  readonly expires_at: number
  readonly type: string
}

describe('sqlite, misuse', () => {
  it('names an unknown option', () => {
    const database = { exec() {}, prepare: () => ({ get() {}, run() {}, all: () => [] }) }
    for (const [options, option] of [
      [{ tabel: 'x' }, 'tabel'],
      [{ table: 'x', busyTimeout: 5 }, 'busyTimeout'],
      [null, 'options'],
    ] as [never, string][]) {
      expect(() => sqliteDedupeStore(database, options)).toThrow(
        expect.objectContaining({ code: 'invalid_option', option }),
      )
    }
  })

  it('refuses a value that is not a database, and a table that is not a name', () => {
    const database = { exec() {}, prepare: () => ({ get() {}, run() {}, all: () => [] }) }
    for (const wrong of [undefined, null, {}, 'file.db'])
      expect(() => sqliteDedupeStore(wrong as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    for (const table of ['', 'a b', 'a"; DROP TABLE x', '1a', 'a.b.c', 'x'.repeat(49), 7 as never])
      expect(() => sqliteDedupeStore(database, { table })).toThrow(expect.objectContaining({ option: 'table' }))
    for (const busyTimeoutMs of [Number.NaN, -1, Number.POSITIVE_INFINITY])
      expect(() => sqliteDedupeStore(database, { busyTimeoutMs })).toThrow(
        expect.objectContaining({ option: 'busyTimeoutMs' }),
      )
  })
})

const times = { leaseMs: 60_000, bindMs: 60_000 }

async function claim(store: SqliteDedupeStore, key: string) {
  const answer = await store.claim({ ...times, keys: [{ key }] })
  if (answer.status !== 'claimed') throw new Error(answer.status)
  return answer.claim
}
