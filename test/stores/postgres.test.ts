import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresDedupeStore, postgresDedupeSchema, postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import {
  createWebhookReceiver,
  createWebhookSigner,
  type OutcomeReport,
  type VerifiedDelivery,
  type WebhookReceiver,
} from '../../src/webhook/index.ts'
import { claim, statusOf, times } from './claims.ts'
import { isReachable, POSTGRES_URL } from './servers.ts'

const isThere = await isReachable('PostgreSQL', POSTGRES_URL)
const schema = `fluxora_test_${crypto.randomUUID().slice(0, 8)}`
const table = `${schema}.deliveries`

describe.skipIf(!isThere)('postgres', () => {
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 6 })
  const client = new pg.Client({ connectionString: POSTGRES_URL })

  beforeAll(async () => {
    await pool.query(`CREATE SCHEMA ${schema}`)
    await client.connect()
    await postgresDedupeStore(pool, { table }).migrate()
  })

  afterAll(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await client.end()
    await pool.end()
  })

  dedupeStoreConformance('pg Pool', () => postgresDedupeStore(pool, { table }), { describe, it: it.concurrent })
  let byClient: PostgresDedupeStore | undefined
  const oneClient = () => {
    byClient ??= postgresDedupeStore(client, { table })
    return byClient
  }
  dedupeStoreConformance('pg Client', oneClient, { describe, it: it.concurrent })

  describe('as a store of its own', () => {
    let store: PostgresDedupeStore
    beforeAll(() => {
      store = postgresDedupeStore(pool, { table })
    })

    it('sends one statement, one transaction, for a claim, a commit, a release or an extension', async () => {
      const seen: unknown[] = []
      const counting = {
        query(text: string, values?: unknown[]) {
          seen.push(text)
          return pool.query(text, values)
        },
      }
      const counted = postgresDedupeStore(counting, { table })
      await counted.release({ token: 'none', keys: [{ key: tag('none') }] })
      expect(seen.splice(0)).toHaveLength(2) // the first one checks the client
      for (const keys of [[{ key: tag('one') }], [{ key: tag('a'), fingerprint: 'x' }, { key: tag('b') }]]) {
        const first = await claim(counted, keys)
        await counted.extend(first, 1000)
        await counted.release(first)
        await counted.commit(await claim(counted, keys), 1000)
        expect(await statusOf(counted, keys)).toBe('duplicate')
        expect(seen.splice(0)).toHaveLength(6)
      }
    })

    it('stops preparing statements behind a pooler that lends connections', async () => {
      const seen: string[] = []
      const pooled = {
        totalCount: 1,
        connect() {},
        query(config: string | { name: string; text: string; values: unknown[] }, values?: unknown[]) {
          if (typeof config === 'string') return pool.query(config, values)
          seen.push(config.name)
          const code = seen.length === 1 ? '26000' : 'XX000'
          return Promise.reject(Object.assign(new Error('prepared statement does not exist'), { code }))
        },
      }
      const store = postgresDedupeStore(pooled, { table })
      await store.commit(await claim(store, [{ key: tag('pooled') }]), 1000)
      expect(seen).toHaveLength(1)
    })

    it('never waits for a row that a transaction has not committed', async () => {
      const keys = [
        { key: tag('id'), fingerprint: 'body' },
        { key: tag('content'), fingerprint: 'id' },
      ]
      const busy = await pool.connect()
      await busy.query('BEGIN')
      await claim(store.inTransaction(busy), keys)
      const startedAt = performance.now()
      for (const one of [keys, [keys[0]!], [keys[1]!], [...keys].reverse(), [{ key: tag('new') }, keys[1]!]])
        expect(await store.claim({ ...times, keys: one })).toEqual({ status: 'in_progress', retryAfterMs: 1000 })
      expect(performance.now() - startedAt).toBeLessThan(2000)
      await busy.query('ROLLBACK')
      busy.release()
      await claim(store, keys)
    })

    it('binds the other keys of a delivery that is being claimed', async () => {
      const busy = await pool.connect()
      await busy.query('BEGIN')
      const id = { key: tag('id'), fingerprint: 'body' }
      await claim(store.inTransaction(busy), [id])
      const content = { key: tag('content'), fingerprint: 'id' }
      expect(await statusOf(store, [id, content])).toBe('in_progress')
      expect(await statusOf(store, [{ ...content, fingerprint: 'another' }])).toBe('conflict')
      await busy.query('COMMIT')
      busy.release()
    })

    it('gives each delivery one holder under every isolation level', async () => {
      for (const level of ['repeatable read', 'serializable']) {
        const strict = new pg.Pool({
          connectionString: POSTGRES_URL,
          max: 6,
          options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
        })
        const store = postgresDedupeStore(strict, { table })
        const deliveries = Array.from({ length: 10 }, (_, n) => [
          { key: tag(`${level} ${n}`) },
          { key: tag(`${level} ${n} b`) },
        ])
        const answers = await Promise.all(
          deliveries.flatMap((keys) => Array.from({ length: 6 }, () => store.claim({ ...times, keys }))),
        )
        const won = answers.flatMap((answer) => (answer.status === 'claimed' ? [answer.claim] : []))
        expect(won).toHaveLength(10)
        expect(await Promise.all(won.map((held) => store.commit(held, 60_000)))).toEqual(won.map(() => true))
        await strict.end()
      }
    })

    // Claims and commits of different deliveries share pages of the index, and there serializable transactions make one another fail.
    it.each([
      ['serializable', 1, 16],
      ['serializable', 2, 16],
      ['repeatable read', 1, 16],
      ['repeatable read', 2, 16],
      ['serializable', 2, 48],
    ])(
      'claims and commits each of 1000 deliveries if every transaction is %s, %i keys each, %i at a time',
      async (level, keys, most) => {
        const strict = new pg.Pool({
          connectionString: POSTGRES_URL,
          max: most,
          options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
        })
        const name = `${schema}.strict_${level.replace(' ', '_')}_${keys}_${most}`
        const store = postgresDedupeStore(strict, { table: name })
        await Promise.all([1, 2, 3].map(() => postgresDedupeStore(strict, { table: name }).migrate()))
        expect((await strict.query('SHOW transaction_isolation')).rows).toEqual([{ transaction_isolation: level }])
        const waiting = Array.from({ length: 1000 }, (_, n) => n)
        const deliver = async (): Promise<void> => {
          for (let n = waiting.pop(); n !== undefined; n = waiting.pop()) {
            const all = Array.from({ length: keys }, (_, at) => ({ key: tag(`${n} ${at}`), fingerprint: 'body' }))
            expect(await store.commit(await claim(store, all), 60_000)).toBe(true)
            if (n % 100 === 0) expect(await statusOf(store, all)).toBe('duplicate')
          }
        }
        await Promise.all(Array.from({ length: most }, deliver))
        const { rows } = await strict.query(`SELECT count(*)::int AS n FROM ${name} WHERE token IS NULL`)
        expect(rows).toEqual([{ n: 1000 * keys }])
        await strict.end()
      },
      60_000,
    )

    it('retries serializable statements through a client that does not lend connections', async () => {
      const options = '-c default_transaction_isolation=serializable'
      const strict = new pg.Pool({ connectionString: POSTGRES_URL, max: 16, options })
      const name = `${schema}.strict_wrapped`
      const store = postgresDedupeStore({ query: (text, values) => strict.query(text, values) }, { table: name })
      await store.migrate()
      const deliver = async (worker: number): Promise<void> => {
        for (let n = 0; n < 12; n++) {
          expect(await store.commit(await claim(store, [{ key: tag(`${worker} ${n}`) }]), 60_000)).toBe(true)
        }
      }
      await Promise.all(Array.from({ length: 16 }, (_, worker) => deliver(worker)))
      await strict.end()
    })

    it('never lets two workers hold one key if every transaction is serializable', async () => {
      const options = '-c default_transaction_isolation=serializable'
      const strict = new pg.Pool({ connectionString: POSTGRES_URL, max: 16, options })
      const store = postgresDedupeStore(strict, { table })
      const pool = Array.from({ length: 6 }, (_, n) => tag(`storm ${n}`))
      const holders = new Set<string>()
      let claims = 0
      const work = async (): Promise<void> => {
        for (let round = 0; round < 8; round++) {
          const keys = pool.filter(() => Math.random() < 0.4).map((key) => ({ key, fingerprint: 'same' }))
          if (keys.length === 0) continue
          const answer = await store.claim({ ...times, keys })
          if (answer.status !== 'claimed') continue
          claims++
          for (const { key } of keys) {
            expect(holders.has(key)).toBe(false)
            holders.add(key)
          }
          await new Promise((resolve) => setTimeout(resolve, 2))
          for (const { key } of keys) holders.delete(key)
          expect(await store.release(answer.claim)).toBe(true)
        }
      }
      await Promise.all(Array.from({ length: 16 }, work))
      expect(claims).toBeGreaterThan(5)
      await strict.end()
    })

    it("cuts a lease that ends further ahead than it is long, as after the server's clock was set back", async () => {
      const request = (keys: readonly { key: string; fingerprint?: string }[]) =>
        store.claim({ keys, leaseMs: 1000, bindMs: 5000 })
      for (const keys of [[{ key: tag('back') }], [{ key: tag('back a'), fingerprint: 'x' }, { key: tag('back b') }]]) {
        const answer = await request(keys)
        if (answer.status !== 'claimed') throw new Error(answer.status)
        const names = [keys.map(({ key }) => key)]
        const hour = "interval '1 hour'"
        await pool.query(
          `UPDATE ${table} SET until = until + ${hour}, expires_at = expires_at + ${hour} WHERE key = ANY ($1)`,
          names,
        )
        const met = await request(keys)
        expect(met.status).toBe('in_progress')
        expect((met as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(1000)
        const { rows } = await pool.query(
          `SELECT until <= clock_timestamp() + interval '1 second' AS is_cut,
            expires_at - until BETWEEN interval '4.9 seconds' AND interval '5.1 seconds' AS is_bound FROM ${table} WHERE key = ANY ($1)`,
          names,
        )
        expect(rows).toEqual(keys.map(() => ({ is_cut: true, is_bound: true })))
        expect(await store.commit(answer.claim, 60_000)).toBe(true)
        expect((await request(keys)).status).toBe('duplicate')
      }
    })

    it("uses the server's clock, not the client's", async () => {
      const keys = [{ key: tag('clock') }]
      const { now } = Date
      Date.now = () => now() + 86_400_000
      try {
        await claim(store, keys)
        expect(await statusOf(store, keys)).toBe('in_progress')
      } finally {
        Date.now = now
      }
    })

    it('says what to do if its table was never created, also inside a transaction', async () => {
      const store = postgresDedupeStore(pool, { table: `${schema}.forgotten` })
      const message = expect.stringMatching(
        /forgotten.* does not exist\. Call the store's migrate\(\) once before use\.$/,
      )
      await expect(claim(store, [{ key: 'a' }])).rejects.toMatchObject({ message, cause: { code: '42P01' } })
      const client = await pool.connect()
      await client.query('BEGIN')
      await expect(claim(store.inTransaction(client), [{ key: 'a' }])).rejects.toMatchObject({ message })
      await client.query('ROLLBACK')
      client.release()
    })

    it('creates the table once, however many processes migrate at once and however often', async () => {
      const fresh = `${schema}.fresh`
      await Promise.all(Array.from({ length: 6 }, () => postgresDedupeStore(pool, { table: fresh }).migrate()))
      await claim(postgresDedupeStore(pool, { table: fresh }), [{ key: 'a' }])
      await pool.query(postgresDedupeSchema({ table: fresh }))
      expect(await statusOf(postgresDedupeStore(pool, { table: fresh }), [{ key: 'a' }])).toBe('in_progress')
    })

    it('deletes expired rows in batches, and skips those in use', async () => {
      const name = `${schema}.expiring`
      const store = postgresDedupeStore(pool, { table: name })
      await store.migrate()
      const rows = (): Promise<number> => pool.query(`SELECT FROM ${name}`).then(({ rowCount }) => rowCount ?? 0)
      for (let n = 0; n < 10; n++) await store.commit(await claim(store, [{ key: `old ${n}` }]), 1)
      await store.commit(await claim(store, [{ key: 'kept' }]), Number.POSITIVE_INFINITY)
      await claim(store, [{ key: 'held' }])
      const busy = await pool.connect()
      await busy.query('BEGIN')
      await busy.query(`SELECT FROM ${name} WHERE key = 'old 3' FOR UPDATE`)
      expect(await store.deleteExpired({ batchSize: 4 })).toBe(9)
      await busy.query('ROLLBACK')
      busy.release()
      expect(await store.deleteExpired()).toBe(1)
      expect(await rows()).toBe(2)
      await expect(store.deleteExpired({ batchSize: 0 })).rejects.toMatchObject({ code: 'invalid_option' })
    })
  })

  describe('in a transaction of the application', () => {
    const secret = 'secret'
    const { sign } = createWebhookSigner({ secrets: secret })
    const reports: OutcomeReport[] = []
    let store: PostgresDedupeStore
    let receiver: WebhookReceiver

    beforeAll(() => {
      store = postgresDedupeStore(pool, { table })
      receiver = createWebhookReceiver({
        secrets: secret,
        dedupe: store,
        onOutcome: (report) => reports.push(report),
      })
    })
    beforeAll(() => pool.query(`CREATE TABLE ${schema}.effects (id text, n integer CHECK (n > 0))`))

    const effects = (id: string): Promise<number> =>
      pool.query(`SELECT FROM ${schema}.effects WHERE id = $1`, [id]).then(({ rowCount }) => rowCount ?? 0)

    /** The recipe in docs/dedupe.md. */
    async function receive(
      input: { headers: Record<string, string>; body: string },
      handle: (client: pg.PoolClient, delivery: VerifiedDelivery) => unknown,
      begin = 'BEGIN',
    ): Promise<number> {
      const client = await pool.connect()
      try {
        await client.query(begin)
        const outcome = await receiver.receive(input, (delivery) => handle(client, delivery), {
          dedupe: store.inTransaction(client),
        })
        const { command } = await client.query('COMMIT')
        return outcome.code === 'ok' && command !== 'COMMIT' ? 503 : outcome.status
      } finally {
        client.release()
      }
    }

    const delivery = (deliveryId: string) => {
      const body = JSON.stringify({ deliveryId })
      return { headers: sign({ body, deliveryId }), body }
    }
    const book = (client: pg.PoolClient, { deliveryId }: VerifiedDelivery) =>
      client.query(`INSERT INTO ${schema}.effects VALUES ($1, 1)`, [deliveryId])

    it("commits the claim, the handler's writes and the commit of the claim together", async () => {
      for (const begin of ['BEGIN', 'BEGIN ISOLATION LEVEL REPEATABLE READ', 'BEGIN ISOLATION LEVEL SERIALIZABLE']) {
        const id = tag('together')
        const input = delivery(id)
        expect(await receive(input, book, begin)).toBe(200)
        expect(await receive(input, book, begin)).toBe(200)
        expect(reports.at(-1)?.code).toBe('duplicate_delivery')
        expect(await effects(id)).toBe(1)
      }
    })

    it("undoes the writes of a handler that failed, and still binds the delivery's id to its content", async () => {
      const id = tag('failed')
      const input = delivery(id)
      const status = await receive(input, async (client, delivery) => {
        await book(client, delivery)
        throw new Error('later')
      })
      expect([status, reports.at(-1)?.problem]).toEqual([500, undefined])
      expect(await effects(id)).toBe(0)
      expect(
        await receive({ ...input, headers: { ...input.headers, 'x-fluxora-delivery-id': tag('forged') } }, book),
      ).toBe(409)
      expect(await receive(input, book)).toBe(200)
      expect(await effects(id)).toBe(1)
    })

    it('undoes everything if a statement of the handler failed', async () => {
      const id = tag('aborted')
      const input = delivery(id)
      const broken = async (client: pg.PoolClient, delivery: VerifiedDelivery) => {
        await book(client, delivery)
        await client.query(`INSERT INTO ${schema}.effects VALUES ($1, 0)`, [id])
      }
      expect(await receive(input, broken)).toBe(500)
      expect(reports.at(-1)?.problem).toBeUndefined()
      expect(await receive(input, (client, delivery) => broken(client, delivery).catch(() => {}))).toBe(503)
      expect(await effects(id)).toBe(0)
      expect(await receive(input, book)).toBe(200)
      expect(await effects(id)).toBe(1)
    })

    it('commits nothing without the claim', async () => {
      const id = tag('unclaimed')
      const input = delivery(id)
      const status = await receive(input, async (client, delivery) => {
        await client.query('ROLLBACK')
        await client.query('BEGIN')
        await book(client, delivery)
      })
      expect(status).toBe(503)
      expect(await effects(id)).toBe(0)
    })

    it('needs no lease: a handler that takes longer than one still commits', async () => {
      const slow = createWebhookReceiver({
        secrets: secret,
        dedupe: store,
        leaseSeconds: 0.25,
        storeTimeoutSeconds: 0.25,
      })
      const client = await pool.connect()
      const id = tag('slow')
      await client.query('BEGIN')
      const outcome = await slow.receive(
        delivery(id),
        async (delivery) => {
          await new Promise((resolve) => setTimeout(resolve, 400))
          expect(await statusOf(store, [{ key: 'x' }])).toBe('claimed')
          await book(client, delivery)
        },
        { dedupe: store.inTransaction(client) },
      )
      expect((await client.query('COMMIT')).command).toBe('COMMIT')
      client.release()
      expect([outcome.code, await effects(id)]).toEqual(['ok', 1])
    })

    it('answers a second delivery at once while the first is being handled', async () => {
      const id = tag('second')
      const input = delivery(id)
      let second: number | undefined
      const first = await receive(input, async (client, delivery) => {
        second = await receive(input, book)
        await book(client, delivery)
      })
      expect([first, second, await effects(id)]).toEqual([200, 503, 1])
    })

    it('runs each of many, sent many times at once, exactly once', async () => {
      const inputs = Array.from({ length: 20 }, (_, n) => delivery(tag(`many ${n}`)))
      const send = async (input: (typeof inputs)[number]): Promise<void> => {
        while ((await receive(input, book)) !== 200) await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await Promise.all(Array.from({ length: 4 }, () => Promise.all(inputs.map(send))))
      const counts = await Promise.all(inputs.map(({ headers }) => effects(String(headers['x-fluxora-delivery-id']))))
      expect(counts).toEqual(inputs.map(() => 1))
    })
  })
})

describe('postgres, misuse', () => {
  it('refuses a value that is not a client, and a table that is not a name', () => {
    for (const wrong of [undefined, null, {}, 'postgres://'])
      expect(() => postgresDedupeStore(wrong as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    const client = { query: async () => ({ rows: [] }) }
    expect(() => postgresDedupeStore(client).inTransaction({} as never)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option: 'client' }),
    )
    for (const wrong of ['', 'a b', 'a"; DROP TABLE x', '1a', 'a.b.c', 'x'.repeat(49), 7 as never]) {
      expect(() => postgresDedupeStore(client, { table: wrong })).toThrow(expect.objectContaining({ option: 'table' }))
      expect(() => postgresDedupeSchema({ table: wrong })).toThrow(expect.objectContaining({ option: 'table' }))
    }
  })
})

const tag = (name: string): string => `${name} ${crypto.randomUUID()}`
