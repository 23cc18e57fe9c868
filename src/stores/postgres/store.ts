// The dedupe store on PostgreSQL: one statement, judged by the server's clock; or a part of your own transaction.

import type { Claim, DedupeStore } from '../../webhook/dedupe.ts'
import { invalidOption, readNumber } from '../../webhook/errors.ts'
import { milliseconds } from '../shared/request.ts'
import { tableNames } from '../shared/table.ts'
import { type ClaimRequest, claim, settle } from './claim.ts'
import { codeOf, isClient, type PostgresClient, pause, sender } from './client.ts'
import { statements } from './statements.ts'
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
  const sql = statements(tableNames(options.table).table)
  if (!isClient(pool)) throw invalidOption('pool', 'a client with a query method')
  const send = sender(pool)

  /** A statement of its own is tried again where PostgreSQL asks for it; inside a transaction that is for its owner to do. */
  async function alone<Row>(text: string, values: unknown[]): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await send(text, values)) as readonly Row[]
      } catch (error) {
        if (attempt === 5 || !RETRIED.includes(codeOf(error))) throw error
        await pause(Math.random() * 10 * attempt)
      }
    }
  }

  return Object.freeze({
    claim: async (request: ClaimRequest) => claim(alone, sql, request),
    commit: async (held: Claim, retentionMs: number) =>
      settle(alone, sql.commit, held, milliseconds('retentionMs', retentionMs)),
    release: async (held: Claim) => settle(alone, sql.release, held),
    extend: async (held: Claim, leaseMs: number) => settle(alone, sql.extend, held, milliseconds('leaseMs', leaseMs)),
    async migrate() {
      await pool.query(sql.migrate(postgresDedupeSchema(options)))
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
      if (!isClient(client)) throw invalidOption('client', 'a client with a query method')
      return transactionStore(client, sql)
    },
  })
}

/**
 * The table and its index as SQL, for migrations of your own.
 *
 * @throws {WebhookError} `invalid_option`
 */
export function postgresDedupeSchema(options: PostgresDedupeOptions = {}): string {
  const { table, index } = tableNames(options.table)
  return `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  fingerprint text,
  token text, -- of the claim; null once committed, and where the key is merely bound to its fingerprint
  until timestamptz NOT NULL, -- how long the claim or the commit stands
  expires_at timestamptz NOT NULL -- how long the binding stands: from then on the row may be deleted
);
CREATE INDEX IF NOT EXISTS ${index} ON ${table} (expires_at);`
}

/** Serialization failure, deadlock, and the division by zero by which a half-taken set undoes itself. */
const RETRIED: readonly unknown[] = ['40001', '40P01', '22012']
