import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type SqliteDedupeStore, sqliteDedupeStore } from '../../src/stores/sqlite.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance.ts'
import { sqliteHandles } from './sqlite-handles.mjs'

const folder = mkdtempSync(join(tmpdir(), 'fluxora-sqlite-'))
const opened: { close(): void }[] = []
afterAll(() => {
  for (const database of opened) database.close()
  rmSync(folder, { recursive: true })
})

for (const [name, open] of Object.entries(sqliteHandles)) {
  if (!open) {
    console.warn(`SKIPPED: ${name} is not there on ${process.version}; its suites did not run`)
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

    it('remembers after the file was closed and opened again', async () => {
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

    it('writes ahead, so that readers and a writer do not wait for each other', async () => {
      const path = newPath()
      await makeStore(path)
      expect(openFile(path).prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    })

    it('waits for another writer without blocking this process, and no longer than it is told', async () => {
      const path = newPath()
      const store = await makeStore(path)
      const other = openFile(path)
      other.exec('BEGIN IMMEDIATE')
      const waiting = claim(store, 'a')
      await new Promise((resolve) => setTimeout(resolve, 100)) // runs: nobody sits in a busy handler
      other.exec('COMMIT')
      await waiting

      const impatient = sqliteDedupeStore(openFile(path), { busyTimeoutMs: 50 })
      other.exec('BEGIN IMMEDIATE')
      await expect(claim(impatient, 'b')).rejects.toThrow(/locked/)
      other.exec('ROLLBACK')
      await claim(impatient, 'b')
    })

    it('gives way to a transaction of the application, which stays as it was', async () => {
      const database = openFile(newPath())
      const store = sqliteDedupeStore(database)
      await store.migrate()
      database.exec('CREATE TABLE other (n INTEGER)')
      await claim(store, 'warm')
      database.exec('BEGIN')
      database.exec('INSERT INTO other VALUES (1)')
      await expect(claim(store, 'a')).rejects.toThrow(/transaction/)
      database.exec('COMMIT')
      expect(database.prepare('SELECT count(*) AS n FROM other').get()).toEqual({ n: 1 })
      await claim(store, 'a')
    })

    it('does not grow: expired rows go with new claims, and in batches when asked', async () => {
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
    })
  })
}

describe('sqlite, what makes no sense', () => {
  it('refuses something that is no database, and a table that is no name', () => {
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
