// Statements of their own, where every transaction is strict: `default_transaction_isolation` of a role, a database or a connection.

import { codeOf, type PostgresClient, rowsOf, type Send } from './client.ts'

/** What PostgreSQL answers to a transaction that cannot be put in a row with others: REPEATABLE READ and SERIALIZABLE alone. */
export const NOT_SERIALIZABLE = '40001'

/** A client that one can be borrowed from. */
interface Pool extends PostgresClient {
  connect(): Promise<PostgresClient & { release(isBroken?: boolean): void }>
}

/** A `Pool` of pg, or one like it. A `Client` has a `connect` too, but is alone: others may use it at any time. */
function isPool(client: PostgresClient): client is Pool {
  const { connect, totalCount } = client as { connect?: unknown; totalCount?: unknown }
  return typeof connect === 'function' && typeof totalCount === 'number'
}

/** Sends statements as `send` does, and from the first that fails for its level on under READ COMMITTED, where the client is a pool. */
export function levelled(client: PostgresClient, send: Send): Send {
  let isStrict = false
  return async (text, values) => {
    if (isStrict && isPool(client)) return sendReadCommitted(client, text, values)
    try {
      return await send(text, values)
    } catch (error) {
      if (codeOf(error) === NOT_SERIALIZABLE) isStrict = true
      throw error
    }
  }
}

/**
 * The statements are made for READ COMMITTED, and need no more: locks and the uniqueness of keys see to it that a key has one holder.
 * Under SERIALIZABLE claims of different deliveries fail for one another, since their rows share pages of the index. So one that failed
 * for that is sent in a transaction of that level, in three trips.
 */
async function sendReadCommitted(pool: Pool, text: string, values: unknown[]): Promise<readonly unknown[]> {
  const client = await pool.connect()
  let isBroken = false
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
    const rows = rowsOf('pool', await client.query(text, values))
    await client.query('COMMIT')
    return rows
  } catch (error) {
    isBroken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    )
    throw error
  } finally {
    client.release(isBroken)
  }
}
