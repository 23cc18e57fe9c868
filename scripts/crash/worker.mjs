// One worker of the crash test: a webhook endpoint over HTTP that may be killed at any moment.
// Arguments: the built package, the engine, its URL, the prefix or schema, the log, the lease in seconds.

import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const [dist, engine, place, name, logPath, leaseSeconds] = process.argv.slice(2)
const load = (entry) => import(pathToFileURL(`${dist}/${entry}.js`))
const options = {
  secrets: 'crash-test-secret',
  leaseSeconds: Number(leaseSeconds),
  storeTimeoutSeconds: Number(leaseSeconds), // not longer, or a claim could run out while the store is being asked for it
}

// The kernel has each line before the process can die. All processes of a host share the monotonic clock.
const log = openSync(logPath, 'a')
const note = (what, id, detail = '') => writeSync(log, `${process.hrtime.bigint()} ${what} ${id} ${detail}\n`)
const onOutcome = ({ code, problem, deliveryId }) => note('outcome', deliveryId ?? '-', `${code} ${problem ?? '-'}`)

let runs = 0
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Usually fast, sometimes longer than a lease, sometimes failing. */
async function work(id, run) {
  const chance = Math.random()
  await pause(chance < 0.003 ? 1300 * leaseSeconds : chance < 0.1 ? 100 * Math.random() : 5 * Math.random())
  if (Math.random() < 0.02) {
    note('throw', id, run)
    throw new Error('the handler failed')
  }
}

async function redisListener() {
  const [{ createWebhookListener }, { redisDedupeStore }, { Redis }] = await Promise.all([
    load('http'),
    load('stores/redis'),
    import('ioredis'),
  ])
  const client = new Redis(place, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => {})
  const dedupe = redisDedupeStore(client, { prefix: name })
  return createWebhookListener({ ...options, dedupe, onOutcome }, async ({ deliveryId }) => {
    const run = runs++
    note('start', deliveryId, run)
    await work(deliveryId, run)
    note('end', deliveryId, run)
  })
}

async function postgresListener() {
  const [{ createWebhookListener }, { postgresDedupeStore }, { default: pg }] = await Promise.all([
    load('http'),
    load('stores/postgres'),
    import('pg'),
  ])
  const pool = new pg.Pool({ connectionString: place, max: 6, application_name: name })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const store = postgresDedupeStore(pool, { table: `${name}.deliveries` })

  /** The recipe from docs/dedupe.md. */
  async function transaction(run) {
    const client = await pool.connect()
    let failure
    try {
      await client.query('BEGIN')
      const outcome = await run(store.inTransaction(client), client)
      const { command } = await client.query('COMMIT')
      if (outcome.ok && command !== 'COMMIT') throw new Error('The transaction was rolled back.')
    } catch (error) {
      failure = error
      throw error
    } finally {
      client.release(failure)
    }
  }

  return createWebhookListener({ ...options, transaction, onOutcome }, async ({ deliveryId }, context) => {
    const run = runs++
    note('start', deliveryId, run)
    await context.transaction.query(`INSERT INTO ${name}.effects (id) VALUES ($1)`, [deliveryId])
    await work(deliveryId, run)
    note('end', deliveryId, run)
  })
}

const listener = await (engine === 'redis' ? redisListener() : postgresListener())
const server = createServer((request, response) => {
  Promise.resolve(listener(request, response)).catch(() => response.destroy())
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())
