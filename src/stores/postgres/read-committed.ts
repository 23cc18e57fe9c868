// Statements on a server whose transactions are stricter than the store needs: `default_transaction_isolation` can be set for a role, a
// database or a connection.

import { isPgPool, type PgPool, type PostgresClient, type Row, readRows, type Send } from './client.ts'
import { SERIALIZATION_FAILURE, sqlStateOf } from './sqlstate.ts'

/**
 * The statements are made for READ COMMITTED: locks and unique keys already give each key one holder. Under SERIALIZABLE, claims of
 * different deliveries make one another fail because their rows share pages of the index. So after the first such failure a pool's
 * statements are sent in a READ COMMITTED transaction. Any other client may be shared, and must not begin one.
 */
export function preferReadCommitted(client: PostgresClient, send: Send): Send {
  let isStrict = false
  return async (text, values) => {
    if (isStrict && isPgPool(client)) return sendReadCommitted(client, text, values)
    try {
      return await send(text, values)
    } catch (error) {
      if (sqlStateOf(error) === SERIALIZATION_FAILURE) isStrict = true
      throw error
    }
  }
}

/** Three round trips on a connection of the pool. A connection that cannot even roll back is closed. */
async function sendReadCommitted(pool: PgPool, text: string, values: unknown[]): Promise<readonly Row[]> {
  const client = await pool.connect()
  let isBroken = false
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
    const rows = readRows('pool', await client.query(text, values))
    await client.query('COMMIT')
    return rows
  } catch (error) {
    isBroken = await failsToRollBack(client)
    throw error
  } finally {
    client.release(isBroken)
  }
}

async function failsToRollBack(client: PostgresClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK')
    return false
  } catch {
    return true
  }
}
