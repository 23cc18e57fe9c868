// Webhooks out: an endpoint is told of every change, signed, until it has answered with a 2xx, through failures and a crash.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createWebhookVerifier } from '../../src/webhook/index.ts'
import { isReachable, POSTGRES_URL } from '../stores/servers.ts'
import { call, emptyDatabase, emptyFolder, isInstalled, type Running, start } from './support.ts'

const sender = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
const stream = { sender, recipient: sender, depositAmount: '1000000', ratePerSecond: '0.001', startTime: 1_700_000_000 }
const secret = 'endpoint-secret'
const verifier = createWebhookVerifier({ secrets: secret })
const hasPostgres = await isReachable('Postgres', POSTGRES_URL)

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** An endpoint that answers as the list says, then with 200, and notes what was genuine. */
async function endpoint(statuses: number[]): Promise<{ url: string; seen: { id: string; event: string }[] }> {
  const seen: { id: string; event: string }[] = []
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const status = statuses.shift() ?? 200
    const verdict = verifier.verify({ headers: request.headers, body: Buffer.concat(chunks) })
    if (verdict.ok && status === 200) seen.push(verdict.delivery.json())
    response.writeHead(verdict.ok ? status : 401).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, seen }
}

async function run(env: Record<string, string>): Promise<Running> {
  const server = await start({ ENDPOINT_ALLOW: '127.0.0.0/8', LEASE_SECONDS: '1', ...env })
  undo.push(() => server.process.kill('SIGKILL') && server.exit)
  return server
}

const storages = ['SQLite', ...(hasPostgres ? ['Postgres'] : [])]

describe.skipIf(!isInstalled).each(storages)('webhooks out, on %s', (storage) => {
  async function prepare(): Promise<Record<string, string>> {
    if (storage === 'SQLite') return { DATA_DIR: emptyFolder() }
    const { url, drop } = await emptyDatabase()
    undo.push(drop)
    return { DATABASE_URL: url }
  }

  it('sends each event until it is delivered, and shows the attempts', async () => {
    const server = await run(await prepare())
    const { url, seen } = await endpoint([503])
    const made = await call(server.origin, 'POST', '/api/endpoints', { url, secret, events: ['stream.created'] })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({ id: expect.any(String), url, events: ['stream.created'] })
    const created = await call(server.origin, 'POST', '/api/streams', stream)
    await call(server.origin, 'POST', `/api/streams/${created.body.id}/cancel`)
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(1)
    expect(seen[0]).toMatchObject({ event: 'stream.created', streamId: created.body.id })
    const attempts = async () => (await call(server.origin, 'GET', '/api/deliveries')).body.deliveries
    await expect.poll(async () => (await attempts()).length).toBe(2)
    expect(await attempts()).toMatchObject([
      { attempt: 2, outcome: 'delivered', reason: 'ok', next: null, event: 'stream.created', endpoint: made.body.id },
      { attempt: 1, outcome: 'retry', reason: 'http_status', next: expect.any(String) },
    ])
    expect(server.log() + JSON.stringify((await call(server.origin, 'GET', '/api/endpoints')).body)).not.toContain(
      secret,
    )
    expect((await call(server.origin, 'DELETE', `/api/endpoints/${made.body.id}`)).status).toBe(204)
    expect((await call(server.origin, 'DELETE', `/api/endpoints/${made.body.id}`)).status).toBe(404)
  })

  it('loses nothing when it is killed before it could send', async () => {
    const env = await prepare()
    const first = await run(env)
    const { url, seen } = await endpoint([503, 503, 503])
    await call(first.origin, 'POST', '/api/endpoints', { url, secret })
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await call(first.origin, 'POST', '/api/streams', stream)).body.id),
    )
    first.process.kill('SIGKILL')
    await first.exit
    await run(env)
    await expect.poll(() => new Set(seen.map(({ id }) => id)).size, { timeout: 25_000 }).toBe(3)
    expect(seen.map((told) => (told as unknown as { streamId: string }).streamId).sort()).toEqual(
      expect.arrayContaining(ids.sort()),
    )
  }, 40_000)
})

describe.skipIf(!isInstalled)('which endpoints are refused', () => {
  it('refuses addresses inside the network, other schemes, user names, and http outside the allowed blocks', async () => {
    const server = await run({ DATA_DIR: emptyFolder() })
    for (const url of [
      'https://10.0.0.1/',
      'http://1.1.1.1/',
      'http://169.254.169.254/latest',
      'https://[::1]/',
      'ftp://127.0.0.1/',
      'http://user:word@127.0.0.1/',
      'not a url',
      7,
    ]) {
      const answer = await call(server.origin, 'POST', '/api/endpoints', { url, secret })
      expect([url, answer.status, Object.keys(answer.body.error?.fields ?? {})]).toEqual([url, 400, ['url']])
    }
    const answer = await call(server.origin, 'POST', '/api/endpoints', {})
    expect(Object.keys(answer.body.error.fields)).toEqual(['url', 'secret'])
  })
})
