// The delivery log on PostgreSQL: an outbox for many hosts, which your own transactions can write to.

import type { PostgresClient, Row, Send } from '../../../stores/postgres/client.ts'
import { readRows } from '../../../stores/postgres/client.ts'
import { checkClientShape, probeOnce } from '../../../stores/postgres/client-check.ts'
import { preferReadCommitted } from '../../../stores/postgres/read-committed.ts'
import { withRetries } from '../../../stores/postgres/retry.ts'
import { createSender } from '../../../stores/postgres/send.ts'
import { sqlStateOf, UNDEFINED_TABLE } from '../../../stores/postgres/sqlstate.ts'
import { missingTable } from '../../../stores/shared/table.ts'
import type { DeliveryLog, NewDelivery } from '../contract.ts'
import { toStored } from '../stored-delivery.ts'
import { type DeliveryLogOptions, readLogTables } from '../table-names.ts'
import { readClaimed, readCounts, readLogged } from './rows.ts'
import { migrateSql } from './schema.ts'
import { settleOn } from './settle.ts'
import { statementsFor } from './statements.ts'

/** Where deliveries are enqueued as a part of your own transaction. */
export interface TransactionOutbox {
  /** Logs a delivery: it is there when you COMMIT, and was never there after a ROLLBACK. */
  enqueue(delivery: NewDelivery, nowMs?: number): Promise<'enqueued' | 'duplicate'>
}

/** A delivery log on PostgreSQL. */
export interface PostgresDeliveryLog extends DeliveryLog {
  /** Creates the tables and indexes if they do not exist. Safe to call at every start, by several processes at once. */
  migrate(): Promise<void>
  /**
   * The log inside a transaction that you have begun on this client: the delivery is enqueued together with the change that it tells of.
   *
   * @throws {WebhookError} `invalid_option` if it is not a client.
   *
   * @example
   * ```ts
   * await client.query('BEGIN')
   * await client.query('UPDATE streams SET status = $1 WHERE id = $2', ['cancelled', id])
   * await log.inTransaction(client).enqueue({ endpoint: { id: 'ep_1' }, deliveryId, event: 'stream.cancelled', body })
   * await client.query('COMMIT')
   * ```
   */
  inTransaction(client: PostgresClient): TransactionOutbox
}

/**
 * Makes a delivery log on a pool or client, which you close yourself. It needs PostgreSQL 11 or later. Call `migrate()` once before use. Any
 * number of processes may share it. The server's clock judges the leases, unless the dispatcher is given a clock of its own.
 *
 * @param pool A `Pool` or `Client` of pg, a PGlite, or anything with the same query method.
 * @param options The table.
 * @returns A log to be passed to `createDispatcher`.
 * @throws {WebhookError} `invalid_option` if the client or an option makes no sense.
 *
 * @example
 * ```ts
 * const log = postgresDeliveryLog(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
 * await log.migrate()
 * const dispatcher = createDispatcher({ sender: createWebhookSender(), log, endpoints: (id) => findEndpoint(id) })
 * ```
 */
export function postgresDeliveryLog(pool: PostgresClient, options: DeliveryLogOptions = {}): PostgresDeliveryLog {
  const names = readLogTables(options)
  const sql = statementsFor(names)
  checkClientShape('pool', pool)
  const sendOnce = createSender('pool', pool)
  const check = probeOnce('pool', sendOnce)
  const sendReadCommitted = preferReadCommitted(pool, sendOnce)
  const send: Send = async (text, values) => {
    await check()
    return explained(names.deliveries, () => withRetries(() => sendReadCommitted(text, values)))
  }

  return Object.freeze({
    enqueue: async (delivery: NewDelivery, nowMs?: number) =>
      toAnswer(await send(sql.enqueue, enqueueValues(delivery, nowMs))),
    async claim({ limit, leaseMs, perEndpoint, failingLimit, busy, nowMs }) {
      const token = crypto.randomUUID()
      const held = [[...busy.keys()], [...busy.values()]]
      const values = [token, limit, leaseMs, perEndpoint, failingLimit, ...held, nowMs ?? null]
      return (await send(sql.claim, values)).map((row) => readClaimed(row, token))
    },
    settle: (claimed, settlement) => settleOn(send, sql, claimed, settlement),
    async find(endpointId, deliveryId) {
      const [row] = await send(sql.find, [endpointId, deliveryId])
      if (row) return readLogged(row)
      return undefined
    },
    async markDelivered(endpointId, deliveryId, nowMs) {
      await send(sql.markDelivered, [endpointId, deliveryId, nowMs ?? null])
    },
    enableEndpoint: async (endpointId) => (await send(sql.enableEndpoint, [endpointId])).length > 0,
    counts: async (nowMs) => readCounts((await send(sql.counts, [nowMs ?? null]))[0]),
    deleteSettled: async (retentionMs, limit, nowMs) =>
      (await send(sql.deleteSettled, [nowMs ?? null, retentionMs, limit])).length,
    async migrate() {
      await check()
      await withRetries(() => pool.query(migrateSql(names)))
    },
    inTransaction(client: PostgresClient) {
      checkClientShape('client', client)
      return {
        async enqueue(delivery: NewDelivery, nowMs?: number) {
          const values = enqueueValues(delivery, nowMs)
          const query = async () => readRows('client', await client.query(sql.enqueue, values))
          return toAnswer(await explained(names.deliveries, query))
        },
      }
    },
  } satisfies PostgresDeliveryLog)
}

function enqueueValues(delivery: NewDelivery, nowMs: number | undefined): unknown[] {
  const { endpointId, deliveryId, target, event, body } = toStored(delivery)
  return [endpointId, deliveryId, target, event, Buffer.from(body).toString('base64'), nowMs ?? null]
}

function toAnswer(rows: readonly Row[]): 'enqueued' | 'duplicate' {
  return rows.length > 0 ? 'enqueued' : 'duplicate'
}

async function explained<T>(table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (sqlStateOf(error) === UNDEFINED_TABLE) throw missingTable(table, error)
    throw error
  }
}
