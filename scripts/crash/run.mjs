// The crash test: kills workers and cuts connections while senders deliver. At the end, each delivery must have had its effect.
//
//   npm run build && node scripts/crash/run.mjs [--store redis|postgres|both] [--deliveries 10000] [--workers 8] [--dist dist]
//
// It starts its own Redis. In PostgreSQL it uses its own schema, and cuts only its own connections.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../shared/repository.mjs'
import { DURABLE, freePort, inOwnSchema, POSTGRES_URL, startRedis } from '../shared/servers.mjs'
import { readLogs } from './logs.mjs'
import { sendAll } from './senders.mjs'
import { startWorkers } from './workers.mjs'

const { values: args } = parseArgs({
  options: {
    store: { type: 'string', default: 'both' },
    deliveries: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '8' },
    concurrency: { type: 'string', default: '96' },
    dist: { type: 'string', default: 'dist' },
  },
})
const DELIVERIES = Number(args.deliveries)
const WORKERS = Number(args.workers)
const CONCURRENCY = Number(args.concurrency)

// Run from a copy, so that a build during the test does not affect the workers.
const folder = mkdtempSync(join(tmpdir(), 'fluxora-crash-'))
const dist = join(folder, 'dist')
cpSync(resolve(root, args.dist), dist, { recursive: true })
cpSync(join(root, 'package.json'), join(folder, 'package.json'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
const { createWebhookSigner } = await import(pathToFileURL(join(dist, 'webhook.js')))
const { sign } = createWebhookSigner({ secrets: 'crash-test-secret' })

async function crash(engine, place, name, cuts) {
  const logs = join(folder, `${engine}-logs`)
  mkdirSync(logs)
  const startedAt = performance.now()
  const workers = await startWorkers({ count: WORKERS, dist, engine, place, name, logs })
  let isOver = false
  let cutsDone = 0
  let done = 0
  const killing = (async () => {
    while (!isOver) {
      await pause(300 + 700 * Math.random())
      if (!isOver) workers.killOne()
    }
  })()
  const cutting = (async () => {
    for (const [at, cut] of cuts) {
      while (!isOver && done < at) await pause(50)
      if (isOver) return
      await cut()
      cutsDone++
    }
  })()
  const sending = { deliveries: DELIVERIES, concurrency: CONCURRENCY, sign, port: workers.port }
  const count = await sendAll(sending, (share) => {
    done = share
  })
  isOver = true
  await Promise.all([killing, cutting])
  await workers.stop()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    `\n${engine}: ${DELIVERIES} deliveries, sent ${count.sent} times in ${count.attempts} attempts, took ${seconds} s`,
  )
  console.log(`  ${WORKERS} workers, killed ${workers.kills()} times; connections to the store cut ${cutsDone} times`)
  console.log(`  ${count.refused} attempts not answered with 2xx, ${count.broken} without an answer`)
  return readLogs(logs, workers.ends)
}

function report(figures, checks) {
  const { starts, ends, throws, inFlight, reruns, codes, problems } = figures
  console.log(`  handler runs: ${starts} started, ${ends} finished, ${throws} failed on purpose`)
  console.log(`  ${inFlight} claims in flight at a kill or a cut, ${reruns} runs after an unfinished one`)
  console.log(`  outcomes ${JSON.stringify(codes)}, problems ${JSON.stringify(problems)}`)
  let isRight = true
  for (const [what, value, holds] of checks) {
    console.log(`  ${holds ? 'ok  ' : 'FAIL'} ${what}: ${value}`)
    isRight &&= holds
  }
  return isRight
}

async function crashRedis() {
  const port = await freePort()
  let server
  const up = async () => {
    server = startRedis(port, join(folder, 'redis'), DURABLE)
    const { Redis } = await import('ioredis')
    const probe = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null })
    probe.on('error', () => {})
    await probe.ping()
    probe.disconnect()
  }
  const restart = async () => {
    server.kill('SIGKILL')
    await new Promise((gone) => server.once('exit', gone))
    await pause(200)
    await up()
  }
  const dropClients = async () => {
    const { Redis } = await import('ioredis')
    const client = new Redis(port, '127.0.0.1')
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    client.disconnect()
  }
  await up()
  try {
    const cuts = [
      [0.2, dropClients],
      [0.35, restart],
      [0.5, dropClients],
      [0.7, restart],
      [0.85, dropClients],
    ]
    const figures = await crash('redis', `redis://127.0.0.1:${port}`, 'crash:', cuts)
    return report(figures, [
      ['deliveries lost', DELIVERIES - figures.handled, figures.handled === DELIVERIES],
      ['times that two handlers held one delivery', figures.overlaps, figures.overlaps === 0],
      ['times that the first of two was told that it lost its claim', figures.overlapsTold, true],
      ['re-runs (at most the claims in flight)', figures.reruns, figures.reruns <= figures.inFlight],
      ['re-runs of a delivery that was not in flight', figures.unexplained, figures.unexplained === 0],
    ])
  } finally {
    server.kill('SIGKILL')
  }
}

async function crashPostgres() {
  const { default: pg } = await import('pg')
  const { postgresDedupeStore } = await import(pathToFileURL(join(dist, 'stores/postgres.js')))
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 2 })
  const schema = `fluxora_crash_${process.pid}`
  return inOwnSchema(pool, schema, async () => {
    await postgresDedupeStore(pool, { table: `${schema}.deliveries` }).migrate()
    await pool.query(`CREATE TABLE ${schema}.effects (id text NOT NULL)`)
    let connectionsCut = 0
    const cut = async () => {
      const sql = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1'
      connectionsCut += (await pool.query(sql, [schema])).rowCount
    }
    const cuts = [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9].map((at) => [at, cut])
    const figures = await crash('postgres', POSTGRES_URL, schema, cuts)
    console.log(`  ${connectionsCut} connections cut`)
    const { rows } = await pool.query(`SELECT n::int, count(*)::int AS deliveries FROM
      (SELECT count(*) AS n FROM ${schema}.effects GROUP BY id) AS effects GROUP BY n ORDER BY n`)
    const once = rows.find(({ n }) => n === 1)?.deliveries ?? 0
    const more = rows.filter(({ n }) => n > 1).reduce((sum, { deliveries }) => sum + deliveries, 0)
    return report(figures, [
      ['deliveries with exactly one effect', once, once === DELIVERIES],
      ['deliveries with more than one effect', more, more === 0],
      ['deliveries lost', DELIVERIES - once - more, once + more === DELIVERIES],
    ])
  })
}

try {
  const results = []
  if (args.store !== 'postgres') results.push(await crashRedis())
  if (args.store !== 'redis') results.push(await crashPostgres())
  process.exitCode = results.every(Boolean) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
