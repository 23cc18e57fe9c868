// Redis Cluster: the keys of one delivery live on different nodes. A cluster of the test's own, three masters on loopback.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster, Redis } from 'ioredis'
import { createCluster as createCluster4 } from 'redis4'
import { createCluster as createCluster5 } from 'redis5'
import { createCluster as createCluster6 } from 'redis6'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NodeRedisClient, type RedisDedupeStore, redisDedupeStore } from '../../src/stores/redis/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance.ts'
import type { Claim, DedupeKey } from '../../src/webhook/index.ts'

// Slow: it starts servers. Run by SLOW=1, and always in CI.
const isRun = process.env.SLOW === '1' || process.env.CI === 'true'
if (!isRun) console.warn('SKIPPED: Redis Cluster, whose suites start servers of their own; set SLOW=1 to run them')

const folder = mkdtempSync(join(tmpdir(), 'fluxora-cluster-'))
const servers: ChildProcess[] = []
const connections: { close(): unknown }[] = []
let ports: number[] = []

beforeAll(async () => {
  if (!isRun) return
  ports = await freePorts(3)
  for (const port of ports) {
    mkdirSync(join(folder, String(port)))
    const options = ['--port', port, '--bind', '127.0.0.1', '--dir', join(folder, String(port)), '--save', '']
    const cluster = ['--cluster-enabled', 'yes', '--cluster-port', port + 10_000, '--cluster-node-timeout', 5000]
    servers.push(spawn('redis-server', [...options, ...cluster].map(String), { stdio: 'ignore' }))
  }
  await Promise.all(ports.map(pong))
  const nodes = ports.map((port) => `127.0.0.1:${port}`)
  execFileSync('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes'], { stdio: 'ignore' })
  await Promise.all(ports.map(joined))
}, 120_000)

afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()))
  for (const server of servers) server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const rootNodes = () => ports.map((port) => ({ url: `redis://127.0.0.1:${port}` }))
const nodeRedis = (createCluster: (options: { rootNodes: { url: string }[] }) => unknown) => async () => {
  const client = createCluster({ rootNodes: rootNodes() }) as NodeRedisClient &
    Record<'connect' | 'quit', () => unknown>
  await client.connect()
  connections.push({ close: () => client.quit() })
  return client
}
const clients = {
  'node-redis 4 cluster': nodeRedis(createCluster4 as never),
  'node-redis 5 cluster': nodeRedis(createCluster5 as never),
  'node-redis 6 cluster': nodeRedis(createCluster6 as never),
  'ioredis Cluster': async () => ioredis(),
}

function ioredis(): Cluster {
  const client = new Cluster(ports.map((port) => ({ host: '127.0.0.1', port })))
  connections.push({ close: () => client.quit() })
  return client
}

describe.skipIf(!isRun)('redis cluster', () => {
  for (const [name, connect] of Object.entries(clients)) {
    let made: Promise<RedisDedupeStore> | undefined
    const makeStore = () => {
      made ??= connect().then((client) => redisDedupeStore(client))
      return made
    }
    dedupeStoreConformance(name, makeStore, { describe, it: it.concurrent })
  }

  it('keeps all keys of a delivery together where the prefix is a hash tag', async () => {
    const store = redisDedupeStore(ioredis(), { prefix: '{webhooks}:' })
    const keys = Array.from({ length: 8 }, (_, n) => ({ key: `tagged ${n}` }))
    expect(await store.commit(await claim(store, keys), 1000)).toBe(true)
  })

  it('leaves nothing but what expires with the lease where a worker died half-way', async () => {
    const client = ioredis()
    // Dies after its second command: the first key has been taken by then, the second has not.
    const keys = spreadKeys()
    let left = Number.POSITIVE_INFINITY
    const dying = {
      evalsha: (sha1: string, count: number, ...rest: string[]) => {
        if (rest.length === 3 && rest[1]?.includes('|')) left = Math.min(left, 1)
        return left-- > 0
          ? client.evalsha(sha1, count, ...rest).catch((error) => retry(error, rest))
          : new Promise<never>(() => {})
      },
      eval: (script: string, count: number, ...rest: string[]) => client.eval(script, count, ...rest),
    }
    const retry = (error: unknown, rest: string[]) => {
      if (rest.length === 3 && rest[1]?.includes('|')) left = Number.POSITIVE_INFINITY // the script was not known: it is sent as text
      throw error
    }
    const warm = redisDedupeStore(client)
    await warm.release(await claim(warm, spreadKeys()))
    void redisDedupeStore(dying).claim({ keys, leaseMs: 400, bindMs: 60_000 })
    await new Promise((resolve) => setTimeout(resolve, 150))
    const taken = (await Promise.all(keys.map(({ key }) => client.pttl(`fluxora:dedupe:${key}`)))).filter(
      (ttl) => ttl > 0,
    )
    expect(taken).toHaveLength(1)
    expect(taken[0]).toBeLessThanOrEqual(400)
    const unmarked = keys.map(({ key }) => ({ key }))
    expect((await warm.claim({ keys: unmarked, leaseMs: 1000, bindMs: 1000 })).status).toBe('in_progress')
    await new Promise((resolve) => setTimeout(resolve, 400))
    const others = keys.map(({ key }) => ({ key, fingerprint: 'another' }))
    await claim(warm, others) // nor is a key bound that was never claimed
  })

  it('never lets two workers hold one key, in a storm of overlapping sets', async () => {
    const stores = [redisDedupeStore(ioredis()), redisDedupeStore(ioredis()), redisDedupeStore(ioredis())]
    const pool = Array.from({ length: 6 }, (_, n) => `storm ${n} ${crypto.randomUUID()}`)
    const holders = new Map<string, number>()
    let claims = 0
    await Promise.all(
      Array.from({ length: 24 }, async (_, worker) => {
        for (let round = 0; round < 25; round++) {
          const keys = pool.filter(() => Math.random() < 0.4).map((key) => ({ key, fingerprint: 'same' }))
          if (keys.length === 0) continue
          const store = stores[worker % 3]!
          const answer = await store.claim({ keys, leaseMs: 30_000, bindMs: 1000 })
          if (answer.status !== 'claimed') continue
          claims++
          for (const { key } of keys) {
            expect(holders.has(key)).toBe(false)
            holders.set(key, worker)
          }
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
          for (const { key } of keys) holders.delete(key)
          expect(await store.release(answer.claim)).toBe(true)
        }
      }),
    )
    expect(claims).toBeGreaterThan(10)
    for (const key of pool) await claim(stores[0]!, [{ key }])
  })
})

/** Two keys on different nodes. */
function spreadKeys(): DedupeKey[] {
  const name = crypto.randomUUID()
  return [
    { key: `{a}${name}`, fingerprint: 'x' },
    { key: `{b}${name}`, fingerprint: 'y' },
  ]
}

async function claim(store: RedisDedupeStore, keys: readonly DedupeKey[]): Promise<Claim> {
  const answer = await store.claim({ keys, leaseMs: 60_000, bindMs: 60_000 })
  if (answer.status !== 'claimed') throw new Error(answer.status)
  return answer.claim
}

/** Ports that are free, as are those of the cluster bus, 10,000 above; all below the range that systems lend to clients. */
async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) {
    const port = 11_000 + Math.floor(Math.random() * 10_000)
    if (!found.includes(port) && (await isFree(port)) && (await isFree(port + 10_000))) found.push(port)
  }
  return found
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

async function pong(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => {})
  await client.ping()
  client.disconnect()
}

async function joined(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1')
  while (!(await client.cluster('INFO')).includes('cluster_state:ok'))
    await new Promise((resolve) => setTimeout(resolve, 50))
  client.disconnect()
}
