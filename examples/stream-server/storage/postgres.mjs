// Postgres: a pool, `?` written as $1, $2, …, and a deadline for everything.

import { postgresDedupeStore } from '@fluxora/verify/stores/postgres'
import pg from 'pg'
import { once, StorageError, withTables } from './ready.mjs'
import { tables } from './schema.mjs'

/**
 * @param {string} connectionString
 * @param {import('fastify').FastifyBaseLogger} log
 * @returns {import('./open.mjs').Storage}
 */
export function openPostgres(connectionString, log) {
  const pool = new pg.Pool({
    connectionString,
    max: 20,
    min: 2,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
    query_timeout: 10_000,
  })
  pool.on('error', (error) => log.error({ err: error }, 'a connection to Postgres was lost'))
  const dedupe = postgresDedupeStore(pool)
  const ready = once(async () => {
    // Two servers that start at once would both try to create the tables.
    await inTransaction(pool, async ({ rows }) => {
      await rows('SELECT pg_advisory_xact_lock(215217)')
      for (const table of tables('BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY')) await rows(table)
    })
    await dedupe.migrate()
  })
  return {
    rows: (sql, ...values) => ready().then(() => statements(pool).rows(sql, ...values)),
    transaction: (run) => ready().then(() => inTransaction(pool, run)),
    dedupe: withTables(dedupe, ready),
    pool: /** @type {any} */ (pool),
    close: () => pool.end(),
  }
}

/**
 * @template T
 * @param {pg.Pool} pool
 * @param {(statements: import('./open.mjs').Statements) => Promise<T>} run
 */
async function inTransaction(pool, run) {
  const client = await pool.connect().catch((error) => {
    throw new StorageError(error)
  })
  const { rows } = statements(client)
  let isBroken = true
  // Between two statements nobody waits for this connection, and a loss of it that nobody hears of would end the process.
  const ignore = () => {}
  client.on('error', ignore)
  try {
    await rows('BEGIN')
    const result = await run({ rows })
    await rows('COMMIT')
    isBroken = false
    return result
  } catch (error) {
    await rows('ROLLBACK').then(
      () => {
        isBroken = false
      },
      () => {},
    )
    throw error
  } finally {
    client.release(isBroken)
    client.off('error', ignore)
  }
}

/**
 * @param {pg.Pool | pg.PoolClient} client
 * @returns {import('./open.mjs').Statements}
 */
const statements = (client) => ({
  async rows(sql, ...values) {
    let number = 0
    const text = sql.replace(/\?/g, () => `$${++number}`)
    try {
      return (await client.query(text, values)).rows
    } catch (error) {
      throw new StorageError(error)
    }
  },
})
