// SIGKILL in the middle of everything, on each storage: nothing that was answered is lost, nothing is done twice, and the table of ledgers is
// exactly the canonical chain. Quick here; `npm run crash:example` runs it long.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { isReachable, POSTGRES_URL, REDIS_URL } from '../stores/servers.ts'
import { crashRun } from './crash-run.ts'
import { emptyDatabase, emptyFolder, folder, isInstalled } from './support.ts'

const hasPostgres = await isReachable('Postgres', POSTGRES_URL)
const hasRedis = await isReachable('Redis', REDIS_URL)
const factor = Number(process.env.CRASH_FACTOR ?? 1)
const size = { deliveries: 200 * factor, batches: 60 * factor, streams: Math.min(900, 20 * factor) }

type Row = Record<string, unknown>
type Query = (sql: string) => Promise<Row[]>

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** A new storage: what the server is told of it, and how to look into its tables. */
async function open(storage: string): Promise<{ env: Record<string, string>; query: Query }> {
  const redis: Record<string, string> = storage.includes('Redis') ? { REDIS_URL } : {}
  if (storage.startsWith('SQLite')) {
    const directory = emptyFolder()
    const query: Query = async (sql) => {
      const database = openFile(join(directory, 'stream-server.db'))
      const rows = database.prepare(sql).all()
      database.close()
      return rows
    }
    return { env: { DATA_DIR: directory, ...redis }, query }
  }
  const { url, drop } = await emptyDatabase()
  undo.push(drop)
  const pool = new pg.Pool({ connectionString: url })
  pool.on('error', () => {})
  undo.push(() => pool.end())
  return { env: { DATABASE_URL: url, ...redis }, query: async (sql) => (await pool.query(sql)).rows }
}

interface Database {
  prepare(sql: string): { all(): Row[] }
  close(): void
}

function openFile(path: string): Database {
  const builtIn = process.getBuiltinModule('node:sqlite') as
    | { DatabaseSync: new (path: string) => Database }
    | undefined
  if (builtIn) return new builtIn.DatabaseSync(path)
  const BetterSqlite = createRequire(join(folder, 'package.json'))('better-sqlite3')
  return new BetterSqlite(path)
}

const storages = [
  'SQLite',
  ...(hasPostgres ? ['Postgres'] : []),
  ...(hasRedis ? ['SQLite and Redis'] : []),
  ...(hasPostgres && hasRedis ? ['Postgres and Redis'] : []),
]

describe.skipIf(!isInstalled)('killed again and again', () => {
  it.each(storages)(
    'loses nothing and does nothing twice on %s',
    async (storage) => {
      const { env, query } = await open(storage)
      const startedAt = performance.now()
      const { promised, server } = await crashRun(env, size)
      undo.push(async () => {
        server.process.kill('SIGKILL')
        await server.exit
      })
      const { received, again, chain, created, cancelled, told, kills, reorgs } = promised
      expect(kills).toBeGreaterThan(0)

      const effects = await query('SELECT scheme, count(*) AS n FROM received GROUP BY scheme')
      expect(Object.fromEntries(effects.map(({ scheme, n }) => [scheme, Number(n)]))).toEqual(received)
      expect(Object.values(received)).toEqual([1, 2, 3, 4].map(() => size.deliveries / 4))
      expect(again.other).toEqual([])

      const ledgers = await query('SELECT sequence, hash FROM ledgers ORDER BY sequence')
      expect(ledgers.map(({ sequence, hash }) => ({ sequence: Number(sequence), hash }))).toEqual(chain)

      const streams = await query('SELECT id, cancelled_at FROM streams')
      const ids = streams.map(({ id }) => String(id))
      expect(ids).toEqual(expect.arrayContaining([...created]))
      // Each stream, also one whose creation was never answered, is told of under one id, however often that is sent.
      const idsOf = (event: string): Record<string, number> =>
        Object.fromEntries([...(told[event] ?? [])].map(([stream, deliveries]) => [stream, deliveries.size]))
      expect(idsOf('stream.created')).toEqual(Object.fromEntries(ids.map((id) => [id, 1])))
      expect(idsOf('stream.cancelled')).toEqual(Object.fromEntries(cancelled.map((id) => [id, 1])))

      const seconds = Math.round((performance.now() - startedAt) / 1000)
      const counts = `${size.deliveries} deliveries, ${chain.length} ledgers, ${reorgs} reorgs, ${ids.length} streams`
      console.info(`${storage}: ${kills} kills in ${seconds} s; ${counts}; nothing lost, nothing twice`)
    },
    60_000 + 60_000 * factor,
  )
})
