// One set of behaviours, tested over real sockets with every adapter and framework version.

import { setTimeout as sleep } from 'node:timers/promises'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  type DedupeStore,
  type FindTenant,
  memoryDedupeStore,
  type OutcomeReport,
  previousSecret,
  type TenantRequest,
  type VerifiedDelivery,
} from '../../src/webhook/index.ts'
import { github, standardWebhooks, stripe } from '../../src/webhook/schemes/index.ts'
import {
  type Answer,
  attempt,
  type Draft,
  deliver,
  dial,
  freshId,
  request,
  SECRET,
  type Wire,
} from './support/client.ts'
import { type Setup, targets } from './support/targets.ts'

const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)
beforeAll(() => {
  process.on('unhandledRejection', note).on('uncaughtException', note)
})
afterAll(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note)
})

function gateway(): { promise: Promise<unknown>; resolve: (value: unknown) => void } {
  let resolve!: (value: unknown) => void
  const promise = new Promise((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

// scripts/package/test-runtimes.mjs runs this file in other runtimes, and must not run it in the wrong one.
it.runIf(process.env.EXPECTED_HOST)('runs in the expected host', () => {
  const { bun, deno, node } = process.versions
  expect(bun ? `bun ${bun}` : deno ? `deno ${deno}` : `node ${node}`).toMatch(`${process.env.EXPECTED_HOST}`)
})

interface Bench {
  readonly port: number
  readonly runs: VerifiedDelivery[]
  readonly reports: OutcomeReport[]
  send(draft?: Draft): Promise<Answer>
  dial(): Promise<Wire>
  /** Waits for this many reports, and returns them. */
  reported(count: number): Promise<OutcomeReport[]>
}

describe.each(targets)('$name', (target) => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
    expect(unhandled.splice(0)).toEqual([])
  })

  async function serve(options: Partial<Setup['options']> = {}, setup: Partial<Setup> = {}): Promise<Bench> {
    const runs: VerifiedDelivery[] = []
    const reports: OutcomeReport[] = []
    const { port, close } = await target.start({
      ...setup,
      options: { secrets: SECRET, onOutcome: (report) => reports.push(report), ...options },
      run: (delivery) => {
        runs.push(delivery)
        return setup.run ? setup.run(delivery) : Promise.resolve()
      },
    })
    closing.push(close)
    return {
      port,
      runs,
      reports,
      send: (draft) => deliver(port, draft),
      async dial() {
        const wire = await dial(port)
        closing.unshift(async () => void wire.socket.destroy())
        return wire
      },
      async reported(count) {
        while (reports.length < count) await sleep(1)
        return reports
      },
    }
  }

  async function refuses(draft: Draft, status: number, error: string, options: Partial<Setup['options']> = {}) {
    const bench = await serve(options)
    const answer = await bench.send(draft)
    expect(answer).toMatchObject({ status, json: { error, message: expect.any(String) } })
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(bench.runs).toEqual([])
    expect(await bench.reported(1)).toMatchObject([{ ok: false, status, code: error }])
    return { ...bench, answer }
  }

  describe('accepts', () => {
    it('a genuine delivery, and answers with JSON', async () => {
      const bench = await serve()
      const answer = await bench.send({ deliveryId: 'dlv_1' })
      expect(answer).toMatchObject({ status: 200, json: { ok: true, deliveryId: 'dlv_1' } })
      expect(answer.headers['content-type']).toMatch(/^application\/json/)
      expect(bench.runs).toHaveLength(1)
    })

    it('a body as large as its sender makes them', async () => {
      const bench = await serve({ scheme: github })
      const body = JSON.stringify({ commits: 'x'.repeat(300_000) })
      expect(await bench.send({ scheme: github, body })).toMatchObject({ status: 200 })
    })

    it('with its id, event, timestamp, headers and bytes', async () => {
      const bench = await serve({ secrets: { secret: SECRET, id: 'k1' } })
      await bench.send({
        deliveryId: 'dlv_2',
        event: 'stream.closed',
        headers: { 'X-Request-Id': 'r-1' },
        body: '{"a":1}',
      })
      const [delivery] = bench.runs
      expect(delivery).toMatchObject({ scheme: 'fluxora', deliveryId: 'dlv_2', event: 'stream.closed', keyId: 'k1' })
      expect(delivery?.timestamp).toBeCloseTo(Date.now() / 1000, -1)
      expect(delivery?.headers['x-request-id']).toBe('r-1')
      expect(Object.isFrozen(delivery?.headers)).toBe(true)
      expect(delivery?.text()).toBe('{"a":1}')
      expect(delivery?.json()).toEqual({ a: 1 })
    })

    it.each([
      ['bytes that are not UTF-8', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
      ['an empty body', ''],
      ['a byte order mark and line breaks', '\ufeff{\r\n}'],
      ['escapes that a parser would rewrite', '{"a":"\\u0026","b":1.0,"c":1e2}'],
    ])('%s, unchanged', async (_name, body) => {
      const bench = await serve()
      for (const chunks of [0, 7]) {
        // With a timestamp of its own: the same bytes in the same second would be the same delivery under another id.
        const timestamp = Math.floor(Date.now() / 1000) - chunks
        expect(await bench.send({ body, chunks, timestamp })).toMatchObject({ status: 200 })
        expect(Buffer.from(bench.runs.at(-1)!.body)).toEqual(Buffer.from(body))
      }
    })

    it.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'a/b'])(
      'the content type %s',
      async (type) => {
        const bench = await serve()
        expect(await bench.send({ headers: { 'content-type': type } })).toMatchObject({ status: 200 })
        expect(bench.runs).toHaveLength(1)
      },
    )

    it('a body that arrives a byte at a time', async () => {
      const bench = await serve()
      const wire = await bench.dial()
      for (const byte of request({ body: '{"event":"slow"}' }).wire) wire.send(Uint8Array.of(byte))
      expect(await wire.answer()).toMatchObject({ status: 200 })
    })

    it('a body in chunks of one byte', async () => {
      const bench = await serve()
      expect(await bench.send({ body: 'x'.repeat(3000), chunks: 1 })).toMatchObject({ status: 200 })
      expect(bench.runs[0]?.body).toHaveLength(3000)
    })

    it('a body of exactly the limit, by length and in chunks', async () => {
      const bench = await serve({ maxBodyBytes: 1000 })
      expect(await bench.send({ body: 'x'.repeat(1000) })).toMatchObject({ status: 200 })
      expect(await bench.send({ body: 'y'.repeat(1000), chunks: 999 })).toMatchObject({ status: 200 })
    })

    it('a body that is sent after 100 Continue', async () => {
      const bench = await serve()
      const wire = await bench.dial()
      const { head, body } = request({ headers: { expect: '100-continue' } })
      wire.send(head)
      await wire.continued()
      wire.send(body)
      expect(await wire.answer()).toMatchObject({ status: 200 })
    })

    it('a delivery signed with the previous secret, in its grace period', async () => {
      const secrets = ['current', previousSecret(SECRET, Math.floor(Date.now() / 1000) - 60)]
      const bench = await serve({ secrets })
      expect(await bench.send()).toMatchObject({ status: 200 })
    })

    it("a delivery signed with its own merchant's secret", async () => {
      const tenant = async ({ headers }: TenantRequest) => {
        const namespace = headers['x-merchant'] as string
        return { namespace, secrets: `secret of ${namespace}` }
      }
      const bench = await serve({ secrets: undefined, tenant })
      const draft = { headers: { 'x-merchant': 'm1' }, secrets: 'secret of m1' }
      expect(await bench.send(draft)).toMatchObject({ status: 200 })
      expect(await bench.send({ ...draft, headers: { 'x-merchant': 'm2' } })).toMatchObject({ status: 401 })
    })

    it.each([stripe, standardWebhooks])('a delivery of $name', async (scheme) => {
      const secrets = scheme.name === stripe.name ? SECRET : `whsec_${Buffer.alloc(32, 7).toString('base64')}`
      const bench = await serve({ scheme, secrets })
      expect(await bench.send({ scheme, secrets })).toMatchObject({ status: 200 })
    })
  })

  it('passes the method and URL to the tenant function, and keeps tenants apart', async () => {
    const asked: unknown[] = []
    const tenant: FindTenant = ({ method, url, headers }) => {
      asked.push([method, url, headers['x-merchant']])
      const name = new URL(url ?? '', 'http://localhost').searchParams.get('merchant') ?? ''
      return { namespace: name, secrets: `secret of ${name}` }
    }
    const bench = await serve({ secrets: undefined, tenant })
    const draft = (name: string): Draft => ({
      ...attempt(),
      deliveryId: 'the same',
      body: 'the same',
      path: `/webhooks?merchant=${name}`,
      secrets: `secret of ${name}`,
      headers: { 'x-merchant': name },
    })
    for (const name of ['a', 'b'])
      expect(await bench.send(draft(name))).toMatchObject({ status: 200, json: { ok: true } })
    expect((await bench.send(draft('a'))).json).toMatchObject({ duplicate: true })
    expect(bench.runs).toHaveLength(2)
    const origin = target.isAbsolute
      ? expect.stringMatching(/^http:\/\/localhost.*\/webhooks\?merchant=a$/)
      : '/webhooks?merchant=a'
    expect(asked[0]).toEqual(['POST', origin, 'a'])
  })

  describe('with inflate', () => {
    const body = JSON.stringify({ text: 'x'.repeat(500) })
    it.each([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ])('accepts a body that was signed before it was compressed with %s', async (encoding, compress) => {
      const bench = await serve({ inflate: true, maxBodyBytes: 1000 })
      const draft = { body, sent: compress(body), headers: { 'content-encoding': encoding } }
      expect(await bench.send(draft)).toMatchObject({ status: 200 })
      expect(bench.runs[0]?.text()).toBe(body)
      const bomb = { ...draft, sent: compress(Buffer.alloc(100_000)) }
      expect(await bench.send(bomb)).toMatchObject({ status: 413, json: { error: 'payload_too_large' } })
      expect(await bench.send({ ...draft, sent: Buffer.from('this was never compressed') })).toMatchObject({
        status: 400,
      })
    })
  })

  describe('buffers unverified bodies', () => {
    it('up to maxBufferedBytes, and frees all of it', async () => {
      const bench = await serve({ maxBodyBytes: 1000, maxBufferedBytes: 10_000 })
      // The signature is invalid and the timestamp current: such a body is read before it is refused.
      const forged = (): Draft => ({ ...attempt(), body: 'x'.repeat(1000), secrets: 'another' })
      for (let round = 0; round < 2; round++) {
        const wires = await Promise.all(Array.from({ length: 30 }, () => bench.dial()))
        const requests = wires.map(() => request(forged()).wire)
        for (const [at, wire] of wires.entries()) wire.send(requests[at]!.subarray(0, -1))
        // Ten bodies of 999 bytes each fit, and twenty do not.
        const reports = await bench.reported(round * 30 + 20)
        expect(new Set(reports.slice(round * 30).map(({ code }) => code))).toEqual(new Set(['overloaded']))
        await sleep(30)
        expect(reports).toHaveLength(round * 30 + 20)
        for (const [at, wire] of wires.entries()) wire.send(requests[at]!.subarray(-1))
        const answers = await Promise.all(wires.map((wire) => wire.answer()))
        const refused = answers.filter(({ status }) => status === 429)
        expect(refused).toHaveLength(20)
        for (const { headers, json } of refused) {
          expect(Number(headers['retry-after'])).toBeGreaterThan(0)
          expect(json.error).toBe('overloaded')
        }
        expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
      }
      expect(await bench.send({ body: 'y'.repeat(1000) })).toMatchObject({ status: 200 })
    })

    it('but not the body of a delivery with an old timestamp, whatever length it declares', async () => {
      const bench = await serve({ maxBodyBytes: 1000, maxBufferedBytes: 1000 })
      const wires = await Promise.all(Array.from({ length: 5 }, () => bench.dial()))
      for (const wire of wires) wire.send(request({ body: 'x'.repeat(1000), timestamp: 1 }).head)
      for (const wire of wires) expect(await wire.answer()).toMatchObject({ status: 401 })
      expect(new Set((await bench.reported(5)).map(({ code }) => code))).toEqual(
        new Set(['timestamp_outside_tolerance']),
      )
    })
  })

  describe('without onOutcome', () => {
    async function logged(
      options: Partial<Setup['options']>,
      setup: Partial<Setup> = {},
      times = 3,
    ): Promise<unknown[][]> {
      const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
      try {
        const bench = await serve({ onOutcome: undefined, ...options }, setup)
        for (let i = 0; i < times; i++) await bench.send()
        return spy.mock.calls.filter(([line]) => `${line}`.startsWith('@fluxora/verify'))
      } finally {
        spy.mockRestore()
      }
    }
    const down: DedupeStore = {
      claim: () => Promise.reject(new Error('relation "webhook_claims" does not exist')),
      commit: async () => true,
      release: async () => true,
    }
    const fails = (): Promise<never> => Promise.reject(new Error('broken'))

    it('logs to the console once that the store fails, such as after a forgotten migrate()', async () => {
      const message = expect.stringContaining('store_unavailable')
      const error = expect.objectContaining({ message: 'relation "webhook_claims" does not exist' })
      expect(await logged({ dedupe: down })).toEqual([[message, error]])
    })

    it('logs once that no secret is configured', async () => {
      expect(await logged({ secrets: () => undefined })).toEqual([
        [expect.stringContaining('missing_secret'), expect.anything()],
      ])
    })

    it('logs once that a handler fails, unless the framework does', async () => {
      const message = expect.stringContaining('handler_failed')
      const error = expect.objectContaining({ message: 'broken' })
      expect(await logged({}, { run: fails })).toEqual(target.tellsFailures ? [] : [[message, error]])
    })

    it('logs nothing for errors of the sender', async () => {
      expect(await logged({ secrets: 'another' })).toEqual([])
    })

    it('logs nothing if onOutcome is false', async () => {
      expect(await logged({ onOutcome: false, dedupe: down })).toEqual([])
    })
  })

  describe('refuses', () => {
    const hour = 3600
    const now = (): number => Math.floor(Date.now() / 1000)

    it('a missing delivery id', () =>
      refuses({ headers: { 'x-fluxora-delivery-id': undefined } }, 401, 'missing_delivery_id'))
    it('a missing timestamp', () =>
      refuses({ headers: { 'x-fluxora-timestamp': undefined } }, 401, 'missing_timestamp'))
    it('a missing signature', () =>
      refuses({ headers: { 'x-fluxora-signature': undefined } }, 401, 'missing_signature'))
    it('a malformed signature', () =>
      refuses({ headers: { 'x-fluxora-signature': 'sha256=nonsense' } }, 401, 'malformed_signature'))
    it('two signatures', () => {
      const lines = [`X-Fluxora-Signature: ${'0'.repeat(64)}`]
      return refuses({ lines }, 401, 'ambiguous_header')
    })
    it('a timestamp that is not a number', () =>
      refuses({ headers: { 'x-fluxora-timestamp': '1.5e9' } }, 400, 'invalid_timestamp'))
    it('an old timestamp', () => refuses({ timestamp: now() - hour }, 401, 'timestamp_outside_tolerance'))
    it('a timestamp in the future', () => refuses({ timestamp: now() + hour }, 401, 'timestamp_outside_tolerance'))
    it('a signature made with another secret', () => refuses({ secrets: 'another' }, 401, 'signature_mismatch'))
    it('a signature made with an expired secret', () => {
      const secrets = ['current', previousSecret(SECRET, now() - 48 * hour)]
      return refuses({}, 401, 'previous_secret_expired', { secrets })
    })
    it('a body that was changed in transit', async () => {
      const bench = await serve()
      const wire = await bench.dial()
      const { head, body } = request({ body: '{"amount":"1.00"}' })
      wire.send(head)
      wire.send(Buffer.from(body.toString().replace('1.00', '9.00')))
      expect(await wire.answer()).toMatchObject({ status: 401, json: { error: 'signature_mismatch' } })
      expect(bench.runs).toEqual([])
    })
    it('a compressed body', () =>
      refuses({ headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported_content_encoding'))
    it('a delivery without a configured secret', () => refuses({}, 500, 'missing_secret', { secrets: () => undefined }))
    it('a delivery whose secret look-up fails', () =>
      refuses({}, 500, 'missing_secret', { secrets: () => Promise.reject(new Error('down')) }))

    it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('the method %s', async (method) => {
      const bench = await serve()
      const answer = await bench.send({ method, body: '' })
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
      if (method === 'HEAD') expect(answer.text).toBe('')
      else expect(answer.json).toMatchObject({ error: 'method_not_allowed' })
      expect(bench.runs).toEqual([])
    })

    it('junk, at once and unread', async () => {
      const bench = await serve()
      const wire = await bench.dial()
      wire.send('POST /webhooks HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000000\r\n\r\njunk')
      expect(await wire.answer()).toMatchObject({ status: 401, json: { error: 'missing_delivery_id' } })
      await wire.closed()
    })

    it('a length beyond the limit, before the body is sent', async () => {
      const bench = await serve({ maxBodyBytes: 1000 })
      const wire = await bench.dial()
      wire.send(request({ body: 'x'.repeat(1001) }).head)
      expect(await wire.answer()).toMatchObject({ status: 413, json: { error: 'payload_too_large' } })
      expect(bench.runs).toEqual([])
    })

    it('a length beyond the limit that waits for 100 Continue', async () => {
      const bench = await serve({ maxBodyBytes: 1000 })
      const wire = await bench.dial()
      wire.send(request({ body: 'x'.repeat(5000), headers: { expect: '100-continue' } }).head)
      expect(await wire.answer()).toMatchObject({ status: 413 })
    })

    it('chunks beyond the limit, while they are being sent', async () => {
      const bench = await serve({ maxBodyBytes: 1000 })
      const wire = await bench.dial()
      const { wire: bytes } = request({ body: 'x'.repeat(50_000), chunks: 500 })
      wire.send(bytes.subarray(0, 4000)) // the rest is never sent
      expect(await wire.answer()).toMatchObject({ status: 413, json: { error: 'payload_too_large' } })
      expect(bench.runs).toEqual([])
    })

    it('a body that takes too long, and closes the connection', async () => {
      const bench = await serve({ bodyTimeoutSeconds: 0.1 })
      const wire = await bench.dial()
      const { wire: bytes } = request()
      wire.send(bytes.subarray(0, bytes.length - 1))
      expect(await wire.answer()).toMatchObject({ status: 408, json: { error: 'body_timeout' } })
      await wire.closed()
      expect(bench.runs).toEqual([])
    })

    it('a body that was already parsed, at once, and says how to fix it', async () => {
      const bench = await serve({}, { parsedBefore: true })
      const started = performance.now()
      const answer = await bench.send()
      expect(performance.now() - started).toBeLessThan(500)
      expect(answer).toMatchObject({ status: 500, json: { error: 'body_already_parsed' } })
      expect(answer.json.message).toMatch(target.fix)
      expect(bench.runs).toEqual([])
    })

    it('more deliveries than maxConcurrent', async () => {
      const gate = gateway()
      const bench = await serve({ maxConcurrent: 1 }, { run: () => gate.promise })
      const first = bench.send()
      while (bench.runs.length === 0) await sleep(1)
      const answer = await bench.send()
      expect(answer).toMatchObject({ status: 429, json: { error: 'overloaded' } })
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      gate.resolve(undefined)
      expect(await first).toMatchObject({ status: 200 })
    })

    it('every delivery while the store is down', async () => {
      const down = async (): Promise<never> => {
        throw new Error('connection refused')
      }
      const dedupe: DedupeStore = { claim: down, commit: down, release: down }
      const { reports } = await refuses({}, 503, 'store_unavailable', { dedupe })
      expect(reports[0]?.error).toMatchObject({ message: 'connection refused' })
    })

    it('without revealing a secret or a signature', async () => {
      const bench = await serve()
      const drafts: Draft[] = [
        { body: 'a', secrets: 'x' },
        { headers: { 'x-fluxora-signature': 'x' } },
        { timestamp: 1 },
      ]
      for (const draft of drafts) {
        const { text, headers } = await bench.send(draft)
        expect(text + JSON.stringify(headers)).not.toMatch(/topsecret|[0-9a-f]{32}/i)
      }
      expect(JSON.stringify(await bench.reported(3))).not.toMatch(/topsecret|[0-9a-f]{32}/i)
    })
  })

  describe('handles once', () => {
    it('a delivery that is sent again', async () => {
      const bench = await serve()
      const draft = attempt()
      expect(await bench.send(draft)).toMatchObject({ status: 200, json: { ok: true } })
      const again = await bench.send(draft)
      expect(again).toMatchObject({ status: 200, json: { ok: true, duplicate: true, deliveryId: draft.deliveryId } })
      expect(bench.runs).toHaveLength(1)
    })

    it('a delivery that is sent again, and answers 409 if duplicateStatus says so', async () => {
      const bench = await serve({ duplicateStatus: 409 })
      const draft = attempt()
      await bench.send(draft)
      const { status, json } = await bench.send(draft)
      const message = 'The delivery was handled before.'
      expect([status, json]).toEqual([409, { error: 'duplicate_delivery', message, deliveryId: draft.deliveryId }])
    })

    it('a delivery id, even with another body', async () => {
      const bench = await serve()
      const deliveryId = freshId()
      await bench.send({ deliveryId, body: 'a' })
      const answer = await bench.send({ deliveryId, body: 'b' })
      expect(answer).toMatchObject({ status: 409, json: { error: 'delivery_id_conflict' } })
      expect(bench.runs).toHaveLength(1)
    })

    it('a delivery that is sent twenty times at once', async () => {
      const gate = gateway()
      const bench = await serve({}, { run: () => gate.promise })
      const draft = attempt()
      const attempts = Array.from({ length: 20 }, () => bench.send(draft))
      await bench.reported(19)
      gate.resolve(undefined)
      const answers = await Promise.all(attempts)
      expect(bench.runs).toHaveLength(1)
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      const others = answers.filter(({ status }) => status !== 200)
      for (const other of others) {
        expect(other).toMatchObject({ status: 503, json: { error: 'delivery_in_progress' } })
        expect(Number(other.headers['retry-after'])).toBeGreaterThan(0)
      }
      expect(await bench.send(draft)).toMatchObject({ json: { duplicate: true } })
    })

    it('a delivery whose sender disconnects while it is handled', async () => {
      const gate = gateway()
      const bench = await serve({}, { run: () => gate.promise })
      const draft = attempt()
      const wire = await bench.dial()
      wire.send(request(draft).wire)
      while (bench.runs.length === 0) await sleep(1)
      wire.socket.destroy()
      await sleep(30)
      expect(await bench.send(draft)).toMatchObject({ status: 503, json: { error: 'delivery_in_progress' } })
      gate.resolve(undefined)
      await bench.reported(2)
      expect(await bench.send(draft)).toMatchObject({ status: 200, json: { duplicate: true } })
      expect(bench.runs).toHaveLength(1)
    })

    it('and commits before the answer is sent', async () => {
      const memory = memoryDedupeStore()
      let committed = false
      const commit: DedupeStore['commit'] = async (...given) => {
        await sleep(40)
        committed = true
        return memory.commit(...given)
      }
      const bench = await serve({ dedupe: { ...memory, commit } })
      expect(await bench.send()).toMatchObject({ status: 200 })
      expect(committed).toBe(true)
    })

    it('and still answers 200 if the commit fails', async () => {
      const memory = memoryDedupeStore()
      const dedupe: DedupeStore = { ...memory, commit: () => Promise.reject(new Error('gone')) }
      const bench = await serve({ dedupe })
      expect(await bench.send()).toMatchObject({ status: 200 })
      expect(await bench.reported(1)).toMatchObject([{ ok: true, problem: 'commit_failed' }])
    })
  })

  describe('releases', () => {
    async function failsFirst(run: () => unknown): Promise<Bench> {
      let failed = false
      const runOnce = (): unknown => {
        if (failed) return Promise.resolve()
        failed = true
        return run()
      }
      const bench = await serve({}, { run: runOnce })
      const draft = attempt()
      expect((await bench.send(draft)).status).toBe(500)
      expect(await bench.reported(1)).toMatchObject([{ ok: false, code: 'handler_failed', status: 500 }])
      expect(await bench.send(draft)).toMatchObject({ status: 200, json: { ok: true } })
      expect((await bench.send(draft)).json.duplicate).toBe(true)
      expect(bench.runs).toHaveLength(2)
      return bench
    }

    it('a delivery whose handler throws', () =>
      failsFirst(() => {
        throw new Error('broken')
      }))

    it('a delivery whose handler rejects', () =>
      failsFirst(() => sleep(5).then(() => Promise.reject(new Error('broken')))))

    it('before the answer is sent, so an immediate retry is not blocked', async () => {
      const memory = memoryDedupeStore()
      const release: DedupeStore['release'] = (claim) => sleep(40).then(() => memory.release(claim))
      let failed = false
      const run = async (): Promise<void> => {
        if (failed) return
        failed = true
        throw new Error('broken')
      }
      const bench = await serve({ dedupe: { ...memory, release } }, { run })
      const draft = attempt()
      expect((await bench.send(draft)).status).toBe(500)
      expect(await bench.send(draft)).toMatchObject({ status: 200, json: { ok: true } })
    })

    it('a delivery whose sender disconnects in the middle of the body', async () => {
      const bench = await serve()
      const draft = attempt()
      const wire = await bench.dial()
      const { wire: bytes } = request(draft)
      wire.send(bytes.subarray(0, bytes.length - 5))
      await sleep(30)
      wire.socket.destroy()
      expect(await bench.reported(1)).toMatchObject([{ code: 'request_aborted', status: 400 }])
      expect(bench.runs).toEqual([])
      expect(await bench.send(draft)).toMatchObject({ status: 200, json: { ok: true } })
    })

    it('nothing while a handler never answers, and still serves others', async () => {
      let stuck = true
      const bench = await serve({}, { run: () => (stuck ? new Promise(() => {}) : Promise.resolve()) })
      const draft = attempt()
      const wire = await bench.dial()
      wire.send(request(draft).wire)
      while (bench.runs.length === 0) await sleep(1)
      stuck = false
      const retry = await bench.send(draft)
      expect(retry).toMatchObject({ status: 503, json: { error: 'delivery_in_progress' } })
      expect(Number(retry.headers['retry-after'])).toBeGreaterThan(0)
      expect(await bench.send()).toMatchObject({ status: 200 })
    })
  })

  describe('keeps the connection', () => {
    it('after an answer and after a refusal', async () => {
      const bench = await serve()
      const wire = await bench.dial()
      const drafts: [Draft, number][] = [
        [{}, 200],
        [{ headers: { 'x-fluxora-signature': undefined } }, 401],
        [{ secrets: 'another' }, 401],
        [{ headers: { 'content-encoding': 'br' } }, 415],
        [{}, 200],
      ]
      for (const [draft, status] of drafts) {
        wire.send(request(draft).wire)
        expect(await wire.answer()).toMatchObject({ status })
      }
      expect(bench.runs).toHaveLength(2)
    })

    it('after a body just beyond the limit', async () => {
      const bench = await serve({ maxBodyBytes: 1000 })
      const wire = await bench.dial()
      wire.send(request({ body: 'x'.repeat(1500) }).wire)
      expect(await wire.answer()).toMatchObject({ status: 413 })
      wire.send(request().wire)
      expect(await wire.answer()).toMatchObject({ status: 200 })
    })

    it('and the order of pipelined requests', async () => {
      const bench = await serve({}, { run: (delivery) => sleep(delivery.text() === 'slow' ? 30 : 0) })
      const wire = await bench.dial()
      const bad = request({ secrets: 'another' }).wire
      wire.send(Buffer.concat([request({ body: 'slow' }).wire, bad, request({ body: 'last' }).wire]))
      const statuses = [await wire.answer(), await wire.answer(), await wire.answer()].map(({ status }) => status)
      expect(statuses).toEqual([200, 401, 200])
      expect(bench.runs).toHaveLength(2)
    })
  })

  it('survives an application that answers twice', async () => {
    const bench = await serve({}, { answersTwice: true })
    const draft = attempt()
    expect(await bench.send(draft)).toMatchObject({ status: 200 })
    expect(await bench.send(draft)).toMatchObject({ status: 200, json: { duplicate: true } })
    expect(bench.runs).toHaveLength(1)
  })

  it('survives an onOutcome that throws or rejects', async () => {
    for (const onOutcome of [
      () => {
        throw new Error('log')
      },
      () => Promise.reject(new Error('log')),
    ]) {
      const bench = await serve({ onOutcome })
      expect(await bench.send()).toMatchObject({ status: 200 })
      expect(await bench.send({ secrets: 'another' })).toMatchObject({ status: 401 })
    }
  })

  it('reports each outcome, without secrets and without the body', async () => {
    const bench = await serve({ secrets: { secret: SECRET, id: 'k1' } })
    await bench.send({ deliveryId: 'dlv_told', event: 'e', body: '{"card":"4242"}' })
    const [report] = await bench.reported(1)
    expect(report).toEqual({
      ok: true,
      status: 200,
      code: 'ok',
      message: 'The delivery was handled.',
      scheme: 'fluxora',
      deliveryId: 'dlv_told',
      event: 'e',
      keyId: 'k1',
      durationMs: expect.any(Number),
    })
  })

  it('throws at creation if an option makes no sense', async () => {
    const start = async (options: object): Promise<void> => {
      const { close } = await target.start({ options: { secrets: SECRET, ...options }, run: () => {} } as Setup)
      await close()
    }
    await expect(start({ secrets: ' ' })).rejects.toMatchObject({ code: 'invalid_secret' })
    await expect(start({ bodyTimeoutSeconds: Number.NaN })).rejects.toMatchObject({
      code: 'invalid_option',
      option: 'bodyTimeoutSeconds',
      message: 'bodyTimeoutSeconds must be a number from 0.001 to 86400.',
    })
    await expect(start({ maxBodyBytes: -1 })).rejects.toMatchObject({ code: 'invalid_option' })
    await expect(start({ onOutcome: 'log' })).rejects.toMatchObject({ code: 'invalid_option' })
    await expect(start({ maxBodySize: 1 })).rejects.toMatchObject({ code: 'invalid_option', option: 'maxBodySize' })
    const held = start({ abandonedSeconds: 60 })
    if (target.hasStatus) await held
    else await expect(held).rejects.toMatchObject({ code: 'invalid_option', option: 'abandonedSeconds' })
  })
})
