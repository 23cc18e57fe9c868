// The receiver's `transaction` option over a real PostgreSQL: the recipe in docs/dedupe.md, and what can go wrong in it.

import { createServer } from 'node:net'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PostgresDedupeStore, postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import {
  createWebhookReceiver,
  createWebhookSigner,
  type OutcomeReport,
  type RunInTransaction,
  type VerifiedDelivery,
  type WebhookHandler,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from '../../src/webhook/index.ts'
import { isReachable, POSTGRES_URL } from './servers.ts'

const isThere = await isReachable('PostgreSQL', POSTGRES_URL)
const schema = `fluxora_tx_${crypto.randomUUID().slice(0, 8)}`
const secret = 'secret'
const { sign } = createWebhookSigner({ secrets: secret })

/** The recipe in docs/dedupe.md. */
const inTransaction =
  (pool: pg.Pool, store: PostgresDedupeStore) =>
  async (run: RunInTransaction): Promise<void> => {
    const client = await pool.connect()
    let failure: Error | undefined
    try {
      await client.query('BEGIN')
      const outcome = await run(store.inTransaction(client), client)
      const { command } = await client.query('COMMIT')
      if (outcome.ok && command !== 'COMMIT') throw new Error('The transaction was rolled back.')
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      client.release(failure)
    }
  }

describe.skipIf(!isThere)('a transaction of PostgreSQL', () => {
  let pool: pg.Pool
  let store: PostgresDedupeStore
  const reports: OutcomeReport[] = []
  const ended: unknown[] = []
  const note = (error: unknown): void => void ended.push(error)

  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 4 })
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    await pool.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.effects (id text, n integer CHECK (n > 0))`)
    store = postgresDedupeStore(pool, { table: `${schema}.deliveries` })
    await store.migrate()
  })
  afterAll(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await pool.end()
  })
  beforeEach(() => {
    reports.length = 0
    process.on('uncaughtException', note).on('unhandledRejection', note)
  })
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    process.off('uncaughtException', note).off('unhandledRejection', note)
    expect(ended.splice(0)).toEqual([])
  })

  const receiverWith = (options: Partial<WebhookReceiverOptions> = {}): WebhookReceiver =>
    createWebhookReceiver({
      secrets: secret,
      transaction: inTransaction(pool, store),
      onOutcome: (report) => reports.push(report),
      ...options,
    })
  const delivery = (deliveryId: string = crypto.randomUUID()) => {
    const body = JSON.stringify({ deliveryId })
    return { headers: sign({ body, deliveryId }), body, deliveryId }
  }
  const insert = (client: unknown, id: string | undefined, n = 1): Promise<unknown> =>
    (client as pg.PoolClient).query(`INSERT INTO ${schema}.effects VALUES ($1, $2)`, [id, n])
  const book: WebhookHandler = ({ deliveryId }: VerifiedDelivery, { transaction }) => insert(transaction, deliveryId)
  const effects = async (id: string): Promise<number> =>
    (await pool.query(`SELECT FROM ${schema}.effects WHERE id = $1`, [id])).rowCount ?? 0
  const openTransactions = async (): Promise<number> =>
    Number(
      (
        await pool.query(
          `SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND query LIKE '%' || $1 || '%'`,
          [schema],
        )
      ).rows[0].count,
    )

  it("contains the claim, the handler's writes and the commit of the claim", async () => {
    const receiver = receiverWith()
    const input = delivery()
    expect(await receiver.receive(input, book)).toMatchObject({ ok: true, code: 'ok' })
    expect(await receiver.receive(input, book)).toMatchObject({ ok: true, code: 'duplicate_delivery' })
    expect(await effects(input.deliveryId)).toBe(1)
    expect(await openTransactions()).toBe(0)
  })

  it('books each of many deliveries exactly once', async () => {
    const receiver = receiverWith()
    const inputs = Array.from({ length: 5 }, () => delivery())
    const attempts = await Promise.all([...inputs, ...inputs, ...inputs].map((input) => receiver.receive(input, book)))
    const expected = ['ok', 'duplicate_delivery', 'delivery_in_progress']
    expect(attempts.map(({ code }) => code).filter((code) => !expected.includes(code))).toEqual([])
    for (const input of inputs) {
      await receiver.receive(input, book)
      expect(await effects(input.deliveryId)).toBe(1)
    }
  })

  it("undoes the writes of a handler that failed, still binds the delivery's id to its content, and books the next attempt", async () => {
    const receiver = receiverWith()
    const input = delivery()
    const outcome = await receiver.receive(input, async (given, context) => {
      await book(given, context)
      throw new Error('later')
    })
    expect(outcome).toMatchObject({ status: 500, code: 'handler_failed' })
    expect(reports[0]).toMatchObject({ error: new Error('later') })
    expect(reports[0]).not.toHaveProperty('problem')
    expect(await effects(input.deliveryId)).toBe(0)
    const replay = { ...input, headers: { ...input.headers, 'x-fluxora-delivery-id': 'another' } }
    expect((await receiver.receive(replay, book)).code).toBe('delivery_id_conflict')
    expect((await receiver.receive(input, book)).code).toBe('ok')
    expect(await effects(input.deliveryId)).toBe(1)
  })

  it.each([
    ['the recipe', () => inTransaction(pool, store)],
    [
      'a recipe that ignores what COMMIT answers',
      () => async (run: RunInTransaction) => {
        const client = await pool.connect()
        await client.query('BEGIN')
        await run(store.inTransaction(client), client)
        await client.query('COMMIT')
        client.release()
      },
    ],
  ])(
    'whose COMMIT becomes a ROLLBACK, because the handler swallowed an SQL error, is answered 503: %s',
    async (_, make) => {
      const receiver = receiverWith({ transaction: make() })
      const input = delivery()
      const outcome = await receiver.receive(input, async (given, context) => {
        await book(given, context)
        await insert(context.transaction, given.deliveryId, 0).catch(() => {})
      })
      expect(outcome).toMatchObject({ ok: false, status: 503, code: 'store_unavailable' })
      expect(reports[0]?.error).toBeInstanceOf(Error)
      expect(await effects(input.deliveryId)).toBe(0)
      expect((await receiver.receive(input, book)).code).toBe('ok')
      expect(await effects(input.deliveryId)).toBe(1)
    },
  )

  it('whose connection breaks while the handler runs is answered 503, and the next attempt succeeds', async () => {
    const receiver = receiverWith()
    const input = delivery()
    const outcome = await receiver.receive(input, async (given, context) => {
      await book(given, context)
      const client = context.transaction as pg.PoolClient
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
      // Listening first: the client may hear of it before the pool has its answer.
      const isBroken = new Promise((resolve) => client.once('error', resolve))
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
      await isBroken
    })
    expect(outcome).toMatchObject({ ok: false, status: 503, code: 'store_unavailable' })
    expect(await effects(input.deliveryId)).toBe(0)
    expect((await receiver.receive(input, book)).code).toBe('ok')
    expect(await effects(input.deliveryId)).toBe(1)
  })

  it('is not begun for a forged, malformed or stale request', async () => {
    let opened = 0
    const receiver = receiverWith({ transaction: () => void opened++ })
    const { headers, body } = delivery()
    for (const changes of [
      { 'x-fluxora-signature': '0'.repeat(64) },
      { 'x-fluxora-signature': '' },
      { 'x-fluxora-timestamp': '1' },
      {},
    ] as Record<string, string>[]) {
      const isForged = Object.keys(changes).length === 0
      const input = { headers: { ...headers, ...changes }, body: isForged ? `${body} ` : body }
      expect((await receiver.receive(input, book)).ok).toBe(false)
    }
    expect(opened).toBe(0)
  })

  it('on a server that is away is answered 503 at once, and the process survives', async () => {
    const port = await freePort()
    const away = new pg.Pool({ host: '127.0.0.1', port, max: 1 })
    const receiver = receiverWith({ transaction: inTransaction(away, postgresDedupeStore(away)) })
    let runs = 0
    for (let n = 0; n < 3; n++) {
      expect(await receiver.receive(delivery(), () => runs++)).toMatchObject({ status: 503, code: 'store_unavailable' })
    }
    expect(runs).toBe(0)
    expect(String(reports[0]?.error)).toMatch(/ECONNREFUSED/)
    await away.end()
  })

  it('keeps its delivery even from a worker that does not use a transaction', async () => {
    const inside = receiverWith()
    const outside = receiverWith({ transaction: undefined, dedupe: store })
    const input = delivery()
    let second: string | undefined
    const outcome = await inside.receive(input, async (given, context) => {
      await book(given, context)
      second = (await outside.receive(input, () => {})).code
    })
    expect([outcome.code, second]).toEqual(['ok', 'delivery_in_progress'])
    expect((await outside.receive(input, () => {})).code).toBe('duplicate_delivery')
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
