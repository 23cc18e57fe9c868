// The recipes of docs/dedupe.md, read from that page. Each compiles under strict against its client's own types, and its store passes the
// conformance suite with the real client and a real server. Upstash and Neon are cloud services; local stand-ins in front of the real
// Redis and PostgreSQL take their place.

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import pg from 'pg'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresDedupeStore } from '../../src/stores/postgres/index.ts'
import { redisDedupeStore } from '../../src/stores/redis/index.ts'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import type { DedupeStore } from '../../src/webhook/index.ts'
import { compile, compileStores } from './compile.ts'
import { isReachable, POSTGRES_URL, REDIS_URL } from './servers.ts'
import { type Service, startNeon, startUpstash } from './services.ts'
import { sqliteHandles } from './sqlite-handles.mjs'
import { areClientsThere, clients, complaintsAbout } from './typed.ts'

/** How to find a recipe on the page, what it needs, and how to close what it opens. */
interface Recipe {
  readonly name: string
  readonly imports: string
  readonly server?: 'redis' | 'postgres'
  readonly close?: string
  /** False if the recipe cannot run here. */
  readonly isThere?: boolean
}

const isNodeSqliteThere = process.getBuiltinModule?.('node:sqlite') !== undefined
const bun = ['../runtimes/node_modules/bun/bin/bun.exe', '../runtimes/node_modules/.bin/bun']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find(existsSync)

const recipes: Recipe[] = [
  { name: 'node-redis', imports: "from 'redis'", server: 'redis', close: 'client.close()' },
  { name: 'pg', imports: "from 'pg'", server: 'postgres', close: 'pool.end()' },
  { name: 'node:sqlite', imports: "from 'node:sqlite'", close: 'database.close()', isThere: isNodeSqliteThere },
  {
    name: 'better-sqlite3',
    imports: "from 'better-sqlite3'",
    close: 'database.close()',
    isThere: sqliteHandles['better-sqlite3'] !== undefined, // compiled for one version of Node
  },
  { name: 'Upstash', imports: "from '@upstash/redis'", server: 'redis' },
  { name: 'valkey-glide', imports: "from '@valkey/valkey-glide'", server: 'redis', close: 'client.close()' },
  { name: 'postgres.js', imports: "from 'postgres'", server: 'postgres', close: 'sql.end()' },
  { name: 'Bun.sql', imports: "from 'bun'", server: 'postgres', isThere: bun !== undefined },
  { name: 'Kysely', imports: "from 'kysely'", server: 'postgres', close: 'db.destroy()' },
  { name: 'Drizzle', imports: "from 'drizzle-orm/node-postgres'", server: 'postgres', close: 'db.$client.end()' },
  { name: 'Knex', imports: "from 'knex'", server: 'postgres', close: 'knex.destroy()' },
  { name: 'TypeORM', imports: "from 'typeorm'", server: 'postgres', close: 'dataSource.destroy()' },
  { name: 'Neon over HTTP', imports: "{ neon } from '@neondatabase/serverless'", server: 'postgres' },
  { name: 'Neon Pool', imports: "{ Pool } from '@neondatabase/serverless'", server: 'postgres', close: 'pool.end()' },
]

const page = readFileSync(new URL('../../docs/dedupe.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/^<!-- run by: test\/stores\/recipes\.test\.ts -->\n```ts\n([\s\S]*?)^```$/gm)].map(
  ([, code = '']) => code,
)
const ofRecipe = ({ name, imports }: Recipe): string => {
  const found = blocks.filter(
    (block) => block.includes(imports) && (name === 'Kysely' || !block.includes("from 'kysely'")),
  )
  if (found.length !== 1) throw new Error(`docs/dedupe.md has ${found.length} recipes for ${name}`)
  return found[0] as string
}

const areInstalled = areClientsThere()
const servers = {
  redis: await isReachable('Redis', REDIS_URL),
  postgres: await isReachable('PostgreSQL', POSTGRES_URL),
}
const tag = crypto.randomUUID().slice(0, 8)
const database = `fluxora_recipes_${tag}`
const databaseUrl = Object.assign(new URL(POSTGRES_URL), { pathname: `/${database}` }).href
// In node_modules, so that the clients are found and no tool treats the files as ours.
const folder = join(clients, `node_modules/.recipes-${tag}`)

async function admin(sql: string): Promise<void> {
  const client = new pg.Client(POSTGRES_URL)
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** Writes a recipe as a JavaScript module that exports its store. Several versions of `redis` are installed here, so its name is replaced. */
function moduleOf(recipe: Recipe): string {
  const code = `${ofRecipe(recipe)}
export { store }
export const close = async () => { ${recipe.close ?? ''} }
`
  const local = code
    .replace("from 'redis'", "from 'redis6'")
    .replace("'webhooks.db'", JSON.stringify(join(folder, `${recipe.name.replace(/\W/g, '')}.db`)))
    .replace(/@fluxora\/verify\/stores\/(redis|postgres|sqlite)/, './stores/$1/index.js')
  const { outputText } = ts.transpileModule(local, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  const path = join(folder, `${recipe.name.replace(/\W/g, '')}.mjs`)
  writeFileSync(path, outputText)
  return path
}

describe('the recipes of docs/dedupe.md', () => {
  it('are all tested here', () => {
    expect(blocks).toHaveLength(recipes.length)
    expect(new Set(recipes.map(ofRecipe)).size).toBe(recipes.length)
  })

  it.skipIf(!areInstalled)('compile under strict', { timeout: 120_000 }, () => {
    const programs = recipes.map(
      (recipe) => [recipe.name.replace(/\W/g, '-'), ofRecipe(recipe).replace("from 'redis'", "from 'redis6'")] as const,
    )
    const forBun = programs.filter(([name]) => name === 'Bun-sql')
    expect(complaintsAbout(Object.fromEntries(programs.filter(([name]) => name !== 'Bun-sql')))).toEqual([])
    expect(complaintsAbout(Object.fromEntries(forBun), ts, 'bun-types')).toEqual([])
  })
})

describe.skipIf(!areInstalled)('a store made by the recipe for', () => {
  const services: Service[] = []
  const closing: (() => Promise<void>)[] = []
  let redis: Redis | undefined

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    compileStores(folder)
    Object.assign(process.env, { REDIS_URL, VALKEY_HOST: new URL(REDIS_URL).hostname, DATABASE_URL: databaseUrl })
    if (servers.postgres) {
      await admin(`CREATE DATABASE ${database}`)
      const parts = join(folder, 'neon-parts.mjs')
      writeFileSync(
        parts,
        `export { neonConfig } from '@neondatabase/serverless'\nexport { WebSocket, WebSocketServer } from 'ws'`,
      )
      services.push(await startNeon(databaseUrl, await import(/* @vite-ignore */ pathToFileURL(parts).href)))
    }
    if (servers.redis) {
      redis = new Redis(REDIS_URL)
      const upstash = await startUpstash(redis)
      services.push(upstash)
      Object.assign(process.env, { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: 'token' })
    }
  }, 60_000)

  afterAll(async () => {
    for (const close of closing) await close()
    for (const service of services) await service.close()
    await redis?.quit()
    rmSync(folder, { recursive: true, force: true })
    if (servers.postgres) await admin(`DROP DATABASE ${database} WITH (FORCE)`)
  }, 60_000)

  it('a client that needs one: without it, the client is refused before anything is written', async () => {
    const path = join(folder, 'direct.mjs')
    writeFileSync(path, DIRECT)
    const { atOnce, atFirst, end } = await import(/* @vite-ignore */ pathToFileURL(path).href)
    const refused = (option: string) => expect.objectContaining({ code: 'invalid_option', option })
    const claimOf = (make: () => DedupeStore) => make().claim({ keys: [{ key: tag }], leaseMs: 1000, bindMs: 1000 })
    for (const [name, client] of Object.entries<object>(atOnce)) {
      const [make, option] = ['upstash', 'glide'].includes(name)
        ? [() => redisDedupeStore(client as never), 'client']
        : [() => postgresDedupeStore(client as never), 'pool']
      expect(make, name).toThrow(refused(option))
    }
    if (servers.postgres) {
      for (const client of Object.values<object>(atFirst)) {
        await expect(claimOf(() => postgresDedupeStore(client as never))).rejects.toEqual(refused('pool'))
      }
    }
    await end()
  })

  for (const recipe of recipes) {
    const { name, server, isThere = true } = recipe
    if (!isThere) {
      console.warn(`SKIPPED: the recipe for ${name} cannot run here`)
      continue
    }
    if (server !== undefined && !servers[server]) continue
    if (name === 'Bun.sql') {
      it('Bun.sql passes the conformance suite, in Bun', { timeout: 120_000 }, () => checkInBun(moduleOf(recipe)))
      continue
    }
    let made: Promise<DedupeStore> | undefined
    const makeStore = () => {
      made ??= import(/* @vite-ignore */ pathToFileURL(moduleOf(recipe)).href).then(async ({ store, close }) => {
        closing.push(close)
        await store.migrate?.()
        return store
      })
      return made
    }
    dedupeStoreConformance(name, makeStore, { describe, it: it.concurrent, shortMs: 400 })
  }
})

/** Clients without a wrapper: those that are refused by their shape, and those that fail the check. */
const DIRECT = `
import 'reflect-metadata'
import { neon } from '@neondatabase/serverless'
import { Redis } from '@upstash/redis'
import { GlideClient } from '@valkey/valkey-glide'
import { drizzle } from 'drizzle-orm/node-postgres'
import knexOf from 'knex'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import { DataSource } from 'typeorm'
const url = process.env.DATABASE_URL
const sql = postgres(url)
const dataSource = new DataSource({ type: 'postgres', url })
const knex = knexOf({ client: 'pg', connection: url })
export const atOnce = {
  upstash: new Redis({ url: 'http://127.0.0.1:1', token: 'token' }),
  glide: Object.create(GlideClient.prototype),
  sql,
  kysely: new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool() }) }),
  drizzle: drizzle(new pg.Pool()),
  knex,
  dataSource,
  manager: dataSource.manager,
  runner: dataSource.createQueryRunner(),
}
export const atFirst = { neon: neon(url) }
export const end = async () => {
  await sql.end()
  await knex.destroy()
}
`

describe.skipIf(!areInstalled || bun === undefined)('bun:sqlite', () => {
  const sqlite = `${folder}-sqlite`
  afterAll(() => rmSync(sqlite, { recursive: true, force: true }))

  it('passes the conformance suite without a wrapper, in Bun', { timeout: 120_000 }, async () => {
    mkdirSync(sqlite, { recursive: true })
    compileStores(sqlite)
    const path = join(sqlite, 'store.mjs')
    writeFileSync(
      path,
      `import { Database } from 'bun:sqlite'
import { sqliteDedupeStore } from './stores/sqlite/index.js'
export const store = sqliteDedupeStore(new Database(${JSON.stringify(join(sqlite, 'bun.db'))}))`,
    )
    await checkInBun(path)
  })
})

/** Runs the conformance suite in Bun on the store that a module exports. */
async function checkInBun(module: string): Promise<void> {
  const beside = dirname(module)
  compile('testing/conformance/dedupe-store.ts', beside)
  const runner = join(beside, 'in-bun.mjs')
  writeFileSync(runner, IN_BUN.replace('STORE', module))
  const { stdout } = await promisify(execFile)(bun as string, [runner])
  const { failed, passed } = JSON.parse(stdout)
  expect(failed).toEqual([])
  expect(passed).toBeGreaterThan(25)
}

/** Runs all tests of the suite at once, and prints which failed. */
const IN_BUN = `
import { dedupeStoreConformance } from './testing/conformance/dedupe-store.js'
import { store } from 'STORE'
await store.migrate()
const tests = []
dedupeStoreConformance('in Bun', () => store, { describe: (_, body) => body(), it: (title, body) => tests.push([title, body]), shortMs: 400 })
const results = await Promise.allSettled(tests.map(([, body]) => body()))
const failed = results.flatMap(({ reason }, at) => (reason === undefined ? [] : [tests[at][0] + ': ' + reason]))
console.log(JSON.stringify({ failed, passed: tests.length - failed.length }))
process.exit()
`
