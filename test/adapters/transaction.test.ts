// Receiving inside a transaction of the application, with every adapter and a real Postgres. The behaviour of the option itself is in
// test/webhook/transaction.test.ts. Here: no answer is sent before COMMIT, and no success if COMMIT fails.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import express5 from 'express'
import express4 from 'express4'
import fastify5, { type FastifyInstance } from 'fastify'
import fastify4 from 'fastify4'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { transactionOn } from '../../examples/adapters/transaction.mjs'
import { expressWebhook } from '../../src/adapters/express.ts'
import { fastifyWebhook } from '../../src/adapters/fastify.ts'
import { createWebhookRoute } from '../../src/adapters/fetch.ts'
import { createWebhookListener } from '../../src/adapters/http.ts'
import { postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import type { DedupeStore, OutcomeReport, RunInTransaction, VerifiedDelivery } from '../../src/webhook/index.ts'
import { isReachable, POSTGRES_URL } from '../stores/servers.ts'
import { bridge } from './support/bridge.ts'
import { type Answer, attempt, type Draft, deliver, SECRET } from './support/client.ts'
import { closeAfterTest, closeServers, listen } from './support/servers.ts'

const hasPostgres = await isReachable('Postgres', POSTGRES_URL)

const escaped: unknown[] = []
const note = (error: unknown): void => void escaped.push(error)
afterEach(async () => {
  await closeServers()
  vi.restoreAllMocks()
  expect(escaped.splice(0)).toEqual([])
})

interface Options {
  readonly secrets: string
  readonly transaction: (run: RunInTransaction) => unknown
  readonly onOutcome: (report: OutcomeReport) => void
}
/** What the handler writes, with the client of the transaction. */
type Book = (client: pg.PoolClient, delivery: VerifiedDelivery) => Promise<unknown>
type Serve = (options: Options, book: Book) => Promise<number>

const onHttp: Serve = (options, book) =>
  listen(
    createServer(
      createWebhookListener(options, async (delivery, { transaction }) => {
        await book(transaction as pg.PoolClient, delivery as VerifiedDelivery)
        return { status: 202, body: 'booked' }
      }),
    ),
  )

const onFetch: Serve = (options, book) => {
  const route = createWebhookRoute(options, async (delivery, { transaction }) => {
    await book(transaction as pg.PoolClient, delivery as VerifiedDelivery)
    return new Response('booked', { status: 202 })
  })
  return listen(createServer(bridge(route)))
}

const onExpress =
  (express: typeof express5): Serve =>
  (options, book) => {
    const app = express().set('env', 'test')
    app.post('/webhooks', expressWebhook(options), (req, res, next) => {
      book(req.webhookTransaction as pg.PoolClient, req.webhook).then(() => res.status(202).send('booked'), next)
    })
    return listen(createServer(app))
  }

const onFastify =
  (fastify: typeof fastify5): Serve =>
  async (options, book) => {
    const app = fastify() as unknown as FastifyInstance
    app.register(async (scope) => {
      await scope.register(fastifyWebhook, options)
      scope.post('/webhooks', async (request, reply) => {
        await book(request.webhookTransaction as pg.PoolClient, request.webhook)
        return reply.code(202).type('text/plain').send('booked')
      })
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    closeAfterTest(() => app.close())
    return (app.server.address() as AddressInfo).port
  }

describe.skipIf(!hasPostgres)('a transaction', () => {
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 5 })
  pool.on('error', () => {})
  const table = `adapters_${process.pid}`
  const store = postgresDedupeStore(pool, { table: `${table}_claims` })

  beforeAll(async () => {
    process.on('unhandledRejection', note).on('uncaughtException', note)
    await store.migrate()
    await pool.query(`CREATE TABLE ${table}_accounts (id text PRIMARY KEY)`)
    await pool.query(
      `CREATE TABLE ${table}_bookings (id text PRIMARY KEY, account text REFERENCES ${table}_accounts DEFERRABLE INITIALLY DEFERRED)`,
    )
  })
  afterAll(async () => {
    await pool.query(`DROP TABLE ${table}_bookings, ${table}_accounts, ${table}_claims`)
    await pool.end()
    process.off('unhandledRejection', note).off('uncaughtException', note)
  })

  const insert = (client: pg.PoolClient, id: string | undefined, account: string | null = null) =>
    client.query(`INSERT INTO ${table}_bookings VALUES ($1, $2)`, [id, account])
  const isBooked = async (id: string | undefined): Promise<boolean> =>
    (await pool.query(`SELECT 1 FROM ${table}_bookings WHERE id = $1`, [id])).rows.length === 1

  describe.each<[string, Serve]>([
    ['http', onHttp],
    ['Express 4', onExpress(express4)],
    ['Express 5', onExpress(express5)],
    ['Fastify 4', onFastify(fastify4 as unknown as typeof fastify5)],
    ['Fastify 5', onFastify(fastify5)],
    ['fetch', onFetch],
  ])('through %s', (_name, serve) => {
    async function bench(book: Book, transaction: Options['transaction'] = transactionOn(pool, store)) {
      const reports: OutcomeReport[] = []
      const onOutcome = (report: OutcomeReport): void => void reports.push(report)
      const port = await serve({ secrets: SECRET, transaction, onOutcome }, book)
      return { reports, send: (draft: Draft): Promise<Answer> => deliver(port, draft) }
    }
    const unavailable = { status: 503, json: { error: 'store_unavailable' } }

    it('is answered after it is committed, not before', async () => {
      let isCommitted = false
      let wasAnswered = false
      const inTransaction = transactionOn(pool, store)
      const transaction: Options['transaction'] = (run) =>
        inTransaction(async (dedupe: DedupeStore, client: unknown) => {
          const outcome = await run(dedupe, client)
          await sleep(30) // COMMIT comes after this
          wasAnswered ||= isAnswered && !isCommitted
          isCommitted = true
          return outcome
        })
      const { send } = await bench((client, delivery) => insert(client, delivery.deliveryId), transaction)
      const draft = attempt()
      let isAnswered = false
      const answer = await send(draft).finally(() => {
        isAnswered = true
      })
      expect(answer).toMatchObject({ status: 202, text: 'booked' })
      expect([isCommitted, wasAnswered, await isBooked(draft.deliveryId)]).toEqual([true, false, true])
      expect(await send(draft)).toMatchObject({ status: 200, json: { duplicate: true } })
    })

    it('whose COMMIT fails is answered as unavailable, and has no effect', async () => {
      let account: string | null = 'nobody' // found missing at COMMIT
      const { send, reports } = await bench((client, delivery) => insert(client, delivery.deliveryId, account))
      const draft = attempt()
      expect(await send(draft)).toMatchObject(unavailable)
      expect(reports).toMatchObject([{ code: 'store_unavailable', error: { constraint: expect.any(String) } }])
      expect(await isBooked(draft.deliveryId)).toBe(false)
      account = null
      expect(await send(draft)).toMatchObject({ status: 202 })
      expect(await isBooked(draft.deliveryId)).toBe(true)
    })

    it('that loses its connection during the handler is answered as unavailable, and has no effect', async () => {
      let isLost = true
      const { send } = await bench(async (client, delivery) => {
        await insert(client, delivery.deliveryId)
        if (!isLost) return
        const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
        await pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
        await sleep(20)
      })
      const draft = attempt()
      expect(await send(draft)).toMatchObject(unavailable)
      expect(await isBooked(draft.deliveryId)).toBe(false)
      isLost = false
      expect(await send(draft)).toMatchObject({ status: 202 })
      expect(await isBooked(draft.deliveryId)).toBe(true)
    })

    it('undoes what a failed handler wrote, and lets the next attempt succeed', async () => {
      let fails = true
      const { send, reports } = await bench(async (client, delivery) => {
        await insert(client, delivery.deliveryId)
        if (fails) throw new Error('broken')
      })
      const draft = attempt()
      expect(await send(draft)).toMatchObject({ status: 500 })
      expect(reports).toMatchObject([{ code: 'handler_failed' }])
      expect(await isBooked(draft.deliveryId)).toBe(false)
      fails = false
      expect(await send(draft)).toMatchObject({ status: 202 })
      expect(await isBooked(draft.deliveryId)).toBe(true)
    })

    it('is not opened for a forgery', async () => {
      let opened = 0
      const { send } = await bench(
        async () => {},
        (run) => {
          opened++
          return transactionOn(pool, store)(run)
        },
      )
      expect(await send({ ...attempt(), secrets: 'another' })).toMatchObject({ status: 401 })
      expect(await send({ ...attempt(), timestamp: 1 })).toMatchObject({ status: 401 })
      expect(opened).toBe(0)
    })

    it('that cannot be opened because Postgres is down is answered as unavailable, and nothing runs', async () => {
      const away = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 1000 })
      away.on('error', () => {})
      let runs = 0
      const { send } = await bench(async () => runs++, transactionOn(away, postgresDedupeStore(away)))
      for (let i = 0; i < 2; i++) expect(await send(attempt())).toMatchObject(unavailable)
      expect(runs).toBe(0)
      await away.end()
    })
  })

  it.each<[string, Serve]>([
    [
      'Express',
      (options, book) => {
        const app = express5()
        app.post('/webhooks', expressWebhook(options), async (req, res) => {
          res.write('one')
          res.write('two')
          await book(req.webhookTransaction as pg.PoolClient, req.webhook)
          res.end('three')
        })
        return listen(createServer(app))
      },
    ],
    [
      'Fastify',
      async (options, book) => {
        const app = fastify5()
        app.register(async (scope) => {
          await scope.register(fastifyWebhook, options)
          scope.post('/webhooks', async (request, reply) => {
            const { raw } = reply.hijack()
            raw.write('one')
            raw.write('two')
            await book(request.webhookTransaction as pg.PoolClient, request.webhook)
            raw.end('three')
          })
        })
        await app.listen({ port: 0, host: '127.0.0.1' })
        closeAfterTest(() => app.close())
        return (app.server.address() as AddressInfo).port
      },
    ],
  ])('that fails after part of the answer was sent closes the connection, in %s', async (_name, serve) => {
    const options = { secrets: SECRET, transaction: transactionOn(pool, store), onOutcome: () => {} }
    const port = await serve(options, (client, delivery) => insert(client, delivery.deliveryId, 'nobody'))
    const draft = attempt()
    await expect(deliver(port, draft)).rejects.toThrow('closed without an answer')
    expect(await isBooked(draft.deliveryId)).toBe(false)
  })
})
