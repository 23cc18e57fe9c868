// One worker of the crash test: a webhook endpoint over HTTP that may be killed at any moment.
// argv: the built package, the engine, where it is, the prefix or schema, the log, lease seconds

import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const [dist, engine, place, name, logPath, leaseSeconds] = process.argv.slice(2)
const load = (entry) => import(pathToFileURL(`${dist}/${entry}.js`))
const options = { secrets: 'crash-test-secret', leaseSeconds: Number(leaseSeconds), storeTimeoutSeconds: 10 }

// Written by the kernel, so it outlives the process. The monotonic clock is one for all processes of a host.
const log = openSync(logPath, 'a')
const note = (what, id, detail = '') => writeSync(log, `${process.hrtime.bigint()} ${what} ${id} ${detail}\n`)
const onOutcome = ({ code, problem, deliveryId }) => note('outcome', deliveryId ?? '-', `${code} ${problem ?? '-'}`)

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Mostly quick, sometimes longer than a lease, sometimes failing. */
async function work(id) {
  const chance = Math.random()
  await pause(chance < 0.003 ? 1300 * leaseSeconds : chance < 0.1 ? 100 * Math.random() : 5 * Math.random())
  if (Math.random() < 0.02) {
    note('throw', id)
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
    note('start', deliveryId)
    await work(deliveryId)
    note('end', deliveryId)
  })
}

async function postgresListener() {
  const [{ createWebhookReceiver }, { postgresDedupeStore }, { default: pg }] = await Promise.all([
    load('webhook'),
    load('stores/postgres'),
    import('pg'),
  ])
  const pool = new pg.Pool({ connectionString: place, max: 6, application_name: name })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const store = postgresDedupeStore(pool, { table: `${name}.deliveries` })
  const receiver = createWebhookReceiver({ ...options, dedupe: store, onOutcome })

  async function receive(headers, body) {
    const client = await pool.connect()
    let failure
    try {
      await client.query('BEGIN')
      const handle = async ({ deliveryId }) => {
        note('start', deliveryId)
        await client.query(`INSERT INTO ${name}.effects (id) VALUES ($1)`, [deliveryId])
        await work(deliveryId)
        note('end', deliveryId)
      }
      const outcome = await receiver.receive({ headers, body }, handle, { dedupe: store.inTransaction(client) })
      const { command } = await client.query('COMMIT')
      return outcome.code === 'ok' && command !== 'COMMIT' ? 503 : outcome.status
    } catch (error) {
      failure = error
      return 503
    } finally {
      client.release(failure)
    }
  }

  return async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const status = await receive(request.headers, Buffer.concat(chunks)).catch(() => 503)
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  }
}

const listener = await (engine === 'redis' ? redisListener() : postgresListener())
const server = createServer((request, response) => {
  Promise.resolve(listener(request, response)).catch(() => response.destroy())
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())
