// Claim and commit of each store, compared with the plain commands for a minimal lock: SET NX PX and DEL; INSERT ON CONFLICT and UPDATE.
// Side by side in one run: each round gives both a short slice of time, in alternating order, and the ratios are taken round by round.
//
//   npm run build && node bench/stores.mjs [--rounds 40] [--only redis|postgres|sqlite] [--dist ../dist]
//
// The benchmark starts two Redis instances. One writes nothing to disk: there a command takes a few microseconds, and the cost of a script
// shows. The other flushes each write to disk, like a store that must not forget.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import pg from 'pg'
import { createClient as createClient4 } from 'redis4'
import { createClient as createClient5 } from 'redis5'
import { createClient as createClient6 } from 'redis6'
import { DURABLE, freePort, inOwnSchema, POSTGRES_URL, startRedis } from '../scripts/shared/servers.mjs'
import { median } from '../scripts/shared/statistics.mjs'
import { quick, spreadOf } from './harness.mjs'
import { bench } from './results.mjs'

const { values: args } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    only: { type: 'string', default: '' },
    dist: { type: 'string', default: '../dist' },
  },
})
const dist = new URL(`${args.dist}/`, pathToFileURL(`${import.meta.dirname}/`))
const { redisDedupeStore } = await import(new URL('stores/redis.js', dist))
const { postgresDedupeStore } = await import(new URL('stores/postgres.js', dist))
const { sqliteDedupeStore } = await import(new URL('stores/sqlite.js', dist))

const columns = [
  { key: 'name', title: 'case' },
  { key: 'bare', title: 'plain, per second', digits: 0 },
  { key: 'store', title: 'store, per second', digits: 0 },
  { key: 'ratio', title: 'store relative to plain', digits: 2 },
  { key: 'spread', title: 'quartiles' },
]
const AIMED = /^(?:ioredis|node-redis 6), one at a time$|^written by hand,/
const { table, aim, done } = bench('stores', {
  title: 'Stores',
  about:
    'Pairs of claim and commit per second, compared with the plain commands for a minimal lock: SET NX PX and DEL; INSERT ON CONFLICT and UPDATE. More is better. Our commit checks that the claim is still held; the plain DEL does not.',
})
const ROUNDS = quick ? 2 : Number(args.rounds)
const SLICE_MS = 60
const folder = mkdtempSync(join(tmpdir(), 'fluxora-bench-'))
const DAY = 86_400_000
let keys = 0
const newKey = () => `standardwebhooks:${String(keys++).padStart(64, '0')}`

async function slice(pair, concurrency) {
  const startedAt = performance.now()
  let done = 0
  const worker = async () => {
    while (performance.now() - startedAt < SLICE_MS) {
      await pair(newKey())
      done++
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return (1000 * done) / (performance.now() - startedAt)
}

/** Rows of the table that is being filled. */
let rows = []

async function compare(name, bare, pair, concurrency = 1) {
  const figures = { bare: [], store: [], ratio: [] }
  await slice(bare, concurrency)
  await slice(pair, concurrency)
  for (let round = 0; round < ROUNDS; round++) {
    const first = round % 2 === 0 ? bare : pair
    const one = await slice(first, concurrency)
    const two = await slice(first === bare ? pair : bare, concurrency)
    const [ofBare, ofStore] = first === bare ? [one, two] : [two, one]
    figures.bare.push(ofBare)
    figures.store.push(ofStore)
    figures.ratio.push(ofStore / ofBare)
  }
  const [ofBare, ofStore] = [median(figures.bare), median(figures.store)]
  rows.push({ name, bare: ofBare, store: ofStore, ...spreadOf(figures.ratio, 'ratio') })
}

/** A table of what `fill` compares. The store has an aim in the cases that AIMED matches. */
async function tableOf(caption, fill) {
  rows = []
  await fill()
  table(caption, rows, { columns })
  for (const { name, ratio } of rows.filter(({ name }) => AIMED.test(name))) {
    aim(`${caption}: ${name}`, ratio, 0.9, { atLeast: true })
  }
}

/** One key, as most schemes have: claim and commit. */
const pairOf = (store) => async (key) => {
  const answer = await store.claim({ keys: [{ key }], leaseMs: 60_000, bindMs: 660_000 })
  await store.commit(answer.claim, DAY)
}

/** Two keys bound to each other, as in the Fluxora scheme. */
const setOf = (store) => async (key) => {
  const both = [
    { key, fingerprint: key },
    { key: `${key}b`, fingerprint: key },
  ]
  const answer = await store.claim({ keys: both, leaseMs: 60_000, bindMs: 660_000 })
  await store.commit(answer.claim, DAY)
}

async function redis(title, options, isDurable) {
  const port = await freePort()
  const server = startRedis(port, join(folder, String(port)), options)
  const url = `redis://127.0.0.1:${port}`
  const io = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  io.on('error', () => {})
  await io.ping()
  const byNodeRedis = (client) => async (key) => {
    await client.set(key, crypto.randomUUID(), { PX: 60_000, NX: true })
    await client.del(key)
  }
  const byIoredis = async (key) => {
    await io.set(key, crypto.randomUUID(), 'PX', 60_000, 'NX')
    await io.del(key)
  }
  // The least that a lock written by hand needs: without the check, it may release another worker's lock.
  const sha1 = await io.script(
    'LOAD',
    `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end`,
  )
  const byCheckingIoredis = async (key) => {
    const token = crypto.randomUUID()
    await io.set(key, token, 'PX', 60_000, 'NX')
    await io.evalsha(sha1, 1, key, token)
  }
  const four = createClient4({ url })
  await four.connect()
  const five = await createClient5({ url }).connect()
  const six = await createClient6({ url }).connect()
  await tableOf(title, async () => {
    for (const concurrency of [1, 16]) {
      const at = concurrency === 1 ? 'one at a time' : `${concurrency} at a time`
      await compare(`ioredis, ${at}`, byIoredis, pairOf(redisDedupeStore(io)), concurrency)
      await compare(`node-redis 6, ${at}`, byNodeRedis(six), pairOf(redisDedupeStore(six)), concurrency)
      const check = `ioredis, ${at}, DEL in a script that checks the token`
      await compare(check, byCheckingIoredis, pairOf(redisDedupeStore(io)), concurrency)
      if (isDurable) continue
      await compare(`node-redis 5, ${at}`, byNodeRedis(five), pairOf(redisDedupeStore(five)), concurrency)
      await compare(`node-redis 4, ${at}`, byNodeRedis(four), pairOf(redisDedupeStore(four)), concurrency)
    }
    await compare('ioredis, two bound keys, compared with one plain key', byIoredis, setOf(redisDedupeStore(io)))
  })
  io.disconnect()
  await Promise.all([four.disconnect(), five.destroy(), six.destroy()])
  server.kill('SIGKILL')
}

async function postgres() {
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 8 })
  const schema = `fluxora_bench_${process.pid}`
  await inOwnSchema(pool, schema, async () => {
    await pool.query(`CREATE TABLE ${schema}.bare (key text PRIMARY KEY, token text, expires_at timestamptz NOT NULL)`)
    await pool.query(`CREATE INDEX ON ${schema}.bare (expires_at)`)
    const store = postgresDedupeStore(pool, { table: `${schema}.deliveries` })
    await store.migrate()
    const insert = `INSERT INTO ${schema}.bare VALUES ($1, $2, now() + interval '60 s') ON CONFLICT DO NOTHING RETURNING 1`
    const update = `UPDATE ${schema}.bare SET token = NULL, expires_at = now() + interval '1 day' WHERE key = $1 AND token = $2`
    const bare = async (key) => {
      const token = crypto.randomUUID()
      await pool.query(insert, [key, token])
      await pool.query(update, [key, token])
    }
    const prepared = async (key) => {
      const token = crypto.randomUUID()
      await pool.query({ name: 'insert', text: insert, values: [key, token] })
      await pool.query({ name: 'update', text: update, values: [key, token] })
    }
    await tableOf('Postgres, through a pg Pool', async () => {
      for (const concurrency of [1, 8]) {
        await compare(`written by hand, ${concurrency} at a time`, bare, pairOf(store), concurrency)
        await compare(`written by hand and prepared, ${concurrency} at a time`, prepared, pairOf(store), concurrency)
      }
      await compare('two bound keys, compared with one plain key', bare, setOf(store))
    })
  })
}

async function sqlite() {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite') ?? {}
  if (!DatabaseSync) return console.log(`\nSQLite: skipped, because Node ${process.version} has no node:sqlite`)
  const database = new DatabaseSync(join(folder, 'bench.db'))
  const store = sqliteDedupeStore(database)
  await store.migrate()
  database.exec('CREATE TABLE bare (key TEXT PRIMARY KEY, token TEXT, expires_at INTEGER NOT NULL)')
  database.exec('CREATE INDEX bare_expires_at ON bare (expires_at)')
  const insert = database.prepare('INSERT INTO bare VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const update = database.prepare('UPDATE bare SET token = NULL, expires_at = ? WHERE key = ? AND token = ?')
  const bare = async (key) => {
    const token = crypto.randomUUID()
    insert.run(key, token, Date.now() + 60_000)
    update.run(Date.now() + DAY, key, token)
  }
  for (const level of ['FULL', 'NORMAL']) {
    database.exec(`PRAGMA synchronous = ${level}`)
    await tableOf(`SQLite, node:sqlite, synchronous = ${level}`, () => compare('one at a time', bare, pairOf(store)))
  }
  database.close()
}

const isAsked = (name) => args.only === '' || args.only === name

try {
  if (isAsked('redis')) {
    await redis('Redis, every write flushed to disk (appendfsync always)', DURABLE, true)
    await redis('Redis, nothing written to disk', [], false)
  }
  if (isAsked('postgres')) await postgres()
  if (isAsked('sqlite')) await sqlite()
  done()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
