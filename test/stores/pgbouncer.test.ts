// PgBouncer in transaction mode: each statement may get another connection, on which nothing was prepared. The test starts its own
// PgBouncer in front of the real server.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import { claim, statusOf } from './claims.ts'
import { isReachable, POSTGRES_URL } from './servers.ts'

const isThere = (await isReachable('PostgreSQL', POSTGRES_URL)) && isInstalled()

function isInstalled(): boolean {
  if (spawnSync('pgbouncer', ['--version']).status === 0) return true
  if (process.env.CI === 'true') throw new Error('pgbouncer is not there; in CI no suite may be skipped')
  console.warn('SKIPPED: pgbouncer is not there; its suite did not run')
  return false
}

describe.skipIf(!isThere)('PgBouncer in transaction mode', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fluxora-pgbouncer-'))
  const { hostname, port, username, pathname } = new URL(POSTGRES_URL)
  const table = `pgbouncer_${crypto.randomUUID().slice(0, 8)}`
  let bouncer: ChildProcess | undefined
  let pool: pg.Pool
  let url = ''

  beforeAll(async () => {
    const own = await freePort()
    const settings = `[databases]
${pathname.slice(1)} = user=${username || 'root'} host=${hostname} port=${port || 5432}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
`
    const file = join(folder, 'pgbouncer.ini')
    writeFileSync(file, settings)
    chmodSync(folder, 0o755)
    // PgBouncer refuses to run as root.
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
    bouncer = spawn('pgbouncer', ['-q', ...user, file], { stdio: 'ignore' })
    url = `postgres://${username || 'root'}@127.0.0.1:${own}${pathname}`
    await answered(url)
    pool = new pg.Pool({ connectionString: url, max: 12 })
    await postgresDedupeStore(pool, { table }).migrate()
  }, 60_000)

  afterAll(async () => {
    await pool?.query(`DROP TABLE ${table}`)
    await pool?.end()
    bouncer?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  let made: ReturnType<typeof postgresDedupeStore> | undefined
  const makeStore = () => {
    made ??= postgresDedupeStore(pool, { table })
    return made
  }
  dedupeStoreConformance('pg Pool', makeStore, { describe, it: it.concurrent })

  it('gives each of 300 deliveries to one of several pools that claim it at once', async () => {
    const pools = [1, 2, 3].map(() => new pg.Pool({ connectionString: url, max: 8 }))
    const stores = pools.map((one) => postgresDedupeStore(one, { table }))
    const deliveries = Array.from({ length: 300 }, (_, n) => [
      { key: `${table} ${n}`, fingerprint: 'body' },
      { key: `${table} ${n} too` },
    ])
    const answers = await Promise.all(
      deliveries.flatMap((keys) => stores.map((store) => store.claim({ keys, leaseMs: 60_000, bindMs: 60_000 }))),
    )
    const won = answers.flatMap((answer) => (answer.status === 'claimed' ? [answer.claim] : []))
    expect(won).toHaveLength(300)
    expect(await Promise.all(won.map((held, n) => stores[n % 3]!.commit(held, 60_000)))).toEqual(won.map(() => true))
    await Promise.all(pools.map((one) => one.end()))
  })

  it('works inside a transaction of the application', async () => {
    const store = makeStore()
    const client = await pool.connect()
    const keys = [{ key: `${table} inside`, fingerprint: 'x' }, { key: `${table} inside too` }]
    await client.query('BEGIN')
    const inside = store.inTransaction(client)
    const held = await claim(inside, keys)
    expect(await statusOf(store, keys)).toBe('in_progress')
    expect(await inside.commit(held, 60_000)).toBe(true)
    await client.query('COMMIT')
    client.release()
    expect(await statusOf(store, keys)).toBe('duplicate')
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  return (address as { port: number }).port
}

async function answered(url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client(url)
    try {
      await client.connect()
      await client.query('SELECT 1')
      return
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    } finally {
      await client.end().catch(() => {})
    }
  }
}
