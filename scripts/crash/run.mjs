// The crash test: workers are killed and connections are cut while senders deliver, and in the end each delivery has had its effect.
//
//   npm run build && node scripts/crash/run.mjs [--store redis|postgres|both] [--deliveries 10000] [--workers 8] [--dist dist]
//
// Redis is an instance of the test's own. Of PostgreSQL it uses a schema of its own, and cuts no connections but its own.

import { fork, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

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
const LEASE_SECONDS = 5
const POSTGRES_URL = process.env.TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432/test'
const root = fileURLToPath(new URL('../..', import.meta.url))

// A copy, so that a build in the meantime does not pull the ground from under the workers.
const folder = mkdtempSync(join(tmpdir(), 'fluxora-crash-'))
const dist = join(folder, 'dist')
cpSync(resolve(root, args.dist), dist, { recursive: true })
cpSync(join(root, 'package.json'), join(folder, 'package.json'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
const { createWebhookSigner } = await import(pathToFileURL(join(dist, 'webhook.js')))
const { sign } = createWebhookSigner({ secrets: 'crash-test-secret' })

const pause = (ms) => new Promise((done) => setTimeout(done, ms))
const now = () => process.hrtime.bigint()

/** Workers in slots: whoever is killed is replaced. */
async function startWorkers(engine, place, name, logs) {
  const slots = Array.from({ length: WORKERS }, () => ({ port: 0, child: undefined }))
  const ends = new Map() // log -> when its worker was gone
  let kills = 0
  let generation = 0
  let isOver = false

  async function start(slot) {
    const log = join(logs, `${generation++}.log`)
    const child = fork(
      fileURLToPath(new URL('worker.mjs', import.meta.url)),
      [dist, engine, place, name, log, String(LEASE_SECONDS)],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    )
    slot.child = child
    child.once('exit', () => {
      ends.set(log, now())
      slot.port = 0
      if (!isOver) start(slot)
    })
    await new Promise((ready) => {
      child.once('message', ({ port }) => {
        slot.port = port
        ready()
      })
      child.once('exit', ready)
    })
  }

  await Promise.all(slots.map(start))
  return {
    port: () => slots[Math.floor(Math.random() * slots.length)].port,
    ends,
    kills: () => kills,
    killOne() {
      const alive = slots.filter(({ port }) => port > 0)
      // On a busy machine a worker takes seconds to start; somebody must be there to be killed.
      if (alive.length <= WORKERS / 2) return
      kills++
      alive[Math.floor(Math.random() * alive.length)].child.kill('SIGKILL')
    },
    async stop() {
      isOver = true
      await Promise.all(
        slots.map(({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return undefined
          child.kill('SIGTERM')
          return new Promise((gone) => child.once('exit', gone))
        }),
      )
    },
  }
}

/** Sends each delivery one to five times, each time until it is answered 2xx. */
async function sendAll(workers, progress) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
  const queue = []
  for (let n = 0; n < DELIVERIES; n++) {
    const copies = 1 + Math.floor(5 * Math.random())
    for (let copy = 0; copy < copies; copy++) {
      // Half of the copies come right behind each other, the others some time later.
      queue.push({ id: `delivery-${n}`, at: n + (Math.random() < 0.5 ? 0 : Math.random() * 0.2 * DELIVERIES) })
    }
  }
  queue.sort((a, b) => a.at - b.at)
  const count = { sent: queue.length, attempts: 0, refused: 0, broken: 0 }
  let next = 0

  async function deliver(id) {
    const body = JSON.stringify({ id })
    for (;;) {
      const port = workers.port()
      count.attempts++
      const status = port === 0 ? 0 : await post(agent, port, sign({ body, deliveryId: id }), body)
      if (status >= 200 && status < 300) return
      if (status === 0) count.broken++
      else count.refused++
      await pause(50 + Math.random() * 300)
    }
  }

  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (next < queue.length) {
        const { id } = queue[next++]
        await deliver(id)
        progress(next / queue.length)
      }
    }),
  )
  agent.destroy()
  return count
}

function post(agent, port, headers, body) {
  return new Promise((done) => {
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/', headers, timeout: 20_000 })
    sent.on('response', (response) => {
      response.resume()
      response.on('end', () => done(response.statusCode))
      response.on('error', () => done(0))
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => done(0))
    sent.end(body)
  })
}

/** Reads what the workers wrote: when each handler ran, and which claims were in flight when a worker or a connection went. */
function readLogs(logs, ends) {
  const runs = new Map() // id -> [{ start, end }]
  const figures = { starts: 0, ends: 0, throws: 0, inFlight: 0, problems: {}, codes: {} }
  for (const file of readdirSync(logs)) {
    const open = new Map()
    const log = join(logs, file)
    for (const line of readFileSync(log, 'utf8').split('\n')) {
      const [time, what, id, code, problem] = line.split(' ')
      if (what === 'start') {
        const run = { start: BigInt(time), end: undefined, isSettled: false }
        figures.starts++
        open.set(id, run)
        runs.set(id, [...(runs.get(id) ?? []), run])
      } else if (what === 'end' || what === 'throw') {
        figures[`${what}s`]++
        const run = open.get(id)
        run.end = BigInt(time)
        run.isThrown = what === 'throw'
      } else if (what === 'outcome') {
        figures.codes[code] = (figures.codes[code] ?? 0) + 1
        if (problem !== '-') figures.problems[problem] = (figures.problems[problem] ?? 0) + 1
        const run = open.get(id)
        if (run && (code === 'ok' || code === 'handler_failed')) {
          run.isSettled = problem === '-'
          if (!run.isSettled) run.isInFlight = true
          open.delete(id)
        }
      }
    }
    for (const run of open.values()) {
      run.isInFlight = true
      run.end ??= ends.get(log)
    }
  }
  let overlaps = 0
  let reruns = 0
  let unexplained = 0
  for (const all of runs.values()) {
    all.sort((a, b) => (a.start < b.start ? -1 : 1))
    for (const [at, run] of all.entries()) {
      if (run.isInFlight) figures.inFlight++
      if (at === 0) continue
      const before = all[at - 1]
      if (run.start < before.end) overlaps++
      if (before.isThrown) continue
      reruns++
      if (!before.isInFlight) unexplained++
    }
  }
  const handled = [...runs.values()].filter((all) =>
    all.some(({ end, isThrown }) => end !== undefined && !isThrown),
  ).length
  return { ...figures, handled, overlaps, reruns, unexplained }
}

async function crash(engine, place, name, cuts) {
  const logs = join(folder, `${engine}-logs`)
  mkdirSync(logs)
  const startedAt = performance.now()
  const workers = await startWorkers(engine, place, name, logs)
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
  const count = await sendAll(workers, (share) => {
    done = share
  })
  isOver = true
  await Promise.all([killing, cutting])
  await workers.stop()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    `\n${engine}: ${DELIVERIES} deliveries sent ${count.sent} times by ${count.attempts} attempts, in ${seconds} s`,
  )
  console.log(`  workers ${WORKERS}, killed ${workers.kills()} times; the store cut ${cutsDone} times`)
  console.log(
    `  attempts answered other than 2xx ${count.refused}, broken off or refused by the socket ${count.broken}`,
  )
  return readLogs(logs, workers.ends)
}

function report(figures, checks) {
  const { starts, ends, throws, inFlight, reruns, codes, problems } = figures
  console.log(`  handler runs started ${starts}, finished ${ends}, failed on purpose ${throws}`)
  console.log(`  claims in flight at a kill or a cut ${inFlight}, runs after an unfinished one ${reruns}`)
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
  const data = join(folder, 'redis')
  mkdirSync(data)
  let server
  const up = async () => {
    const options = [
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--dir',
      data,
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ]
    server = spawn('redis-server', [...options, '--save', '', '--loglevel', 'warning'].map(String), { stdio: 'ignore' })
    server.once('error', (error) => console.error(String(error)))
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
      ['moments in which two handlers held one delivery', figures.overlaps, figures.overlaps === 0],
      ['re-runs, at most the claims in flight', figures.reruns, figures.reruns <= figures.inFlight],
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
  await pool.query(`CREATE SCHEMA ${schema}`)
  try {
    await postgresDedupeStore(pool, { table: `${schema}.deliveries` }).migrate()
    await pool.query(`CREATE TABLE ${schema}.effects (id text NOT NULL)`)
    let connectionsCut = 0
    const cut = async () => {
      const sql = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1'
      connectionsCut += (await pool.query(sql, [schema])).rowCount
    }
    const cuts = [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9].map((at) => [at, cut])
    const figures = await crash('postgres', POSTGRES_URL, schema, cuts)
    console.log(`  connections cut ${connectionsCut}`)
    const { rows } = await pool.query(`SELECT n::int, count(*)::int AS deliveries FROM
      (SELECT count(*) AS n FROM ${schema}.effects GROUP BY id) AS effects GROUP BY n ORDER BY n`)
    const once = rows.find(({ n }) => n === 1)?.deliveries ?? 0
    const more = rows.filter(({ n }) => n > 1).reduce((sum, { deliveries }) => sum + deliveries, 0)
    return report(figures, [
      ['deliveries whose effect stands exactly once', once, once === DELIVERIES],
      ['deliveries whose effect stands more than once', more, more === 0],
      ['deliveries lost', DELIVERIES - once - more, once + more === DELIVERIES],
    ])
  } finally {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await pool.end()
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const { port } = server.address()
  await new Promise((closed) => server.close(closed))
  return port
}

try {
  const results = []
  if (args.store !== 'postgres') results.push(await crashRedis())
  if (args.store !== 'redis') results.push(await crashPostgres())
  process.exitCode = results.every(Boolean) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
