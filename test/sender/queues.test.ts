// The recipes of docs/sending.md for other queues, read from that page. Each compiles under strict against its client's own types. Those for
// BullMQ and pg-boss run on the real Redis and PostgreSQL, in processes that are killed while they send.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import pg from 'pg'
import ts from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createWebhookVerifier } from '../../src/webhook/index.ts'
import { compile } from '../stores/compile.ts'
import { isReachable, POSTGRES_URL, REDIS_URL } from '../stores/servers.ts'
import { areClientsThere, complaintsAbout } from '../stores/typed.ts'
import { endpoint, readBody } from './endpoint.ts'

const clients = fileURLToPath(new URL('clients/', import.meta.url))
const page = readFileSync(new URL('../../docs/sending.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/^<!-- run by: test\/sender\/queues\.test\.ts -->\n```ts\n([\s\S]*?)^```$/gm)].map(
  ([, code = '']) => code,
)
const tag = crypto.randomUUID().slice(0, 8)
// In node_modules, so that the clients are found and no tool treats the files as ours.
const folder = join(clients, `node_modules/.recipes-${tag}`)
const isInstalled = areClientsThere(clients, 'bullmq')
/** pg-boss needs Node 22.12: CI runs this file in Node 24 too. */
const isForBoss = Number(process.versions.node.split('.')[0]) >= 24

function recipeFor(client: string): string {
  const found = blocks.filter((block) => block.includes(`from '${client}'`))
  if (found.length !== 1) throw new Error(`docs/sending.md has ${found.length} recipes for ${client}`)
  return found[0] as string
}

/** The recipe as a module, with the test's endpoint, times and names in place of the reader's. Every replacement has to be found. */
function moduleOf(client: string, replacements: Readonly<Record<string, string>>): string {
  let code = recipeFor(client)
  for (const [from, to] of Object.entries({ ...FOR_LOOPBACK, ...replacements })) {
    if (!code.includes(from)) throw new Error(`The recipe for ${client} has no ${from}`)
    code = code.replaceAll(from, to)
  }
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  const path = join(folder, `${client}.mjs`)
  writeFileSync(path, `${outputText}\nconst findEndpoint = ${FIND_ENDPOINT}\n`)
  return path
}

const FOR_LOOPBACK = {
  "import { createWebhookSender } from '@fluxora/verify/sender'":
    "import { addressGuard, createWebhookSender, defineRetrySchedule } from './sender/index.js'",
  'createWebhookSender()': `createWebhookSender({
    guard: addressGuard({ allow: ['127.0.0.0/8'], allowHttp: true }),
    schedule: defineRetrySchedule({ delaysMs: Array(30).fill(50), finalStatuses: [400] }),
  })`,
}
const FIND_ENDPOINT = `async (id) => id === 'nobody' ? undefined : { id, url: process.env.ENDPOINT_URL, secrets: 'topsecret' }`

interface Arrival {
  readonly id: string
  readonly status: number
  readonly isGenuine: boolean
}

/** An endpoint that refuses each delivery twice, and takes its time. Deliveries named `refused` it refuses for good. */
async function slowEndpoint() {
  const arrivals: Arrival[] = []
  const verifier = createWebhookVerifier({ secrets: 'topsecret' })
  const url = await endpoint(async (request, response) => {
    const body = await readBody(request)
    const id = String(request.headers['x-fluxora-delivery-id'])
    const earlier = arrivals.filter((arrival) => arrival.id === id).length
    const status = statusFor(id, earlier)
    arrivals.push({ id, status, isGenuine: verifier.verify({ headers: request.headers, body }).ok })
    setTimeout(() => response.writeHead(status).end(), 20)
  })
  return {
    url,
    arrivals,
    delivered: () => new Set(arrivals.filter(({ status }) => status === 200).map(({ id }) => id)),
  }
}

function statusFor(id: string, earlier: number): number {
  if (id.startsWith('refused')) return 400
  return earlier < 2 ? 503 : 200
}

const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

async function startWorker(module: string, env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const path = fileURLToPath(new URL('queue-worker.mjs', import.meta.url))
  const child = fork(path, [module], {
    env: { ...process.env, ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.add(child)
  const [message] = await once(child, 'message')
  expect(message).toEqual({ ready: true })
  return child
}

/** Enqueues, and waits until the worker says so. */
async function enqueueBy(child: ChildProcess, endpointId: string, ids: readonly string[]): Promise<void> {
  const done = new Set<string>()
  const all = new Promise<void>((resolve, reject) => {
    child.on('message', ({ enqueued, error }: { enqueued?: string; error?: string }) => {
      if (error !== undefined || enqueued === undefined) return reject(new Error(error))
      done.add(enqueued)
      if (done.size === new Set(ids).size) resolve()
    })
  })
  for (const id of ids) child.send([endpointId, id, JSON.stringify({ id })])
  await all
}

const IDS = Array.from({ length: 100 }, (_, n) => `evt:${n}`)
const REFUSED = ['refused:1', 'refused:2']

/** Sends what is enqueued by workers of which one after the other is killed; the last one is left alone. */
async function sendWhileKilling(module: string, env: Readonly<Record<string, string>>) {
  const { url, arrivals, delivered } = await slowEndpoint()
  const start = () => startWorker(module, { ...env, ENDPOINT_URL: url })
  let worker = await start()
  await enqueueBy(worker, 'ep:1', [...IDS, ...REFUSED, ...IDS])
  await enqueueBy(worker, 'nobody', ['lost:1'])
  for (let kills = 0; kills < 4; kills++) {
    const seen = arrivals.length
    await vi.waitFor(() => expect(arrivals.length).toBeGreaterThan(seen + 10), { timeout: 20_000, interval: 5 })
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    worker = await start()
  }
  await vi.waitFor(() => expect(delivered().size).toBe(IDS.length), { timeout: 60_000, interval: 50 })
  expect([...delivered()].sort()).toEqual([...IDS].sort())
  expect(arrivals.every(({ isGenuine }) => isGenuine)).toBe(true)
  return arrivals
}

describe('the recipes of docs/sending.md', () => {
  it('are all tested here', () => {
    expect(blocks).toHaveLength(3)
  })

  it.skipIf(!isInstalled)('compile under strict', { timeout: 120_000 }, () => {
    const around = `interface Found { id: string; url: string; secrets: string }
declare const findEndpoint: (id: string) => Promise<Found | undefined>\n`
    const programs = ['bullmq', 'pg-boss', '@aws-sdk/client-sqs'].map(
      (client) => [client.replace(/\W/g, '-'), recipeFor(client) + around] as const,
    )
    expect(complaintsAbout(Object.fromEntries(programs), ts, 'node', clients)).toEqual([])
  })
})

beforeAll(() => {
  if (!isInstalled) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  compile('sender/index.ts', folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!isInstalled || !(await isReachable('Redis', REDIS_URL)))('BullMQ', () => {
  const queue = `webhooks-${tag}`
  const redis = new Redis(REDIS_URL)
  afterAll(async () => {
    const keys = await redis.keys(`bull:${queue}:*`)
    if (keys.length > 0) await redis.del(...keys)
    await redis.quit()
  })

  it('loses nothing when its workers are killed', { timeout: 120_000 }, async () => {
    const module = moduleOf('bullmq', { "'webhooks'": `'${queue}'`, '30_000': '1_000' })
    await sendWhileKilling(module, { REDIS_URL })
    const count = (state: string) => redis.zcard(`bull:${queue}:${state}`)
    await vi.waitFor(async () => {
      expect(await count('completed')).toBe(IDS.length)
      expect(await count('failed')).toBe(REFUSED.length + 1)
      expect(await count('delayed')).toBe(0)
    }, 20_000)
    const reason = (id: string) => redis.hget(`bull:${queue}:${id}`, 'failedReason')
    expect([await reason('ep%3A1/refused%3A1'), await reason('nobody/lost%3A1')]).toEqual(['http_status', 'gone'])
  })
})

const isPostgresThere = isForBoss && (await isReachable('PostgreSQL', POSTGRES_URL))
describe.skipIf(!isInstalled || !isPostgresThere)('pg-boss', () => {
  const database = `fluxora_boss_${tag}`
  const url = Object.assign(new URL(POSTGRES_URL), { pathname: `/${database}` }).href
  const query = async (connectionString: string, sql: string) => {
    const client = new pg.Client({ connectionString })
    await client.connect()
    return client.query(sql).finally(() => client.end())
  }
  beforeAll(() => query(POSTGRES_URL, `CREATE DATABASE ${database}`))
  afterAll(() => query(POSTGRES_URL, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`))

  it('loses nothing when its workers are killed', { timeout: 120_000 }, async () => {
    const module = moduleOf('pg-boss', {
      'monitorIntervalSeconds: 30': 'monitorIntervalSeconds: 1, superviseIntervalSeconds: 1',
      'expireInSeconds: 60': 'expireInSeconds: 2',
      'localConcurrency: 32': 'localConcurrency: 8, pollingIntervalSeconds: 0.5',
    })
    await sendWhileKilling(module, { DATABASE_URL: url })
    const states = `SELECT name, state, count(*)::int FROM pgboss.job WHERE state <> 'completed' GROUP BY 1, 2 ORDER BY 1, 2`
    await vi.waitFor(async () => {
      const { rows } = await query(url, states)
      expect(rows).toEqual([
        { name: 'dead-webhooks', state: 'created', count: REFUSED.length + 1 },
        { name: 'webhooks', state: 'failed', count: REFUSED.length + 1 },
      ])
    }, 30_000)
    // However often a job ran, each attempt at a delivery is one job.
    const { rows } = await query(
      url,
      `SELECT data->>'deliveryId' AS id FROM pgboss.job WHERE name = 'webhooks' GROUP BY 1 HAVING count(*) <> count(DISTINCT data->>'attempt')`,
    )
    expect(rows).toEqual([])
  })
})
