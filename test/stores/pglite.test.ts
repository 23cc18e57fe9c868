// PGlite, which is PostgreSQL inside the process: the same statements through another client.

import { PGlite } from '@electric-sql/pglite'
import { describe, expect, it } from 'vitest'
import { type PostgresDedupeStore, postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import { claim, statusOf } from './claims.ts'

describe('PGlite', () => {
  let made: Promise<PostgresDedupeStore> | undefined
  const makeStore = () => {
    made ??= PGlite.create().then(async (database) => {
      const store = postgresDedupeStore(database)
      await store.migrate()
      return store
    })
    return made
  }
  dedupeStoreConformance('PGlite', makeStore, { describe, it: it.concurrent })

  it('works inside a transaction of the application', async () => {
    const database = await PGlite.create()
    const store = postgresDedupeStore(database)
    await store.migrate()
    const keys = [{ key: 'a', fingerprint: 'x' }, { key: 'b' }]
    await database
      .transaction(async (transaction) => {
        const inside = store.inTransaction(transaction)
        await inside.commit(await claim(inside, keys), 60_000)
        throw new Error('undone')
      })
      .catch(() => {})
    await database.transaction(async (transaction) => {
      const inside = store.inTransaction(transaction)
      expect(await inside.commit(await claim(inside, keys), 60_000)).toBe(true)
    })
    expect(await statusOf(store, keys)).toBe('duplicate')
  })
})
