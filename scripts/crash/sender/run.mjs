// The sender's crash test: dispatchers on one outbox in PostgreSQL are killed and their connections cut, while endpoints hang, fail and
// vanish. At the end, each delivery must have ended, none may be lost, and each must have had its effect at most once.
//
//   npm run crash:sender [-- --deliveries 10000 --workers 4]
//
// It uses a schema of its own, and cuts only its own connections.

import { fork } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { root } from '../../shared/repository.mjs'
import { inOwnSchema, POSTGRES_URL } from '../../shared/servers.mjs'
import { startEndpoints } from './endpoints.mjs'

const { values: args } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '4' },
    'at-most-seconds': { type: 'string', default: '600' },
  },
})
const [DELIVERIES, WORKERS] = [Number(args.deliveries), Number(args.workers)]

// Run from a copy, so that a build during the test does not affect the workers.
const folder = mkdtempSync(join(tmpdir(), 'fluxora-crash-sender-'))
const dist = join(folder, 'dist')
cpSync(resolve(root, 'dist'), dist, { recursive: true })
cpSync(join(root, 'package.json'), join(folder, 'package.json'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
const load = (entry) => import(pathToFileURL(join(dist, `${entry}.js`)))
const { postgresDeliveryLog } = await load('sender/postgres')
const { createWebhookListener } = await load('http')
const { memoryDedupeStore } = await load('webhook')

/** Deliveries in the order in which they are enqueued, each to an endpoint by its weight. */
function plan(endpoints) {
  const pot = endpoints.flatMap((endpoint) => Array(endpoint.weight).fill(endpoint))
  return Array.from({ length: DELIVERIES }, (_, n) => {
    // Every endpoint gets some, whatever chance says.
    const endpoint = endpoints[n] ?? pot[Math.floor(Math.random() * pot.length)]
    return {
      endpoint: { id: endpoint.id },
      deliveryId: `evt-${n}`,
      event: 'stream.updated',
      body: JSON.stringify({ n }),
    }
  })
}

/** Enqueues in transactions of ten; one in twenty is rolled back, and its deliveries must never be sent. */
async function enqueueAll(pool, log, deliveries, rolledBack) {
  const client = await pool.connect()
  for (let at = 0; at < deliveries.length; at += 10) {
    if (Math.random() < 0.05) {
      await client.query('BEGIN')
      const ghost = { ...deliveries[at], deliveryId: `ghost-${at}` }
      await log.inTransaction(client).enqueue(ghost)
      await client.query('ROLLBACK')
      rolledBack.add(ghost.deliveryId)
    }
    await client.query('BEGIN')
    for (const delivery of deliveries.slice(at, at + 10)) await log.inTransaction(client).enqueue(delivery)
    await client.query('COMMIT')
  }
  client.release()
}

function startWorkers(schema) {
  const tally = { kills: 0, outcomes: {}, changes: {} }
  const slots = Array.from({ length: WORKERS }, () => ({}))
  let isOver = false
  const start = (slot) => {
    slot.isReady = false
    const child = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), [dist, POSTGRES_URL, schema])
    slot.child = child
    child.on('message', ({ ready, outcome, state, endpointId }) => {
      if (ready) slot.isReady = true
      if (outcome) tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1
      if (state === 'disabled') tally.changes[endpointId] = (tally.changes[endpointId] ?? 0) + 1
    })
    child.once('exit', () => {
      if (!isOver) start(slot)
    })
  }
  slots.forEach(start)
  return {
    tally,
    killOne() {
      const alive = slots.filter(({ isReady }) => isReady)
      if (alive.length <= WORKERS / 2) return
      const slot = alive[Math.floor(Math.random() * alive.length)]
      slot.isReady = false
      slot.child.kill('SIGKILL')
      tally.kills++
    },
    async stop() {
      isOver = true
      await Promise.all(
        slots.map(({ child }) => {
          child.kill('SIGTERM')
          return new Promise((gone) => child.once('exit', gone))
        }),
      )
    },
  }
}

async function crash(pool, schema) {
  const log = postgresDeliveryLog(pool, { table: `${schema}.outbox` })
  await log.migrate()
  const world = await startEndpoints(createWebhookListener, () => memoryDedupeStore({ maxEntries: 100_000 }))
  await pool.query(`CREATE TABLE ${schema}.endpoints (id text PRIMARY KEY, url text NOT NULL)`)
  for (const { id, url } of world.endpoints) {
    await pool.query(`INSERT INTO ${schema}.endpoints (id, url) VALUES ($1, $2)`, [id, url])
  }
  const deliveries = plan(world.endpoints)
  const rolledBack = new Set()
  const startedAt = performance.now()
  const workers = startWorkers(schema)
  const enqueueing = enqueueAll(pool, log, deliveries, rolledBack)
  let isOver = false
  let cut = 0
  const killing = (async () => {
    while (!isOver) {
      await pause(400 + 800 * Math.random())
      if (!isOver) workers.killOne()
    }
  })()
  const cutting = (async () => {
    while (!isOver) {
      await pause(1_500 + 2_500 * Math.random())
      const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`
      cut += (await pool.query(sql, [schema])).rowCount
    }
  })()
  await enqueueing
  const deadline = startedAt + 1000 * Number(args['at-most-seconds'])
  while ((await log.counts()).pending > 0 && performance.now() < deadline) await pause(250)
  const seconds = (performance.now() - startedAt) / 1000
  isOver = true
  await Promise.all([killing, cutting])
  await workers.stop()
  world.close()
  const { rows } = await pool.query(`SELECT endpoint, id, state, reason, attempt FROM ${schema}.outbox`)
  return { rows, world, tally: workers.tally, deliveries, rolledBack, seconds, cut }
}

function report({ rows, world, tally, deliveries, rolledBack, seconds, cut }) {
  const { effects, count, endpoints } = world
  console.log(
    `${deliveries.length} deliveries to ${endpoints.length} endpoints, ${WORKERS} workers, ${seconds.toFixed(0)} s`,
  )
  console.log(
    `  workers killed ${tally.kills} times, connections cut ${cut}; transactions rolled back ${rolledBack.size}`,
  )
  console.log(`  requests ${count.requests}, of which duplicates that the receivers turned away ${count.duplicates}`)
  console.log(`  attempts as the workers told them ${JSON.stringify(tally.outcomes)}`)
  const table = {}
  for (const { endpoint, state, reason } of rows) {
    const kind = endpoint.split('-')[0]
    const what = state === 'delivered' ? 'delivered' : `${state}: ${reason}`
    table[kind] = { ...table[kind], [what]: (table[kind]?.[what] ?? 0) + 1 }
  }
  for (const [kind, states] of Object.entries(table)) console.log(`  ${kind.padEnd(10)} ${JSON.stringify(states)}`)

  const known = new Set(rows.map(({ endpoint, id }) => `${endpoint} ${id}`))
  const lost = deliveries.filter(({ endpoint, deliveryId }) => !known.has(`${endpoint.id} ${deliveryId}`)).length
  const unfinished = rows.filter(({ state }) => state === 'pending').length
  const withoutReason = rows.filter(({ state, reason }) => state !== 'pending' && !reason).length
  const delivered = rows.filter(({ state }) => state === 'delivered')
  const withoutEffect = delivered.filter(({ endpoint, id }) => !effects.has(`${endpoint} ${id}`)).length
  const twice = [...effects.values()].filter((times) => times > 1).length
  const ghosts = rows.filter(({ id }) => rolledBack.has(id)).length
  const ghostEffects = [...effects.keys()].filter((key) => rolledBack.has(key.split(' ')[1])).length
  const toldTwice = Object.values(tally.changes).filter((times) => times > 1).length
  const checks = [
    ['deliveries lost', lost],
    ['deliveries that have not ended', unfinished],
    ['deliveries that ended without a reason', withoutReason],
    ['delivered without an effect', withoutEffect],
    ['effects that happened twice', twice],
    ['deliveries of rolled back transactions, in the log or sent', ghosts + ghostEffects],
    ['endpoints told to be disabled twice', toldTwice],
  ]
  for (const [what, value] of checks) console.log(`  ${value === 0 ? 'ok  ' : 'FAIL'} ${what}: ${value}`)
  console.log(`  ${delivered.length} delivered, ${rows.length - delivered.length - unfinished} dead`)
  return checks.every(([, value]) => value === 0)
}

const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 3 })
try {
  const schema = `fluxora_crash_sender_${process.pid}`
  const figures = await inOwnSchema(pool, schema, () => crash(pool, schema))
  process.exitCode = report(figures) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
