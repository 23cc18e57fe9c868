/**
 * Runs a delivery's claim, handler and commit in one transaction. Use it as `transaction: transactionOn(pool, store)`.
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
    client.on('error', note) // without this, a connection lost while in use would end the process
    try {
      await client.query('BEGIN')
      await run(store.inTransaction(client), client)
      const { command } = await client.query('COMMIT')
      if (command !== 'COMMIT') throw new Error('Postgres rolled the transaction back.')
    } catch (error) {
      failure = /** @type {Error} */ (error)
      throw error // the sender gets 503 and retries
    } finally {
      client.off('error', note)
      client.release(failure) // after a failure its state is unknown: close it instead of reusing it
    }
  }
}
