// Several processes on one store: one of them gets a delivery, and one that was stopped past its lease cannot settle what another has taken over.

import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import { sqliteDedupeStore } from '../../src/stores/sqlite/index.ts'
import type { Claim, ClaimResult } from '../../src/webhook/index.ts'
import { compileStores } from './compile.ts'
import { isReachable, POSTGRES_URL, REDIS_URL } from './servers.ts'
import { sqliteHandles } from './sqlite-handles.mjs'

const folder = mkdtempSync(join(tmpdir(), 'fluxora-processes-'))
const tag = crypto.randomUUID().slice(0, 8)
const schema = `fluxora_test_${tag}`
const prefix = `fluxora-test:${tag}:`
const children: ChildProcess[] = []

const engines: [name: string, isThere: boolean, place: string, name: string][] = [
  ['redis', await isReachable('Redis', REDIS_URL), REDIS_URL, prefix],
  ['postgres', await isReachable('PostgreSQL', POSTGRES_URL), POSTGRES_URL, `${schema}.deliveries`],
  ['node:sqlite', sqliteHandles['node:sqlite'] !== undefined, join(folder, 'node.db'), 'deliveries'],
  ['better-sqlite3', sqliteHandles['better-sqlite3'] !== undefined, join(folder, 'better.db'), 'deliveries'],
]

beforeAll(async () => {
  compileStores(folder)
  for (const [engine, isThere, place, table] of engines) {
    if (!isThere || engine === 'redis') continue
    if (engine === 'postgres') {
      const client = new pg.Client(place)
      await client.connect()
      await client.query(`CREATE SCHEMA ${schema}`)
      await postgresDedupeStore(client, { table }).migrate()
      await client.end()
    } else {
      const database = sqliteHandles[engine as 'node:sqlite']!(place)
      await sqliteDedupeStore(database, { table }).migrate()
      database.close()
    }
  }
})

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
  if (engines[0]![1]) {
    const redis = new Redis(REDIS_URL)
    const keys = await redis.keys(`${prefix}*`)
    if (keys.length > 0) await redis.del(...keys)
    await redis.quit()
  }
  if (engines[1]![1]) {
    const client = new pg.Client(POSTGRES_URL)
    await client.connect()
    await client.query(`DROP SCHEMA ${schema} CASCADE`)
    await client.end()
  }
})

for (const [engine, isThere, place, name] of engines) {
  describe.skipIf(!isThere)(`${engine}, several processes`, () => {
    it('gives each delivery to one of them', async () => {
      const workers = await Promise.all(Array.from({ length: 4 }, () => startWorker(engine, place, name)))
      const deliveries = Array.from({ length: 60 }, (_, n) => [
        { key: `id ${n}`, fingerprint: 'body' },
        { key: `content ${n}`, fingerprint: `id ${n}` },
      ])
      const answers = await Promise.all(
        workers.flatMap((worker) => deliveries.map((keys) => worker.call<ClaimResult>('claim', { ...times, keys }))),
      )
      expect(answers.filter(({ status }) => status === 'claimed')).toHaveLength(60)
      expect(answers.filter(({ status }) => status === 'in_progress')).toHaveLength(180)
      for (const worker of workers) worker.end()
    })

    it('fences off a process that was stopped past its lease', async () => {
      const [sleeper, other] = await Promise.all([startWorker(engine, place, name), startWorker(engine, place, name)])
      const keys = [{ key: 'fenced', fingerprint: 'body' }, { key: 'fenced too' }]
      const late = await claim(sleeper, keys, 300)
      sleeper.child.kill('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, 350))
      const taken = await claim(other, keys, 60_000)
      sleeper.child.kill('SIGCONT')
      expect(await sleeper.call('commit', late, 60_000)).toBe(false)
      expect(await sleeper.call('release', late)).toBe(false)
      expect(await sleeper.call('extend', late, 60_000)).toBe(false)
      expect((await sleeper.call<ClaimResult>('claim', { ...times, keys })).status).toBe('in_progress')
      expect(await other.call('commit', taken, 60_000)).toBe(true)
      sleeper.end()
      other.end()
    })

    it('lets a process that was stopped past its lease commit if nobody took over', async () => {
      const [sleeper, other] = await Promise.all([startWorker(engine, place, name), startWorker(engine, place, name)])
      const keys = [{ key: 'slept', fingerprint: 'body' }, { key: 'slept too' }]
      const late = await claim(sleeper, keys, 300)
      const alone = await claim(sleeper, [{ key: 'slept alone' }], 300)
      sleeper.child.kill('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, 350))
      sleeper.child.kill('SIGCONT')
      for (const held of [late, alone]) expect(await sleeper.call('commit', held, 60_000)).toBe(true)
      for (const key of [...keys, ...alone.keys]) {
        expect((await other.call<ClaimResult>('claim', { ...times, keys: [key] })).status).toBe('duplicate')
      }
      sleeper.end()
      other.end()
    })

    it('replaces a process that was killed, once its lease is over', async () => {
      const [victim, other] = await Promise.all([startWorker(engine, place, name), startWorker(engine, place, name)])
      const keys = [{ key: 'orphaned' }]
      await claim(victim, keys, 300)
      victim.child.kill('SIGKILL')
      expect((await other.call<ClaimResult>('claim', { ...times, keys })).status).toBe('in_progress')
      await new Promise((resolve) => setTimeout(resolve, 350))
      expect(await other.call('commit', await claim(other, keys, 60_000), 60_000)).toBe(true)
      other.end()
    })
  })
}

const times = { leaseMs: 60_000, bindMs: 60_000 }

async function claim(worker: StoreWorker, keys: Claim['keys'], leaseMs: number): Promise<Claim> {
  const answer = await worker.call<ClaimResult>('claim', { ...times, keys, leaseMs })
  if (answer.status !== 'claimed') throw new Error(answer.status)
  return answer.claim
}

type StoreWorker = Awaited<ReturnType<typeof startWorker>>

async function startWorker(engine: string, place: string, name: string) {
  const child = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), [folder, engine, place, name], {
    execArgv: [],
  })
  children.push(child)
  const waiting = new Map<unknown, (message: { result?: unknown; error?: string }) => void>()
  child.on('message', (message: { id: unknown; result?: unknown; error?: string }) =>
    waiting.get(message.id)?.(message),
  )
  await new Promise((resolve) => waiting.set('ready', resolve))
  let calls = 0
  return {
    child,
    call<T>(method: string, ...args: unknown[]): Promise<T> {
      const id = calls++
      child.send({ id, method, args })
      return new Promise((resolve, reject) => {
        waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result as T) : reject(new Error(error))))
      })
    },
    end: () => child.kill('SIGKILL'),
  }
}
