/**
 * Runs claim, handler and commit of a delivery in one transaction, for `transaction: transactionOn(pool, store)`.
 *
 * @param {import('pg').Pool} pool
 * @param {import('@fluxora/verify/stores/postgres').PostgresDedupeStore} store
 */
export function transactionOn(pool, store) {
  /** @param {import('@fluxora/verify/webhook').RunInTransaction} run */
  return async (run) => {
    const client = await pool.connect()
    /** @type {Error | undefined} */
    let failure
    const note = (/** @type {Error} */ error) => {
      failure = error
    }
    client.on('error', note) // a connection that is lost while in use would end the process otherwise
    try {
      await client.query('BEGIN')
      await run(store.inTransaction(client), client)
      const { command } = await client.query('COMMIT')
      if (command !== 'COMMIT') throw new Error('Postgres has rolled the transaction back.')
    } catch (error) {
      failure = /** @type {Error} */ (error)
      throw error // the sender is answered 503, and sends again
    } finally {
      client.off('error', note)
      client.release(failure) // after a failure nobody knows its state: it is closed, not used again
    }
  }
}
