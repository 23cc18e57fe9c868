// The example server, run as a process: the same behaviour on SQLite, on Postgres, and with Redis as the dedupe store.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWebhookSigner } from '../../src/webhook/index.ts'
import { chronomind, fluxdrop, fluxora, stellarPayment } from '../../src/webhook/schemes/index.ts'
import { isReachable, POSTGRES_URL, REDIS_URL } from '../stores/servers.ts'
import { call, emptyDatabase, emptyFolder, isInstalled, type Running, secrets, start } from './support.ts'

const hasServers = (await isReachable('Postgres', POSTGRES_URL)) && (await isReachable('Redis', REDIS_URL))
const sender = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
const stream = { sender, recipient: sender, depositAmount: '100', ratePerSecond: '0.001', startTime: 1_700_000_000 }
const run = Date.now().toString(36)

type Cleanup = () => Promise<void>
const storages: Record<string, () => Promise<[env: Record<string, string>, cleanup: Cleanup]>> = {
  SQLite: async () => [{ DATA_DIR: emptyFolder() }, async () => {}],
  ...(hasServers && {
    Postgres: async () => {
      const { url, drop } = await emptyDatabase()
      return [{ DATABASE_URL: url }, drop]
    },
    'SQLite and Redis': async () => [{ DATA_DIR: emptyFolder(), REDIS_URL }, async () => {}],
  }),
}

describe.skipIf(!isInstalled).each(Object.entries(storages))('the example on %s', (name, prepare) => {
  let server: Running
  let env: Record<string, string>
  let cleanup: Cleanup
  beforeAll(async () => {
    ;[env, cleanup] = await prepare()
    server = await start(env)
  })
  afterAll(async () => {
    server.process.kill('SIGKILL')
    await server.exit
    await cleanup()
  })
  const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    call(server.origin, method, path, body, headers)

  it('creates, lists, gives and cancels streams', async () => {
    const created = await ask('POST', '/api/streams', stream)
    expect(created).toMatchObject({ status: 201, body: { ...stream, status: 'completed', accruedAmount: '100' } })
    const slow = await ask('POST', '/api/streams', { ...stream, depositAmount: '99999999999.0000000' })
    expect(slow.body).toMatchObject({ status: 'active', depositAmount: '99999999999' })
    expect((await ask('GET', '/api/streams?limit=1')).body.streams.map(({ id }: { id: string }) => id)).toEqual([
      slow.body.id,
    ])
    expect((await ask('POST', `/api/streams/${created.body.id}/cancel`)).status).toBe(409)
    const answers = await Promise.all([1, 2, 3].map(() => ask('POST', `/api/streams/${slow.body.id}/cancel`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    expect((await ask('GET', `/api/streams/${slow.body.id}`)).body.status).toBe('cancelled')
    expect(await ask('GET', '/api/streams/none')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } })
    for (const limit of ['0', '1001', 'x', '-1', '1e3']) {
      expect((await ask('GET', `/api/streams?limit=${limit}`)).status).toBe(400)
    }
  })

  it('tells of every wrong field at once, and repeats none', async () => {
    const seed = `S${'A'.repeat(55)}`
    const answer = await ask('POST', '/api/streams', { depositAmount: 1, ratePerSecond: '1e-7', sender: seed })
    expect(answer.status).toBe(400)
    expect(answer.body.error).toMatchObject({
      code: 'VALIDATION_ERROR',
      fields: {
        depositAmount: { code: 'DECIMAL_INVALID_TYPE' },
        ratePerSecond: { code: 'DECIMAL_INVALID_FORMAT' },
        sender: { code: 'INVALID_ADDRESS' },
        recipient: { code: 'MISSING' },
        startTime: { code: 'INVALID_TIME' },
      },
    })
    await ask('GET', `/api/streams/${seed}`)
    await ask('POST', '/api/streams', `{"sender":${seed}`)
    expect(JSON.stringify(answer.body) + server.log()).not.toContain(seed)
  })

  it.each([
    ['fluxora', fluxora],
    ['stellarPayment', stellarPayment],
    ['chronomind', chronomind],
    ['fluxdrop', fluxdrop],
  ] as const)('takes deliveries of %s once', async (path, scheme) => {
    const body = JSON.stringify({ id: `${name}-${run}-${path}` })
    const signed = createWebhookSigner({ scheme, secrets: secrets[path] }).sign({ body, deliveryId: `${run}-${path}` })
    const deliver = (sent: string) => ask('POST', `/webhooks/${path}`, sent, signed)
    expect(await deliver(body.replace('id', 'ID'))).toMatchObject({
      status: 401,
      body: { error: 'signature_mismatch' },
    })
    expect((await deliver(body)).status).toBe(200)
    expect((await deliver(body)).body).toMatchObject({ ok: true, duplicate: true })
  })

  it('follows the chain, and shows a reorg', async () => {
    const send = (...ledgers: unknown[]) => ask('POST', '/internal/ledgers', { ledgers })
    expect((await ask('GET', '/health')).body.indexer.status).toBe('not_configured')
    expect((await send({ sequence: 100, hash: 'a' }, { sequence: 101, hash: 'b' })).body.code).toBe('EXTENDED')
    expect((await send({ sequence: 101, hash: 'c' })).body.code).toBe('REORG')
    expect((await ask('GET', '/internal/ledgers')).body.ledgers.map(({ hash }: { hash: string }) => hash)).toEqual([
      'a',
      'c',
    ])
    const { status, body } = await ask('GET', '/health')
    expect([status, body]).toMatchObject([200, { status: 'degraded', reorgDetected: true, lastSafeLedger: 100 }])
    await expect
      .poll(() => server.log())
      .toMatch(/"existingHash":"b","incomingHash":"c"|"incomingHash":"c","existingHash":"b"/)
    expect((await send({ sequence: 102 })).status).toBe(400)
    expect((await ask('POST', '/internal/ledgers', {})).status).toBe(400)
    expect((await send({ sequence: 900_000, hash: 'z' })).status).toBe(409)
  })

  it('gives request ids, metrics and stellar.toml, and CORS for stellar.toml alone', async () => {
    expect((await ask('GET', '/health', undefined, { 'x-request-id': 'a.B-9_' })).headers.get('x-request-id')).toBe(
      'a.B-9_',
    )
    for (const id of ['a b', 'x'.repeat(129), '<script>']) {
      const answer = await ask('GET', '/nowhere', undefined, { 'x-request-id': id })
      expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
    }
    const bad = await ask('POST', '/webhooks/fluxora', 'x')
    expect([bad.status, bad.headers.has('x-request-id')]).toEqual([401, true])
    const metrics = (await ask('GET', '/metrics')).body
    expect(metrics).toContain('fluxora_webhook_deliveries_total{scheme="fluxora",code="signature_mismatch"} 1')
    expect(metrics.includes('pg_pool_utilization_percent')).toBe(name === 'Postgres')
    const toml = await ask('GET', '/.well-known/stellar.toml')
    expect(toml.headers.get('access-control-allow-origin')).toBe('*')
    expect(toml.body).toContain('NETWORK_PASSPHRASE = "Test SDF Network ; September 2015"')
    expect((await ask('GET', '/health')).headers.has('access-control-allow-origin')).toBe(false)
  })

  it('answers an oversize request, and then the next one', async () => {
    for (const path of ['/api/streams', '/webhooks/fluxora', '/internal/ledgers']) {
      const answer = await ask('POST', path, 'x'.repeat(1_048_576)).catch(() => ({ status: 413 }))
      expect([401, 413]).toContain(answer.status)
      expect((await ask('GET', '/health')).status).toBe(200)
    }
  })

  it('keeps everything when it is killed, and ends well when it is asked to', async () => {
    const chain = (await ask('GET', '/internal/ledgers')).body
    const { streams } = (await ask('GET', '/api/streams')).body
    server.process.kill('SIGKILL')
    await server.exit
    server = await start(env)
    expect((await ask('GET', '/internal/ledgers')).body).toEqual(chain)
    expect((await ask('GET', '/api/streams')).body.streams.length).toBe(streams.length)
    const page = await fetch(`${server.origin}/events`)
    server.process.kill('SIGTERM')
    expect(await server.exit).toBe(0)
    await page.text()
    server = await start(env)
  })
})
