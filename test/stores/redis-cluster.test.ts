// Redis Cluster: the keys of one delivery are on different nodes. The test starts its own cluster of three masters on loopback.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster, Redis } from 'ioredis'
import { createCluster as createCluster4 } from 'redis4'
import { createCluster as createCluster5 } from 'redis5'
import { createCluster as createCluster6 } from 'redis6'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NodeRedisClient, type RedisDedupeStore, redisDedupeStore } from '../../src/stores/redis/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import type { Claim, DedupeKey } from '../../src/webhook/index.ts'

// Most of it is slow, because every client runs the whole conformance suite: that part runs with SLOW=1 and in CI. The quick part always runs.
const isSlow = process.env.SLOW === '1' || process.env.CI === 'true'
const isThere = spawnSync('redis-server', ['--version']).status === 0
const isRun = isThere && isSlow
if (!isThere) {
  if (process.env.CI === 'true') throw new Error('redis-server is not there; in CI no suite may be skipped')
  console.warn('SKIPPED: Redis Cluster: redis-server is not there')
} else if (!isSlow) console.warn('SKIPPED: most of Redis Cluster, because it is slow; set SLOW=1 to run it')

const Cluster5 = load<{ Cluster: typeof Cluster }>('ioredis5')?.Cluster
const glide = load<{ GlideClusterClient: GlideClusterClient; Logger: { setLoggerConfig(level: string): void } }>(
  '@valkey/valkey-glide',
)
glide?.Logger.setLoggerConfig('off') // it logs every error
const Glide = glide?.GlideClusterClient

interface GlideClusterClient {
  createClient(options: object): Promise<{ customCommand(words: string[]): Promise<unknown>; close(): void }>
}

/** Loads a client of test/stores/clients, if they are installed. */
function load<Module>(name: string): Module | undefined {
  try {
    return createRequire(new URL('clients/', import.meta.url))(name) as Module
  } catch {
    if (process.env.CI === 'true') throw new Error(`${name} is not there; in CI no suite may be skipped`)
    console.warn(`SKIPPED: ${name} is not there: test/stores/clients is not installed`)
    return undefined
  }
}

const folder = mkdtempSync(join(tmpdir(), 'fluxora-cluster-'))
const servers: ChildProcess[] = []
const connections: { close(): unknown }[] = []
let ports: number[] = []

beforeAll(async () => {
  if (!isThere) return
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
  'ioredis Cluster with enableAutoPipelining': async () => ioredis({ enableAutoPipelining: true }),
  ...(Cluster5
    ? { 'ioredis 5 Cluster with enableAutoPipelining': async () => ioredis({ enableAutoPipelining: true }, Cluster5) }
    : {}),
}

function ioredis(
  options: { enableAutoPipelining?: boolean; keyPrefix?: string } = {},
  Constructor: typeof Cluster = Cluster,
): Cluster {
  const client = new Constructor(
    ports.map((port) => ({ host: '127.0.0.1', port })),
    options,
  )
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

  it('keeps all keys of a delivery on one node if the prefix is a hash tag', async () => {
    const store = redisDedupeStore(ioredis(), { prefix: '{webhooks}:' })
    const keys = Array.from({ length: 8 }, (_, n) => ({ key: `tagged ${n}` }))
    expect(await store.commit(await claim(store, keys), 1000)).toBe(true)
  })

  it('leaves only records that expire with the lease if a worker dies half-way', async () => {
    const client = ioredis()
    // Dies after its second command: by then it has claimed the first key, but not the second.
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
      if (rest.length === 3 && rest[1]?.includes('|')) left = Number.POSITIVE_INFINITY // the server did not have the script: it is sent as text
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
    await claim(warm, others) // a key that was never claimed is not bound either
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

describe.skipIf(!isThere)('redis cluster, the quick part', () => {
  const pipelining: [name: string, connect: () => Cluster][] = [
    ['ioredis', () => ioredis({ enableAutoPipelining: true })],
    ['ioredis with a keyPrefix', () => ioredis({ enableAutoPipelining: true, keyPrefix: 'outer:' })],
    ...(Cluster5
      ? [['ioredis 5', () => ioredis({ enableAutoPipelining: true }, Cluster5)] as [string, () => Cluster]]
      : []),
  ]
  it.each(pipelining)(
    '%s with enableAutoPipelining handles many deliveries of one key and of two at once',
    async (_name, connect) => {
      const store = redisDedupeStore(connect())
      const deliveries = Array.from({ length: 60 }, (_, n) => (n % 3 === 0 ? spreadKeys().slice(0, 1) : spreadKeys()))
      const held = await Promise.all(deliveries.map((keys) => claim(store, keys)))
      expect(await Promise.all(held.map((one) => store.extend(one, 30_000)))).toEqual(held.map(() => true))
      const settled = held.map((one, n) => (n % 2 === 0 ? store.commit(one, 60_000) : store.release(one)))
      expect(await Promise.all(settled)).toEqual(held.map(() => true))
      const again = await Promise.all(deliveries.map((keys) => store.claim({ keys, leaseMs: 60_000, bindMs: 60_000 })))
      expect(again.map(({ status }) => status)).toEqual(held.map((_, n) => (n % 2 === 0 ? 'duplicate' : 'claimed')))
    },
  )

  it.skipIf(!Glide)('valkey-glide, wrapped as in the recipe, handles deliveries of one key and of two', async () => {
    const addresses = ports.map((port) => ({ host: '127.0.0.1', port }))
    const client = await Glide!.createClient({ addresses })
    connections.push({ close: () => client.close() })
    const send = (...words: unknown[]) => client.customCommand(words.map(String))
    const store = redisDedupeStore({
      evalsha: (sha, ...rest) => send('EVALSHA', sha, ...rest),
      eval: (script: string, ...rest: unknown[]) => send('EVAL', script, ...rest),
      set: (...words: unknown[]) => send('SET', ...words),
    })
    const deliveries = [
      ...Array.from({ length: 10 }, spreadKeys),
      ...Array.from({ length: 5 }, () => spreadKeys().slice(0, 1)),
    ]
    const held = await Promise.all(deliveries.map((keys) => claim(store, keys)))
    expect(await Promise.all(held.map((one) => store.commit(one, 60_000)))).toEqual(held.map(() => true))
    const again = await Promise.all(deliveries.map((keys) => store.claim({ keys, leaseMs: 1000, bindMs: 1000 })))
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set(['duplicate']))
  })

  it('enableAutoPipelining lets a delivery of two keys disturb no other command of the same moment', async () => {
    const client = ioredis({ enableAutoPipelining: true })
    const others = Array.from({ length: 20 }, (_, n) => client.set(`other ${n}`, 'x'))
    const store = redisDedupeStore(client)
    const claims = Array.from({ length: 20 }, () => claim(store, spreadKeys()))
    const more = Array.from({ length: 20 }, (_, n) => client.get(`other ${n}`))
    expect(new Set(await Promise.all(others))).toEqual(new Set(['OK']))
    expect((await Promise.all(claims)).length).toBe(20)
    expect((await Promise.all(more)).length).toBe(20)
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

/** Finds free ports whose cluster bus ports, 10,000 above, are free too. All are below the range from which systems give ports to clients. */
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
