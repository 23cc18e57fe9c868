// Every delivery log keeps every promise: in memory, in SQLite files, and on a real PostgreSQL.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDispatcher, memoryDeliveryLog, postgresDeliveryLog, sqliteDeliveryLog } from '../../src/sender/index.ts'
import { deliveryLogConformance } from '../../src/testing/index.ts'
import { isReachable, POSTGRES_URL } from '../stores/servers.ts'
import { sqliteHandles } from '../stores/sqlite-handles.mjs'

deliveryLogConformance('memory', memoryDeliveryLog, { describe, it })

const folder = mkdtempSync(join(tmpdir(), 'fluxora-logs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

for (const [name, open] of Object.entries(sqliteHandles)) {
  if (!open) continue
  const makeLog = async () => {
    const log = sqliteDeliveryLog(open(join(folder, `${files++}.db`)))
    await log.migrate()
    return log
  }
  deliveryLogConformance(name, makeLog, { describe, it })

  it(`${name}: explains a table that is missing`, async () => {
    const log = sqliteDeliveryLog(open(':memory:'))
    await expect(log.counts()).rejects.toThrow('"webhook_outbox" does not exist. Call the store\'s migrate() once')
  })
}

describe.skipIf(!(await isReachable('PostgreSQL', POSTGRES_URL)))('PostgreSQL', () => {
  const schema = `fluxora_log_${crypto.randomUUID().slice(0, 8)}`
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 8 })
  const strict = new pg.Pool({
    connectionString: POSTGRES_URL,
    max: 8,
    options: '-c default_transaction_isolation=serializable',
  })
  let tables = 0
  const makeOn = (client: pg.Pool) => async () => {
    const log = postgresDeliveryLog(client, { table: `${schema}.log_${tables++}` })
    await log.migrate()
    return log
  }
  beforeAll(() => pool.query(`CREATE SCHEMA ${schema}`))
  afterAll(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await Promise.all([pool.end(), strict.end()])
  })

  deliveryLogConformance('PostgreSQL', makeOn(pool), { describe, it })
  deliveryLogConformance('PostgreSQL, serializable', makeOn(strict), { describe, it })

  it('is a part of your transaction, and gone with it', async () => {
    const log = await makeOn(pool)()
    const client = await pool.connect()
    const delivery = { endpoint: { id: 'ep' }, deliveryId: 'evt', body: '{}' }
    try {
      await client.query('BEGIN')
      expect(await log.inTransaction(client).enqueue(delivery)).toBe('enqueued')
      expect(await log.inTransaction(client).enqueue(delivery)).toBe('duplicate')
      expect(await log.counts()).toMatchObject({ pending: 0 })
      await client.query('ROLLBACK')
      expect(await log.counts()).toMatchObject({ pending: 0 })
      await client.query('BEGIN')
      await log.inTransaction(client).enqueue(delivery)
      await client.query('COMMIT')
      expect(await log.counts()).toMatchObject({ pending: 1, due: 1 })
      expect(() => log.inTransaction({} as never)).toThrow('client must be a client')
    } finally {
      client.release()
    }
  })

  it('gives each delivery to one of several dispatchers', async () => {
    const log = await makeOn(pool)()
    const sent: string[] = []
    const others = Array.from({ length: 3 }, () =>
      createDispatcher({
        sender: {
          async attempt({ deliveryId, attempt }) {
            sent.push(deliveryId)
            return { outcome: 'delivered', reason: 'ok', durationMs: 0, attempt }
          },
        },
        log,
        endpoints: (id) => ({ id, url: 'https://example.com', secrets: 'topsecret' }),
        pollMs: 5,
      }),
    )
    for (const dispatcher of others) dispatcher.start()
    const ids = Array.from({ length: 200 }, (_, n) => `evt-${n}`)
    await Promise.all(ids.map((id, n) => log.enqueue({ endpoint: { id: `ep-${n % 7}` }, deliveryId: id, body: '{}' })))
    await vi.waitFor(async () => expect(await log.counts()).toMatchObject({ pending: 0, delivered: 200 }), 10_000)
    await Promise.all(others.map((dispatcher) => dispatcher.drain()))
    expect(sent.sort()).toEqual(ids.sort())
  })

  it('migrates from several processes at once, and twice', async () => {
    const log = postgresDeliveryLog(pool, { table: `${schema}.many` })
    await Promise.all(Array.from({ length: 8 }, () => log.migrate()))
    await expect(log.counts()).resolves.toMatchObject({ pending: 0 })
  })

  it('explains a table that is missing, and refuses names that are none', async () => {
    await expect(postgresDeliveryLog(pool, { table: `${schema}.nope` }).counts()).rejects.toThrow('does not exist')
    for (const options of [{ table: 'a"; DROP' }, { tabel: 'x' }] as never[]) {
      expect(() => postgresDeliveryLog(pool, options)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    }
  })
})
