// What the sender costs: an attempt beside a loop over node:http that signs by hand; the dispatcher on PostgreSQL beside an outbox in bare
// SQL; and what one dead endpoint costs the others. Side by side in one run, the ratios round by round.
//
//   npm run build && node bench/sending.mjs [--rounds 20]

import { fork } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { inOwnSchema, POSTGRES_URL } from '../scripts/shared/servers.mjs'
import { median } from '../scripts/shared/statistics.mjs'
import { quick, spreadOf } from './harness.mjs'
import { bench } from './results.mjs'

if (process.argv[2] === 'endpoint') {
  // The endpoint, in a process of its own.
  const server = createServer((received, response) => {
    received.resume().on('end', () => response.end('ok'))
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  await once(process, 'disconnect')
  process.exit()
}

const { values: args } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } })
const ROUNDS = quick ? 2 : Number(args.rounds)
const { addressGuard, createDispatcher, createWebhookSender, memoryDeliveryLog, postgresDeliveryLog } = await import(
  new URL('../dist/sender.js', import.meta.url)
)
const guard = addressGuard({ allow: ['127.0.0.0/8'], allowHttp: true })
const body = JSON.stringify({ id: randomUUID(), event: 'stream.updated', amount: '1234.5678901' })
const { table, aim, done } = bench('sending', {
  title: 'Sending',
  about:
    'Attempts per second beside a loop that signs by hand, deliveries per second beside an outbox in bare SQL, and the delay of healthy endpoints beside a dead one. More is better, except for delays.',
})
const columns = [
  { key: 'name', title: 'case' },
  { key: 'bare', title: 'by hand, per second', digits: 0 },
  { key: 'ours', title: 'ours, per second', digits: 0 },
  { key: 'ratio', title: 'ours relative to by hand', digits: 2 },
  { key: 'spread', title: 'quartiles' },
]

/** Runs both in each round, in alternating order; each gives how many it did per second. */
async function compare(name, bare, ours, rounds) {
  const figures = { bare: [], ours: [], ratio: [] }
  await bare()
  await ours()
  for (let round = 0; round < rounds; round++) {
    const isBareFirst = round % 2 === 0
    const one = await (isBareFirst ? bare : ours)()
    const two = await (isBareFirst ? ours : bare)()
    const [ofBare, ofOurs] = isBareFirst ? [one, two] : [two, one]
    figures.bare.push(ofBare)
    figures.ours.push(ofOurs)
    figures.ratio.push(ofOurs / ofBare)
  }
  return { name, bare: median(figures.bare), ours: median(figures.ours), ...spreadOf(figures.ratio, 'ratio') }
}

// An attempt, beside what one writes by hand.

async function attempts() {
  const child = fork(import.meta.filename, ['endpoint'])
  const [port] = await once(child, 'message')
  const url = `http://127.0.0.1:${port}/hooks`
  const agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: 'lifo' })
  const sender = createWebhookSender({ guard })
  const endpoint = { id: 'ep', url, secrets: 'bench-secret' }

  const byHand = () => {
    const timestamp = Math.floor(Date.now() / 1000)
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-fluxora-delivery-id': randomUUID(),
      'x-fluxora-event': 'stream.updated',
      'x-fluxora-timestamp': timestamp,
      'x-fluxora-signature': createHmac('sha256', 'bench-secret').update(`${timestamp}.`).update(body).digest('hex'),
    }
    return new Promise((resolve, reject) => {
      const sent = request(url, { agent, method: 'POST', headers, timeout: 10_000 }, async (response) => {
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => resolve(Buffer.concat(chunks)))
      })
      sent.on('timeout', () => sent.destroy())
      sent.on('error', reject)
      sent.end(body)
    })
  }
  const ours = async () => {
    const delivery = { endpoint, deliveryId: randomUUID(), event: 'stream.updated', body, attempt: 1 }
    const { outcome } = await sender.attempt(delivery)
    if (outcome !== 'delivered') throw new Error(`The attempt was not delivered: ${outcome}.`)
  }
  const perSecond = (act, concurrency) => async () => {
    const startedAt = performance.now()
    let count = 0
    const loop = async () => {
      while (performance.now() - startedAt < 250) {
        await act()
        count++
      }
    }
    await Promise.all(Array.from({ length: concurrency }, loop))
    return (1000 * count) / (performance.now() - startedAt)
  }
  const rows = []
  for (const concurrency of [1, 32]) {
    const name = concurrency === 1 ? 'one at a time' : `${concurrency} at a time`
    rows.push(await compare(name, perSecond(byHand, concurrency), perSecond(ours, concurrency), ROUNDS))
  }
  table('An attempt over a kept connection', rows, { columns })
  for (const { name, ratio } of rows) aim(`attempt, ${name}`, ratio, 0.9, { atLeast: true })
  await sender.close()
  agent.destroy()
  child.disconnect()
}

// The dispatcher, beside the SQL that one writes by hand: claim a batch, send, settle each. Nothing is sent in either.

async function outboxes() {
  const schema = `fluxora_bench_sending_${process.pid}`
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 8 })
  const count = quick ? 200 : 2_000
  await inOwnSchema(pool, schema, async () => {
    await pool.query(`CREATE TABLE ${schema}.bare (id text PRIMARY KEY, endpoint text NOT NULL, body bytea NOT NULL, state text NOT NULL,
      attempt int NOT NULL DEFAULT 0, due_at timestamptz NOT NULL, token text)`)
    await pool.query(`CREATE INDEX ON ${schema}.bare (due_at) WHERE state = 'pending'`)
    const log = postgresDeliveryLog(pool, { table: `${schema}.ours` })
    await log.migrate()

    const claimSql = `UPDATE ${schema}.bare SET token = $1, attempt = attempt + 1, due_at = now() + interval '25 s' WHERE id IN
      (SELECT id FROM ${schema}.bare WHERE state = 'pending' AND due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING id, endpoint, body`
    const settleSql = `UPDATE ${schema}.bare SET state = 'delivered', token = NULL WHERE id = $1 AND token = $2`
    const bare = async () => {
      await pool.query(`TRUNCATE ${schema}.bare`)
      const fill = `INSERT INTO ${schema}.bare SELECT 'evt-' || n, 'ep-' || n % 50, $1::bytea, 'pending', 0, now() FROM generate_series(1, $2::int) AS n`
      await pool.query(fill, [Buffer.from(body), count])
      await pool.query(`ANALYZE ${schema}.bare`)
      const startedAt = performance.now()
      for (let settled = 0; settled < count; ) {
        const token = randomUUID()
        const { rows } = await pool.query({ name: 'bare_claim', text: claimSql, values: [token, 64] })
        const settle = ({ id }) => pool.query({ name: 'bare_settle', text: settleSql, values: [id, token] })
        await Promise.all(rows.map(settle))
        settled += rows.length
      }
      return (1000 * count) / (performance.now() - startedAt)
    }

    const ours = async () => {
      await pool.query(`TRUNCATE ${schema}.ours`)
      const ids = Array.from({ length: 50 }, (_, n) => `ep-${n}`)
      for (const id of ids) await log.enqueue({ endpoint: { id }, deliveryId: 'first', body: '{}' })
      await pool.query(`TRUNCATE ${schema}.ours`)
      const fill = `INSERT INTO ${schema}.ours (endpoint, id, body, due_at)
        SELECT 'ep-' || n % 50, 'evt-' || n, $1::bytea, 0 FROM generate_series(1, $2::int) AS n`
      await pool.query(fill, [Buffer.from(body), count])
      await pool.query(`ANALYZE ${schema}.ours`)
      let left = count
      const delivered = Promise.withResolvers?.() ?? withResolvers()
      const dispatcher = createDispatcher({
        sender: { attempt: async ({ attempt }) => ({ outcome: 'delivered', reason: 'ok', durationMs: 0, attempt }) },
        log,
        endpoints: (id) => ({ id, url: 'https://example.com', secrets: 'bench-secret' }),
        onAttempt: () => {
          left--
          if (left === 0) delivered.resolve()
        },
      })
      const startedAt = performance.now()
      dispatcher.start()
      await delivered.promise
      const perSecond = (1000 * count) / (performance.now() - startedAt)
      await dispatcher.drain()
      return perSecond
    }
    const row = await compare('50 endpoints, 64 at a time', bare, ours, Math.ceil(ROUNDS / 2))
    table('A dispatcher on PostgreSQL; nothing is sent', [row], { columns })
    aim('dispatcher beside bare SQL', row.ratio, 0.8, { atLeast: true })
  })
}

function withResolvers() {
  const made = {}
  made.promise = new Promise((resolve) => Object.assign(made, { resolve }))
  return made
}

// What one dead endpoint costs the others.

async function fairness() {
  const rows = []
  for (const isDeadThere of [false, true, false, true]) {
    const delays = await delaysOfHealthy(isDeadThere)
    const at = (share) => delays[Math.floor((delays.length - 1) * share)]
    const name = isDeadThere ? 'nine healthy endpoints, and a dead one with 2,000 deliveries' : 'nine healthy endpoints'
    rows.push({ name, p50: at(0.5), p99: at(0.99), most: at(1) })
  }
  table('From enqueue to arrival at a healthy endpoint, in milliseconds', rows, {
    columns: [
      { key: 'name', title: 'endpoints' },
      { key: 'p50', title: 'median', digits: 1 },
      { key: 'p99', title: 'p99', digits: 1 },
      { key: 'most', title: 'longest', digits: 1 },
    ],
    note: 'The dead endpoint accepts connections and never answers. 300 deliveries a second go to the healthy ones. Both cases are run twice, in turn.',
  })
}

async function delaysOfHealthy(isDeadThere) {
  const sentAt = new Map()
  const delays = []
  const server = createServer((received, response) => {
    if (received.url === '/dead') return
    const startedAt = sentAt.get(received.headers['x-fluxora-delivery-id'])
    delays.push(performance.now() - startedAt)
    response.end('ok')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${server.address().port}`
  const sender = createWebhookSender({ guard, timeoutMs: 1_000 })
  const dispatcher = createDispatcher({ sender, log: memoryDeliveryLog() })
  dispatcher.start()
  if (isDeadThere) {
    const dead = { id: 'dead', url: `${base}/dead`, secrets: 'bench-secret' }
    for (let n = 0; n < 2_000; n++) await dispatcher.enqueue({ endpoint: dead, deliveryId: `dead-${n}`, body })
  }
  for (let tick = 0; tick < (quick ? 20 : 500); tick++) {
    for (let n = 0; n < 3; n++) {
      const deliveryId = randomUUID()
      const id = `ep-${(3 * tick + n) % 9}`
      sentAt.set(deliveryId, performance.now())
      const endpoint = { id, url: `${base}/${id}`, secrets: 'bench-secret' }
      await dispatcher.enqueue({ endpoint, deliveryId, body })
    }
    await pause(10)
  }
  await pause(200)
  await dispatcher.drain({ timeoutMs: 1_500 })
  await sender.close()
  server.closeAllConnections()
  server.close()
  return delays.sort((a, b) => a - b)
}

await attempts()
await outboxes()
await fairness()
done()
