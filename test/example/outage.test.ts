// The storage goes away and comes back: 503 meanwhile, in the one form, and everything works again without a restart.

import { afterEach, describe, expect, it } from 'vitest'
import { createWebhookSigner } from '../../src/webhook/index.ts'
import { isReachable, POSTGRES_URL, REDIS_URL } from '../stores/servers.ts'
import { proxyTo, type ServerProxy } from './proxy.ts'
import { call, emptyDatabase, emptyFolder, isInstalled, type Running, secrets, start } from './support.ts'

const hasPostgres = await isReachable('Postgres', POSTGRES_URL)
const hasRedis = await isReachable('Redis', REDIS_URL)
const account = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
const stream = {
  sender: account,
  recipient: account,
  depositAmount: '1',
  ratePerSecond: '0.1',
  startTime: 1_700_000_000,
}
const signer = createWebhookSigner({ secrets: secrets.fluxora })
const run = Date.now().toString(36)

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function serve(env: Record<string, string>): Promise<Running> {
  const server = await start(env)
  undo.push(async () => {
    server.process.kill('SIGKILL')
    await server.exit
  })
  return server
}

async function proxiedPostgres(): Promise<ServerProxy> {
  const { url, drop } = await emptyDatabase()
  undo.push(drop)
  const proxy = await proxyTo(url)
  undo.push(() => proxy.close())
  return proxy
}

/** One request of each kind that needs the storage, with the status of each. */
async function statuses(server: Running, id: string, sequence: number): Promise<Record<string, number>> {
  const body = JSON.stringify({ id })
  const requests: Record<string, [string, string, unknown?, Record<string, string>?]> = {
    health: ['GET', '/health'],
    list: ['GET', '/api/streams'],
    create: ['POST', '/api/streams', stream],
    ledgers: ['POST', '/internal/ledgers', { ledgers: [{ sequence, hash: 'a' }] }],
    webhook: ['POST', '/webhooks/fluxora', body, signer.sign({ body, deliveryId: id })],
  }
  const entries = Object.entries(requests).map(async ([name, [method, path, sent, headers]]) => {
    const answer = await call(server.origin, method, path, sent, headers)
    if (answer.status === 503) {
      expect(answer.headers.has('x-request-id')).toBe(true)
      if (!['health', 'webhook'].includes(name)) expect(answer.headers.has('retry-after')).toBe(true)
    }
    return [name, answer.status] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

const well = { health: 200, list: 200, create: 201, ledgers: 200, webhook: 200 }
const away = { health: 503, list: 503, create: 503, ledgers: 503, webhook: 503 }

describe.skipIf(!isInstalled || !hasPostgres)('Postgres goes away', () => {
  it.each(['cut', 'swallow'] as const)(
    'answers 503 and recovers when connections are %s',
    async (how) => {
      const postgres = await proxiedPostgres()
      const server = await serve({ DATABASE_URL: postgres.url })
      expect(await statuses(server, `${how}-${run}-1`, 100)).toEqual(well)
      const [before] = (await call(server.origin, 'GET', '/api/streams')).body.streams
      postgres[how]()
      expect(await statuses(server, `${how}-${run}-2`, 101)).toEqual(away)
      expect((await call(server.origin, 'GET', '/metrics')).body).toContain('pg_pool_total_connections')
      expect((await call(server.origin, 'GET', '/')).status).toBe(200)
      postgres.restore()
      await expect
        .poll(() => statuses(server, `${how}-${run}-2`, 101), { timeout: 30_000, interval: 500 })
        .toEqual(well)
      expect((await call(server.origin, 'GET', `/api/streams/${before.id}`)).status).toBe(200)
      const { ledgers } = (await call(server.origin, 'GET', '/internal/ledgers')).body
      expect(ledgers.map(({ sequence }: { sequence: number }) => sequence)).toEqual([100, 101])
      expect(server.process.exitCode).toBeNull()
    },
    60_000,
  )

  it('starts without it, and makes its tables once it is there', async () => {
    const postgres = await proxiedPostgres()
    postgres.cut()
    const server = await serve({ DATABASE_URL: postgres.url })
    expect(await statuses(server, `start-${run}`, 100)).toEqual(away)
    postgres.restore()
    await expect.poll(() => statuses(server, `start-${run}`, 100), { timeout: 30_000 }).toEqual(well)
  }, 60_000)

  it('ends well on SIGTERM meanwhile', async () => {
    const postgres = await proxiedPostgres()
    const server = await serve({ DATABASE_URL: postgres.url })
    expect((await call(server.origin, 'GET', '/health')).status).toBe(200)
    postgres.cut()
    expect((await call(server.origin, 'GET', '/health')).status).toBe(503)
    server.process.kill('SIGTERM')
    expect(await server.exit).toBe(0)
  }, 30_000)
})

describe.skipIf(!isInstalled || !hasRedis)('Redis goes away', () => {
  it('answers deliveries with 503, all else as ever, and recovers', async () => {
    const redis = await proxyTo(REDIS_URL)
    undo.push(() => redis.close())
    const server = await serve({ DATA_DIR: emptyFolder(), REDIS_URL: redis.url })
    await expect.poll(() => statuses(server, `redis-${run}-1`, 100)).toEqual(well)
    redis.cut()
    expect(await statuses(server, `redis-${run}-2`, 101)).toEqual({ ...well, webhook: 503 })
    redis.restore()
    await expect.poll(() => statuses(server, `redis-${run}-2`, 102), { timeout: 20_000 }).toEqual(well)
  }, 40_000)
})
