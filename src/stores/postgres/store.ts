// The dedupe store on PostgreSQL: one statement, judged by the server's clock; or a part of your own transaction.

import { readNumber } from '../../shared/webhook-error.ts'
import type { Claim, DedupeStore } from '../contract.ts'
import { checkOptionNames } from '../shared/options.ts'
import { readMilliseconds } from '../shared/request.ts'
import { missingTable, readTableNames } from '../shared/table.ts'
import { type ClaimRequest, claim, settle } from './claim.ts'
import { checkClient, codeOf, type PostgresClient, pause, prover, sender, UNDEFINED_TABLE } from './client.ts'
import { HALF_TAKEN } from './half-taken.ts'
import { levelled, NOT_SERIALIZABLE } from './isolation.ts'
import { schemaOf, statements } from './statements.ts'
import { transactionStore } from './transaction.ts'

/** What the Postgres store is made of. */
export interface PostgresDedupeOptions {
  /** The table, with or without its schema; `webhook_deliveries` by default. */
  readonly table?: string | undefined
}

/** A dedupe store on PostgreSQL. */
export interface PostgresDedupeStore extends DedupeStore {
  extend(claim: Claim, leaseMs: number): Promise<boolean>
  /** Makes the table and its index where they are missing. Safe to call at every start, by several processes at once. */
  migrate(): Promise<void>
  /**
   * Deletes expired rows, a batch at a time (1000 rows by default), and returns how many there were. Rows that are being written are
   * left for the next time. Nothing else deletes them: call it every few minutes, from as many processes as you like.
   */
  deleteExpired(options?: { readonly batchSize?: number | undefined }): Promise<number>
  /**
   * The same store inside a transaction that you have begun on this client, to be passed to `receive` as `{ dedupe }`: the claim, what
   * the handler writes through the client and the commit stand together or not at all. One delivery at a time.
   *
   * End it with COMMIT whatever the outcome: a handler that failed has been undone by then, back to a savepoint, and what is left is
   * the note of what the delivery came with. Answer only after COMMIT, and only a COMMIT that PostgreSQL did not turn into a ROLLBACK.
   *
   * @example
   * await client.query('BEGIN')
   * const outcome = await receiver.receive(input, (delivery) => book(client, delivery.json()), { dedupe: store.inTransaction(client) })
   * const { command } = await client.query('COMMIT')
   * const status = outcome.code === 'ok' && command !== 'COMMIT' ? 503 : outcome.status
   */
  inTransaction(client: PostgresClient): DedupeStore
}

/**
 * Makes a dedupe store on a pool or client, which stays yours to close. PostgreSQL 11 or later. Call `migrate()` once before use, or
 * put `postgresDedupeSchema()` into your own migrations.
 *
 * Each method is one statement, and one transaction, whatever the number of keys. No claim ever waits for another: keys that a running
 * transaction is claiming are `in_progress`.
 *
 * @throws {WebhookError} `invalid_option`
 * @example
 * const store = postgresDedupeStore(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
 * await store.migrate()
 * const receiver = createWebhookReceiver({ secrets, dedupe: store })
 */
export function postgresDedupeStore(pool: PostgresClient, options: PostgresDedupeOptions = {}): PostgresDedupeStore {
  checkOptionNames(options, OPTION_NAMES)
  const { table } = readTableNames(options.table)
  const sql = statements(table)
  checkClient('pool', pool)
  const send = sender('pool', pool)
  const prove = prover('pool', send)
  const sendLevelled = levelled(pool, send)
  const provenMethods = new WeakSet<object>()

  async function alone<Row>(text: string, values: unknown[]): Promise<readonly Row[]> {
    const proof = prove()
    if (proof) await proof
    try {
      return await patiently(() => sendLevelled(text, values) as Promise<readonly Row[]>)
    } catch (error) {
      throw codeOf(error) === UNDEFINED_TABLE ? missingTable(table, error) : error
    }
  }

  return Object.freeze({
    claim: async (request: ClaimRequest) => claim(alone, sql, request),
    commit: async (held: Claim, retentionMs: number) =>
      settle(alone, sql.commit, held, readMilliseconds('retentionMs', retentionMs)),
    release: async (held: Claim) => settle(alone, sql.release, held),
    extend: async (held: Claim, leaseMs: number) =>
      settle(alone, sql.extend, held, readMilliseconds('leaseMs', leaseMs)),
    async migrate() {
      await prove()
      await patiently(async () => (await pool.query(sql.migrate(postgresDedupeSchema(options)))).rows)
    },
    async deleteExpired({ batchSize = 1000 }: { readonly batchSize?: number | undefined } = {}) {
      const limit = Math.floor(readNumber('batchSize', batchSize, 1000, 1, 1e6))
      let deleted = 0
      for (;;) {
        const { length } = await alone(sql.deleteExpired, [limit])
        deleted += length
        if (length < limit) return deleted
      }
    },
    inTransaction(client: PostgresClient) {
      checkClient('client', client)
      return transactionStore(client, sql, { table, proven: provenMethods })
    },
  })
}

/**
 * The table and its index as SQL, for migrations of your own.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function postgresDedupeSchema(options: PostgresDedupeOptions = {}): string {
  checkOptionNames(options, OPTION_NAMES)
  const { table, index } = readTableNames(options.table)
  return schemaOf(table, index)
}

const OPTION_NAMES = ['table']

/** Serialization failure, deadlock, and a set that was taken by half. */
const RETRIED: readonly unknown[] = [NOT_SERIALIZABLE, '40P01', HALF_TAKEN]

/** For how long, and with which pause at most. A receiver waits five seconds for its store, unless it is told otherwise. */
const RETRIED_FOR_MS = 4000
const LONGEST_PAUSE_MS = 200

/**
 * A statement of its own is tried again where PostgreSQL asks for it; inside a transaction that is for its owner to do. Of those that
 * fail for one another one gets through each time, so what counts is to try for long enough, and less and less often.
 */
async function patiently<Row>(attempt: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const startedAt = performance.now()
  for (let longest = 10; ; longest = Math.min(2 * longest, LONGEST_PAUSE_MS)) {
    try {
      return await attempt()
    } catch (error) {
      const code = codeOf(error)
      if (!RETRIED.includes(code)) throw error
      if (performance.now() - startedAt >= RETRIED_FOR_MS) {
        if (code === HALF_TAKEN) return [] // others keep taking and giving back: nothing is known of the set
        throw error
      }
      await pause(Math.random() * longest)
    }
  }
}
