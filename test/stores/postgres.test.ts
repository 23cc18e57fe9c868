import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresDedupeStore, postgresDedupeSchema, postgresDedupeStore } from '../../src/stores/postgres.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance.ts'
import { isReachable, POSTGRES_URL } from './servers.ts'

const isThere = await isReachable('PostgreSQL', POSTGRES_URL)
const schema = `fluxora_test_${crypto.randomUUID().slice(0, 8)}`
const table = `${schema}.deliveries`

describe.skipIf(!isThere)('postgres', () => {
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 6 })
  const client = new pg.Client({ connectionString: POSTGRES_URL })

  beforeAll(async () => {
    await pool.query(`CREATE SCHEMA ${schema}`)
    await client.connect()
    await postgresDedupeStore(pool, { table }).migrate()
  })

  afterAll(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await client.end()
    await pool.end()
  })

  dedupeStoreConformance('pg Pool', () => postgresDedupeStore(pool, { table }), { describe, it })
  dedupeStoreConformance('pg Client', () => postgresDedupeStore(client, { table }), { describe, it })
})

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
  dedupeStoreConformance('PGlite', makeStore, { describe, it })
})
