// The dedupe store on PostgreSQL: each call is one statement, judged by the server's clock, or a part of your own transaction.

import type { Claim, DedupeStore } from '../contract.ts'
import { claimResult } from '../shared/answer.ts'
import { type DeleteExpiredOptions, deleteInBatches } from '../shared/delete-in-batches.ts'
import { type ClaimRequest, readClaimRequest, readMilliseconds } from '../shared/request.ts'
import { missingTable } from '../shared/table.ts'
import { claimKeys } from './claim-keys.ts'
import type { PostgresClient, Row, Send } from './client.ts'
import { checkClientShape, probeOnce } from './client-check.ts'
import { type PostgresDedupeOptions, readOptions } from './options.ts'
import { preferReadCommitted } from './read-committed.ts'
import { withRetries } from './retry.ts'
import { createSender } from './send.ts'
import { settleClaim } from './settle-claim.ts'
import { PARTLY_CLAIMED } from './sql/all-or-none.ts'
import { migrateSql, schemaSql } from './sql/schema.ts'
import { statementsFor } from './sql/statements.ts'
import { sqlStateOf, UNDEFINED_TABLE } from './sqlstate.ts'
import { transactionStore } from './transaction-store.ts'

/** A dedupe store on PostgreSQL. */
export interface PostgresDedupeStore extends DedupeStore {
  /** Makes the lease run out `leaseMs` milliseconds from now. False if the claim no longer holds all of its keys. */
  extend(claim: Claim, leaseMs: number): Promise<boolean>
  /** Creates the table and its index if they do not exist. Safe to call at every start, by several processes at once. */
  migrate(): Promise<void>
  /**
   * Deletes expired rows in batches (1000 rows by default), and returns how many it deleted. It leaves rows that someone is using for the
   * next time. Nothing else deletes expired rows, so call this every few minutes, from as many processes as you like.
   */
  deleteExpired(options?: DeleteExpiredOptions): Promise<number>
  /**
   * The same store inside a transaction that you have begun on this client; pass it to `receive` as `{ dedupe }`. The claim, what the
   * handler writes through the client and the commit of the claim take effect together or not at all. One delivery at a time.
   *
   * End the transaction with COMMIT whatever the outcome. If the handler failed, its writes have been undone by then, back to a savepoint;
   * what is left to commit is the record of which id and content came together. Send your answer only after COMMIT, and only if
   * PostgreSQL did not turn it into a ROLLBACK.
   *
   * @param client The client on which you have begun the transaction.
   * @returns A store for this one transaction.
   * @throws {WebhookError} `invalid_option` if it is not a client.
   *
   * @example
   * ```ts
   * await client.query('BEGIN')
   * const outcome = await receiver.receive(input, (delivery) => book(client, delivery.json()), { dedupe: store.inTransaction(client) })
   * const { command } = await client.query('COMMIT')
   * const status = outcome.code === 'ok' && command !== 'COMMIT' ? 503 : outcome.status
   * ```
   */
  inTransaction(client: PostgresClient): DedupeStore
}

/**
 * Makes a dedupe store on a pool or client, which you close yourself. It needs PostgreSQL 11 or later. Call `migrate()` once before use, or
 * put `postgresDedupeSchema()` into your own migrations.
 *
 * Each method is one statement and one transaction, whatever the number of keys. No claim ever waits for another: keys that a running
 * transaction is claiming are `in_progress`.
 *
 * @param pool A `Pool` or `Client` of pg, a PGlite, or anything with the same query method.
 * @param options The table.
 * @returns A store to be passed to a receiver as `dedupe`.
 * @throws {WebhookError} `invalid_option` if the client or an option makes no sense.
 *
 * @example
 * ```ts
 * const store = postgresDedupeStore(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
 * await store.migrate()
 * const receiver = createWebhookReceiver({ secrets, dedupe: store })
 * ```
 */
export function postgresDedupeStore(pool: PostgresClient, options: PostgresDedupeOptions = {}): PostgresDedupeStore {
  const names = readOptions(options)
  const { table } = names
  const sql = statementsFor(table)
  checkClientShape('pool', pool)
  const sendOnce = createSender('pool', pool)
  const check = probeOnce('pool', sendOnce)
  const sendReadCommitted = preferReadCommitted(pool, sendOnce)
  const transactionContext = { sql, table, checkedMethods: new WeakSet<object>() }

  const send: Send = async (text, values) => {
    await check()
    try {
      return await withRetries(() => sendReadCommitted(text, values))
    } catch (error) {
      if (sqlStateOf(error) === UNDEFINED_TABLE) throw missingTable(table, error)
      throw error
    }
  }

  /** If others keep claiming parts of the same set for as long as statements are repeated, nothing is known of it: there is no row. */
  const sendClaim: Send = async (text, values): Promise<readonly Row[]> => {
    try {
      return await send(text, values)
    } catch (error) {
      if (sqlStateOf(error) === PARTLY_CLAIMED) return []
      throw error
    }
  }

  return Object.freeze({
    async claim(request: ClaimRequest) {
      const token = crypto.randomUUID()
      const answer = await claimKeys(sendClaim, sql, readClaimRequest(request), token)
      return claimResult(answer, { token, keys: request.keys })
    },
    async commit(claim: Claim, retentionMs: number) {
      return settleClaim(send, sql.commit, claim, readMilliseconds('retentionMs', retentionMs))
    },
    async release(claim: Claim) {
      return settleClaim(send, sql.release, claim)
    },
    async extend(claim: Claim, leaseMs: number) {
      return settleClaim(send, sql.extend, claim, readMilliseconds('leaseMs', leaseMs))
    },
    async migrate() {
      await check()
      await withRetries(() => pool.query(migrateSql(names)))
    },
    deleteExpired: (options: DeleteExpiredOptions = {}) =>
      deleteInBatches(options, async (limit) => (await send(sql.deleteExpired, [limit])).length),
    inTransaction(client: PostgresClient) {
      checkClientShape('client', client)
      return transactionStore(client, transactionContext)
    },
  })
}

/**
 * Gives the table and its index as SQL, for your own migrations.
 *
 * @param options The table, as for {@link postgresDedupeStore}.
 * @returns `CREATE TABLE` and `CREATE INDEX`, both with `IF NOT EXISTS`.
 * @throws {WebhookError} `invalid_option` if an option makes no sense.
 *
 * @example
 * ```ts
 * await pool.query(postgresDedupeSchema({ table: 'payments.webhook_deliveries' }))
 * ```
 */
export function postgresDedupeSchema(options: PostgresDedupeOptions = {}): string {
  return schemaSql(readOptions(options))
}
