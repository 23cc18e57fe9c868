// The recipes of docs/adapters.md: each block of the page is a file, and the files do what the text says. They import the package by its
// public name, so the built package runs here. `npm run typecheck` checks their types. The recipes for NestJS are in nest.test.ts.

import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWebhookSigner } from '../../src/webhook/index.ts'
import { isReachable, POSTGRES_URL } from '../stores/servers.ts'

const root = new URL('../../', import.meta.url)
const text = readFileSync(new URL('docs/adapters.md', root), 'utf8')
const files = readdirSync(new URL('examples/adapters/', root)).sort()

/** Loads a recipe as if for the first time. */
let loads = 0
const load = (file: string) =>
  import(/* @vite-ignore */ `${new URL(`examples/adapters/${file}`, root).href}?${++loads}`)

const signer = createWebhookSigner({ secrets: 'topsecret' })
let count = 0
type Send = (body: string, headers: Record<string, string>) => Promise<number>

beforeEach(() => {
  vi.stubEnv('WEBHOOK_SECRET', 'topsecret')
  vi.stubEnv('PORT', '0') // any free one
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** The table that a recipe writes to, if it does not write to the console. */
let paysInto: string | undefined

/** Sends one delivery twice, and a forgery: what every route must do, wherever it runs. */
async function check(send: Send): Promise<void> {
  const body = `{ "n": ${++count} }`
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const isLogged = paysInto === undefined
  const headers: Record<string, string> = { ...signer.sign({ body }), 'content-type': 'application/json' }
  expect([await send(body, headers), await send(body, headers), await send('{}', headers)]).toEqual([200, 200, 401])
  if (isLogged) expect(log.mock.calls).toEqual([['once', headers['x-fluxora-delivery-id'], { n: count }]])
  log.mockRestore()
}

async function overSocket(listener: Parameters<typeof createServer>[1], path = '/webhooks'): Promise<void> {
  await overServer(createServer(listener).listen(0, '127.0.0.1'), path)
}

async function overServer(server: Server, path = '/webhooks'): Promise<void> {
  if (!server.listening) await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  await check(async (sent, headers) => (await fetch(url, { method: 'POST', body: sent, headers })).status)
  server.closeAllConnections()
  server.close()
}

type Route = (request: Request) => Promise<Response>

function signedRequest(body = '{}'): Request {
  return new Request('http://a.test/webhooks', { method: 'POST', body, headers: signer.sign({ body }) })
}

const overFetch = (route: (request: Request) => Promise<Response> | Response) =>
  check(
    async (sent, headers) =>
      (await route(new Request('http://a.test/webhooks', { method: 'POST', body: sent, headers }))).status,
  )

const recipes: Record<string, () => Promise<void>> = {
  'express.mjs': async () => overServer((await load('express.mjs')).server),
  'fastify.mjs': async () => {
    const { app } = await load('fastify.mjs')
    await overServer(app.server)
    await app.close()
  },
  'hono.mjs': async () => overServer((await load('hono.mjs')).server),
  'http.mjs': async () => overServer((await load('http.mjs')).server),
  'next-route.mjs': async () => {
    vi.stubEnv('WEBHOOK_SECRET', undefined)
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { POST } = await load('next-route.mjs') // as Next.js does while it builds
    expect((await POST(signedRequest())).status).toBe(500)
    vi.stubEnv('WEBHOOK_SECRET', 'topsecret')
    await overFetch(POST)
  },
  'next-pages.mjs': async () => {
    vi.stubEnv('WEBHOOK_SECRET', undefined)
    const { default: handler, config } = await load('next-pages.mjs')
    vi.stubEnv('WEBHOOK_SECRET', 'topsecret')
    expect(config).toEqual({ api: { bodyParser: false } })
    await overSocket(async (request, response) => {
      await handler(request, response)
      expect(response.writableEnded).toBe(true) // Next.js warns if a handler returns before that
    })
  },
  'bun.mjs': async () => {
    const served = vi.fn<(options: { port: string; fetch: Route }) => void>()
    vi.stubGlobal('Bun', { serve: served })
    await load('bun.mjs')
    await overFetch(served.mock.calls[0]?.[0].fetch as Route)
  },
  'deno.mjs': async () => {
    const served = vi.fn<(options: { port: number }, route: Route) => void>()
    vi.stubGlobal('Deno', { serve: served, env: { get: () => 'topsecret' } })
    await load('deno.mjs')
    await overFetch(served.mock.calls[0]?.[1] as Route)
  },
  'tenants.mjs': async () => {
    const { app, merchants } = await load('tenants.mjs')
    merchants.set('acme', { id: 'm1', secret: 'topsecret' }).set('other', { id: 'm2', secret: 'another' })
    await overSocket(app, '/webhooks/acme')
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const headers = signer.sign({ body: '{}' })
    for (const [merchant, status] of [
      ['other', 401],
      ['nobody', 500],
    ] as const) {
      const server = createServer(app).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/${merchant}`
      expect((await fetch(url, { method: 'POST', body: '{}', headers })).status).toBe(status)
      server.closeAllConnections()
      server.close()
    }
  },
  'own-answer.mjs': async () => {
    const { listener, route } = await load('own-answer.mjs')
    await overSocket(listener)
    await overFetch(route)
    const handshake = '{"type":"url_verification","challenge":"3eZbrw"}'
    expect(await (await route(signedRequest(handshake))).text()).toBe('3eZbrw')
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const answer = await fetch(url, { method: 'POST', body: handshake, headers: signer.sign({ body: handshake }) })
    expect([await answer.text(), answer.headers.get('content-type')]).toEqual(['3eZbrw', 'text/plain'])
    server.closeAllConnections()
    server.close()
    const early = signedRequest('{"type":"not_yet"}')
    for (const sent of [early, early.clone()]) {
      const { status, headers } = await route(sent.clone())
      expect([status, headers.get('retry-after')]).toEqual([503, '60']) // released, so it can be sent again
    }
  },
  'lambda.mjs': async () => {
    const { handler } = await load('lambda.mjs')
    await check(async (sent, headers) => {
      const event = { httpMethod: 'POST', headers, isBase64Encoded: true, body: Buffer.from(sent).toString('base64') }
      return (await handler(event)).statusCode
    })
    await check(async (sent, headers) => {
      const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
      return (await handler({ httpMethod: 'POST', multiValueHeaders, headers, body: sent })).statusCode
    })
    const forged = { requestContext: { http: { method: 'POST' } }, headers: {}, isBase64Encoded: true }
    expect(await handler(forged)).toMatchObject({
      statusCode: 401,
      body: expect.stringContaining('missing_delivery_id'),
    })
    expect((await handler({ ...forged, requestContext: { http: { method: 'GET' } } })).statusCode).toBe(405)
  },
  'lambda-invoke.mjs': async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    await load('lambda-invoke.mjs')
    expect(log.mock.calls).toEqual([
      ['once', 'evt_1', { id: 'evt_1', event: 'stream.updated' }],
      [200, '{"ok":true}'],
    ])
  },
  'cloud-function.mjs': async () => {
    const { webhooks } = await load('cloud-function.mjs')
    await overSocket(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const rawBody = Buffer.concat(chunks)
      webhooks(Object.assign(request, { rawBody, body: JSON.parse(rawBody.toString()) }), response)
    })
  },
  'worker.mjs': async () => {
    const { default: worker } = await load('worker.mjs')
    await overFetch((request) => worker.fetch(request, { WEBHOOK_SECRET: 'topsecret' }))
  },
  'logging-pino.mjs': async () => {
    const { loggedListener } = await load('logging-pino.mjs')
    const { pino } = await import('pino')
    const lines: Record<string, unknown>[] = []
    await overSocket(loggedListener(pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) })))
    expect(lines).toMatchObject([
      { level: 30, code: 'ok', status: 200, msg: 'The delivery was handled.' },
      { level: 30, code: 'duplicate_delivery' },
      { level: 40, code: 'signature_mismatch', status: 401 },
    ])
    expect(JSON.stringify(lines)).not.toContain('topsecret')
  },
}

/** Recipes that write to Postgres, each in its own schema. */
const hasPostgres = await isReachable('Postgres', POSTGRES_URL)
const inPostgres: Record<string, () => Promise<void>> = {
  'transaction-express.mjs': () =>
    inSchema('transaction-express.mjs', async ({ app, store }) => {
      await store.migrate()
      await overSocket(app)
    }),
  'transaction-fastify.mjs': () =>
    inSchema('transaction-fastify.mjs', async ({ app }) => {
      await app.ready()
      await overServer(app.server.listen(0, '127.0.0.1'))
      await app.close()
    }),
  'transaction-fetch.mjs': () =>
    inSchema('transaction-fetch.mjs', async ({ route, store }) => {
      await store.migrate()
      await overFetch(route)
    }),
}

const admin = new pg.Pool({ connectionString: POSTGRES_URL, max: 1 })
afterAll(() => admin.end())

// biome-ignore lint/suspicious/noExplicitAny: what a recipe exports
async function inSchema(file: string, run: (recipe: any) => Promise<void>): Promise<void> {
  const schema = `recipes_${process.pid}`
  await admin.query(`CREATE SCHEMA ${schema}`)
  await admin.query(`CREATE TABLE ${schema}.payments (delivery text)`)
  vi.stubEnv('DATABASE_URL', `${POSTGRES_URL}?options=${encodeURIComponent(`-c search_path=${schema}`)}`)
  const recipe = await load(file)
  try {
    paysInto = `${schema}.payments`
    await run(recipe)
    expect((await admin.query(`SELECT * FROM ${schema}.payments`)).rows).toHaveLength(1)
  } finally {
    paysInto = undefined
    await recipe.pool.end()
    await admin.query(`DROP SCHEMA ${schema} CASCADE`)
  }
}

describe('docs/adapters.md', () => {
  it('shows every recipe exactly as its file has it', () => {
    const nest = readdirSync(new URL('test/adapters/nest/', root)).filter((file) => /^nest-.*\.ts$/.test(file))
    const paths = [
      ...files.filter((file) => file !== 'globals.d.ts').map((file) => `examples/adapters/${file}`),
      ...nest.map((file) => `test/adapters/nest/${file}`),
    ]
    for (const path of paths) {
      const lines = readFileSync(new URL(path, root), 'utf8').trimEnd().split('\n')
      const code = lines.filter((line) => !line.includes('biome-ignore')).join('\n')
      expect(text, path).toContain(`<!-- ${path} -->\n\`\`\`${path.endsWith('.ts') ? 'ts' : 'js'}\n${code}\n\`\`\``)
    }
    expect(text.match(/^```(?!sh$)\w/gm)).toHaveLength(paths.length) // and no block of code without a file
  })

  it('has a test for every recipe', () => {
    // payloads.ts is types: tsc checks it. These two run in transaction.test.ts and raw-headers.test.ts.
    const tested = [...Object.keys(recipes), ...Object.keys(inPostgres), 'transaction.mjs', 'changed-headers.mjs']
    expect(tested.sort()).toEqual(files.filter((file) => file.endsWith('.mjs')))
  })

  it('has no fallback secret, and no example has one', () => {
    const sources = files.map((file) => readFileSync(new URL(`examples/adapters/${file}`, root), 'utf8'))
    const code = text.replace(/^```sh$[\s\S]*?^```$/gm, '') // what is typed names a secret; what is saved does not
    for (const source of [code, ...sources]) expect(source).not.toMatch(/secrets?: *['"`]|\?\? *['"`](?!')|topsecret/i)
  })
})

const isBuilt = existsSync(new URL('dist/fetch.js', root))
describe.skipIf(!isBuilt)('the recipe', () => {
  it.each(Object.entries(recipes))('%s', (_file, run) => run())
})
describe.skipIf(!isBuilt || !hasPostgres)('the recipe with Postgres', () => {
  it.each(Object.entries(inPostgres))('%s', (_file, run) => run())
})
