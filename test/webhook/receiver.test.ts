// Receiving once: when the store is called, and with what; what the sender is answered; and what is reported.

import { createHash } from 'node:crypto'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type Claim,
  createWebhookReceiver,
  type DedupeStore,
  isWebhookError,
  memoryDedupeStore,
  type Outcome,
  type OutcomeReport,
  type ReceiveCall,
  type TenantRequest,
  type VerifiedDelivery,
  type WebhookHandler,
  type WebhookReceiverOptions,
} from '../../src/webhook/index.ts'
import {
  type Attempt,
  clock,
  deferred,
  NOW,
  SCHEME_NAMES,
  type SchemeName,
  schemeOf,
  secretOf,
  send,
  spyStore,
} from './support.ts'

const DAY_MS = 86_400_000

/** A receiver of one scheme at NOW, and a short way to send it an attempt. */
function setUp(options: Partial<WebhookReceiverOptions> = {}, name: SchemeName = 'fluxora') {
  const dedupe = spyStore()
  const reports: OutcomeReport[] = []
  const handledIds: (string | undefined)[] = []
  const receiver = createWebhookReceiver({
    scheme: schemeOf(name),
    secrets: secretOf(name),
    now: clock,
    dedupe,
    onOutcome: (report) => void reports.push(report),
    ...options,
  })
  const note: WebhookHandler = (delivery) => void handledIds.push(delivery.deliveryId)
  const receive = (
    attempt: Attempt = {},
    handle: WebhookHandler = note,
    call?: ReceiveCall,
    extra: Record<string, string> = {},
  ) => receiver.receive({ headers: { ...send(name, attempt), ...extra }, body: attempt.body ?? '{}' }, handle, call)
  const methods = () => dedupe.calls.map(({ method }) => method)
  return { receiver, receive, dedupe, methods, reports, handledIds }
}

const failing = () => {
  throw new Error('handler failed')
}

describe('a delivery', () => {
  it('is verified, claimed, handled and committed, in that order', async () => {
    const order: string[] = []
    const inner = memoryDedupeStore()
    const { receive } = setUp({
      dedupe: {
        claim: (request) => {
          order.push('claim')
          return inner.claim(request)
        },
        commit: (claim, ms) => {
          order.push('commit')
          return inner.commit(claim, ms)
        },
        release: (claim) => {
          order.push('release')
          return inner.release(claim)
        },
      },
    })
    const outcome = await receive({}, async () => {
      order.push('handle')
      await Promise.resolve()
      order.push('handled')
    })
    expect(order).toEqual(['claim', 'handle', 'handled', 'commit'])
    expect(outcome).toMatchObject({ ok: true, status: 200, code: 'ok', headers: {}, delivery: { deliveryId: 'd1' } })
  })

  it('has an outcome that narrows by ok', async () => {
    const { receive } = setUp()
    for (const code of ['ok', 'duplicate_delivery'] as const) {
      const outcome = await receive()
      if (!outcome.ok) throw new Error(outcome.message)
      expectTypeOf(outcome.delivery).toEqualTypeOf<VerifiedDelivery>()
      expectTypeOf(outcome.code).toEqualTypeOf<'ok' | 'duplicate_delivery'>()
      expect(outcome.code).toBe(code)
      expect(outcome.delivery.deliveryId).toBe('d1')
    }
  })

  it('reaches the handler with a signal that is not aborted', async () => {
    const { receive } = setUp()
    let seen: [VerifiedDelivery, AbortSignal] | undefined
    await receive({ body: '{"a":1}' }, (delivery, { signal }) => {
      seen = [delivery, signal]
    })
    expect(seen?.[0].json()).toEqual({ a: 1 })
    expect(seen?.[1].aborted).toBe(false)
  })

  it('whose handler throws or rejects is released, answered 500, and may be sent again', async () => {
    for (const fail of [failing, () => Promise.reject(new Error('handler failed')), () => Promise.reject(undefined)]) {
      const { receive, methods, handledIds, reports } = setUp()
      const outcome = await receive({}, fail)
      expect(outcome).toMatchObject({ ok: false, status: 500, code: 'handler_failed', delivery: { deliveryId: 'd1' } })
      expect(JSON.stringify({ ...outcome, delivery: undefined })).not.toContain('handler failed')
      expect(methods()).toEqual(['claim', 'release'])
      expect(reports[0]).toMatchObject({ code: 'handler_failed' })
      expect(await receive({ timestamp: NOW + 1 })).toMatchObject({ code: 'ok' })
      expect(handledIds).toEqual(['d1'])
    }
  })

  it('that is sent again is a duplicate, and its outcome has the delivery', async () => {
    const { receive, handledIds } = setUp()
    await receive()
    const outcome = await receive({ timestamp: NOW - 10 })
    expect(outcome).toMatchObject({
      ok: true,
      status: 200,
      code: 'duplicate_delivery',
      headers: {},
      delivery: { deliveryId: 'd1' },
    })
    expect(handledIds).toEqual(['d1'])
  })

  it('that is being handled already is answered 503 with the time to wait', async () => {
    const { receive, handledIds } = setUp({ leaseSeconds: 30 })
    const gate = deferred()
    const first = receive({}, () => gate.promise)
    await Promise.resolve()
    const second = await receive()
    expect(second).toMatchObject({
      ok: false,
      status: 503,
      code: 'delivery_in_progress',
      delivery: { deliveryId: 'd1' },
    })
    expect(second.headers).toEqual({ 'retry-after': '30' })
    gate.resolve()
    expect(await first).toMatchObject({ code: 'ok' })
    expect(handledIds).toEqual([])
  })

  it('with a known id and another body is a conflict', async () => {
    const { receive, handledIds } = setUp()
    await receive()
    expect(await receive({ body: '{"other":1}' })).toMatchObject({
      ok: false,
      status: 409,
      code: 'delivery_id_conflict',
      headers: {},
    })
    expect(handledIds).toEqual(['d1'])
  })

  it.each([1, 2, 5, 100])('that arrives %i times at once is handled exactly once', async (count) => {
    for (const name of SCHEME_NAMES) {
      const { receive } = setUp({}, name)
      let runs = 0
      const outcomes = await Promise.all(
        Array.from({ length: count }, (_, at) =>
          receive({ timestamp: NOW + (at % 7) }, async () => {
            runs++
            await new Promise((resolve) => setImmediate(resolve))
          }),
        ),
      )
      expect(runs).toBe(1)
      expect(outcomes.filter(({ code }) => code === 'ok')).toHaveLength(1)
      expect(outcomes.every(({ code }) => ['ok', 'delivery_in_progress', 'duplicate_delivery'].includes(code))).toBe(
        true,
      )
    }
  })

  it.each([[200], [409]] as const)(
    'that is a duplicate is answered %i if duplicateStatus says so',
    async (duplicateStatus) => {
      const { receive } = setUp({ duplicateStatus })
      await receive()
      expect(await receive()).toMatchObject({ ok: true, status: duplicateStatus, code: 'duplicate_delivery' })
    },
  )
})

describe('the store', () => {
  it('is not touched before the signature is valid', async () => {
    const { receive, dedupe, receiver } = setUp()
    const good = send('fluxora')
    const bad: [Record<string, string>, unknown][] = [
      [{}, '{}'],
      [{ ...good, 'x-fluxora-delivery-id': '' }, '{}'],
      [{ ...good, 'x-fluxora-timestamp': '1' }, '{}'],
      [{ ...good, 'x-fluxora-timestamp': 'x' }, '{}'],
      [{ ...good, 'x-fluxora-signature': '0'.repeat(64) }, '{}'],
      [{ ...good, 'x-fluxora-signature': 'x' }, '{}'],
      [{ ...good, 'content-encoding': 'gzip' }, '{}'],
      [good, '{ }'],
      [good, {}],
      [good, 'x'.repeat(262_145)],
    ]
    for (const [headers, body] of bad) {
      const outcome = await receiver.receive({ headers, body: body as string }, failing)
      expect(outcome.ok).toBe(false)
      expect(outcome).not.toHaveProperty('delivery')
    }
    expect(dedupe.calls).toEqual([])
    expect(await receive()).toMatchObject({ code: 'ok' })
  })

  it('gets the lease, the binding (twice the tolerance and a minute) and the retention', async () => {
    const { receive, dedupe } = setUp({ leaseSeconds: 7, toleranceSeconds: 100, retentionSeconds: 1000 })
    await receive()
    const [claim, commit] = dedupe.calls
    expect(claim?.args[0]).toMatchObject({ leaseMs: 7000, bindMs: 260_000 })
    expect(commit?.args[1]).toBe(1_000_000)
    expect(commit?.args[0]).toMatchObject({ keys: (claim!.args[0] as Claim).keys, token: expect.any(String) })
  })

  it('gets a lease of a minute by default', async () => {
    const { receive, dedupe } = setUp()
    await receive()
    expect(dedupe.calls[0]?.args[0]).toMatchObject({ leaseMs: 60_000, bindMs: 660_000 })
  })

  it.each(SCHEME_NAMES)('remembers %s for four days if the timestamp is signed, else for thirty', async (name) => {
    const commitOf = async (retentionSeconds?: number | 'forever', toleranceSeconds?: number) => {
      const { receive, dedupe } = setUp({ retentionSeconds, toleranceSeconds }, name)
      expect(await receive()).toMatchObject({ code: 'ok' })
      return dedupe.calls.find(({ method }) => method === 'commit')?.args[1]
    }
    const days = ['stellarPayment', 'fluxdrop', 'github', 'shopify'].includes(name) ? 30 : 4
    expect(await commitOf()).toBe(days * DAY_MS)
    expect(await commitOf('forever')).toBe(Number.POSITIVE_INFINITY)
    expect(await commitOf(600)).toBe(600_000)
    expect(await commitOf(undefined, 40 * 86_400)).toBe(80 * DAY_MS)
  })

  it.each(['claim rejects', 'claim throws', 'an answer of its own', 'no answer', 'an answer without a status'])(
    'that fails (%s) means 503, and nothing is handled',
    async (way) => {
      const claim = (): Promise<never> => {
        if (way === 'claim rejects') return Promise.reject(new Error('store is down'))
        if (way === 'claim throws') throw new Error('store is down')
        return Promise.resolve(
          way === 'no answer' ? undefined : way === 'an answer without a status' ? {} : { status: 'fine' },
        ) as never
      }
      const { receive, handledIds, reports } = setUp({ dedupe: spyStore({ claim }) })
      const outcome = await receive()
      expect(outcome).toMatchObject({ ok: false, status: 503, code: 'store_unavailable' })
      expect(outcome.message).not.toContain('down')
      expect(handledIds).toEqual([])
      if (way.startsWith('claim')) expect(reports[0]?.error).toMatchObject({ message: 'store is down' })
    },
  )

  it('that is full of live claims means 503 too', async () => {
    const { receive } = setUp({ dedupe: memoryDedupeStore({ maxEntries: 1 }) })
    const gate = deferred()
    const first = receive({ id: 'a', body: 'a' }, () => gate.promise)
    await new Promise((resolve) => setImmediate(resolve))
    expect(await receive({ id: 'b', body: 'b' })).toMatchObject({ status: 503, code: 'store_unavailable' })
    gate.resolve()
    await first
  })

  it('may be given for one call, and then the usual one is not called', async () => {
    const { receive, dedupe } = setUp()
    const other = spyStore()
    expect(await receive({}, undefined, { dedupe: other })).toMatchObject({ code: 'ok' })
    expect(other.calls.map(({ method }) => method)).toEqual(['claim', 'commit'])
    expect(dedupe.calls).toEqual([])
    expect(await receive({}, undefined, { dedupe: undefined })).toMatchObject({ code: 'ok' })
    expect(dedupe.calls).toHaveLength(2)
  })

  it("is a memory store of the receiver's own by default", async () => {
    const make = () => createWebhookReceiver({ secrets: 'topsecret', now: clock })
    const [one, two] = [make(), make()]
    const input = { headers: send('fluxora'), body: '{}' }
    expect((await one.receive(input, () => {})).code).toBe('ok')
    expect((await one.receive(input, () => {})).code).toBe('duplicate_delivery')
    expect((await two.receive(input, () => {})).code).toBe('ok')
  })

  it('must be a store, and the handler a function, or the call rejects with a WebhookError', async () => {
    const { receiver } = setUp()
    const input = { headers: send('fluxora'), body: '{}' }
    for (const handle of [undefined, null, 'handle', {}]) {
      const error = await receiver.receive(input, handle as never).catch((thrown: unknown) => thrown)
      expect(isWebhookError(error)).toBe(true)
      expect(error).toMatchObject({ code: 'invalid_option', option: 'handle' })
    }
    const error = await receiver
      .receive(input, () => {}, { dedupe: {} as DedupeStore })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid_option', option: 'dedupe' })
  })
})

describe('after the handler', () => {
  it('a failed commit does not change the 2xx, but is reported', async () => {
    for (const commit of [
      () => Promise.reject(new Error('lost')),
      () => {
        throw new Error('lost')
      },
    ]) {
      const { receive, reports, methods } = setUp({ dedupe: spyStore({ commit }) })
      expect(await receive()).toMatchObject({ ok: true, status: 200, code: 'ok' })
      expect(reports[0]).toMatchObject({ code: 'ok', problem: 'commit_failed', error: { message: 'lost' } })
      expect(methods()).not.toContain('release')
    }
  })

  it('a lost claim does not change the 2xx, but is reported', async () => {
    const { receive, reports } = setUp({ dedupe: spyStore({ commit: async () => false }) })
    expect(await receive()).toMatchObject({ ok: true, status: 200, code: 'ok' })
    expect(reports[0]).toMatchObject({ code: 'ok', problem: 'claim_lost' })
    expect(reports[0]).not.toHaveProperty('error')
  })

  it("a failed release does not hide the handler's error", async () => {
    for (const release of [
      () => Promise.reject(new Error('store is down')),
      () => {
        throw new Error('store is down')
      },
    ]) {
      const { receive, reports } = setUp({ dedupe: spyStore({ release }) })
      expect(await receive({}, failing)).toMatchObject({ status: 500, code: 'handler_failed' })
      expect(reports[0]).toMatchObject({ problem: 'release_failed', error: { message: 'handler failed' } })
    }
  })

  it('a handler that outlives its lease, with a store that cannot extend it, may run twice, and the first run is reported as claim_lost', async () => {
    const inner = memoryDedupeStore()
    const { receive, reports } = setUp({
      leaseSeconds: 0.4,
      storeTimeoutSeconds: 0.4,
      dedupe: { claim: inner.claim, commit: inner.commit, release: inner.release },
    })
    const gate = deferred()
    const first = receive({}, () => gate.promise)
    await new Promise((resolve) => setTimeout(resolve, 450))
    expect(await receive()).toMatchObject({ code: 'ok' })
    gate.resolve()
    expect(await first).toMatchObject({ code: 'ok' })
    expect(reports.map(({ problem }) => problem)).toEqual([undefined, 'claim_lost'])
  })
})

describe('onOutcome', () => {
  it('gets every outcome once, flat, without the body, headers or a secret', async () => {
    const { receive, receiver, reports } = setUp({ secrets: [{ secret: 'topsecret', id: 'k1' }] })
    await receive({ body: '{"hidden":"body"}' }, undefined, undefined, {
      'x-fluxora-event': 'stream.updated',
      authorization: 'hidden-header',
    })
    await receive({ body: '{"hidden":"body"}' })
    await receiver.receive({ headers: {}, body: '' }, failing)
    expect(reports).toHaveLength(3)
    expect(reports[0]).toEqual({
      ok: true,
      status: 200,
      code: 'ok',
      message: expect.any(String),
      scheme: 'fluxora',
      deliveryId: 'd1',
      event: 'stream.updated',
      keyId: 'k1',
      durationMs: expect.any(Number),
    })
    expect(reports[1]).toMatchObject({ ok: true, code: 'duplicate_delivery', deliveryId: 'd1' })
    expect(reports[2]).toMatchObject({
      ok: false,
      status: 401,
      code: 'missing_delivery_id',
      scheme: 'fluxora',
      deliveryId: undefined,
    })
    for (const report of reports) {
      expect(JSON.stringify(report)).not.toMatch(/hidden|topsecret/)
      expect(report.durationMs).toBeGreaterThanOrEqual(0)
      expect(report.durationMs).toBeLessThan(10_000)
    }
  })

  it('may throw or reject: the outcome stays the same', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', listen)
    for (const onOutcome of [failing, () => Promise.reject(new Error('log is down')), async () => failing()]) {
      const { receive } = setUp({ onOutcome: onOutcome as never })
      expect(await receive()).toMatchObject({ code: 'ok' })
      expect(await receive()).toMatchObject({ code: 'duplicate_delivery' })
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })

  it('is called before the outcome is returned, and not awaited', async () => {
    const order: string[] = []
    const { receive } = setUp({
      onOutcome: () => {
        order.push('told')
        return new Promise(() => {}) as never
      },
    })
    await receive()
    order.push('given')
    expect(order).toEqual(['told', 'given'])
  })
})

describe('whether two deliveries are the same', () => {
  type Pair = [Attempt, Attempt]
  const [body, other] = ['{"n":1}', '{"n":2}']
  const pairs: Record<string, Pair> = {
    'the same attempt again': [{ body }, { body }],
    'the same id and body, signed anew': [{ body }, { body, timestamp: NOW + 5 }],
    'the same body under another id': [{ body }, { body, id: 'd2' }],
    'the same body under another id, signed anew': [{ body }, { body, id: 'd2', timestamp: NOW + 5 }],
    'another body under the same id': [{ body }, { body: other }],
    'another body under another id': [{ body }, { body: other, id: 'd2' }],
  }
  const [same, fresh, clash] = ['duplicate_delivery', 'ok', 'delivery_id_conflict']
  const byContent = [same, same, same, same, fresh, fresh]
  const byId = [same, same, fresh, fresh, same, fresh]
  const table: Record<SchemeName, string[]> = {
    standardWebhooks: byId,
    fluxora: [same, same, clash, fresh, clash, fresh],
    chronomind: byContent,
    stripe: byContent,
    slack: byContent,
    github: byId,
    shopify: byId,
    stellarPayment: byContent,
    fluxdrop: byContent,
  }

  it.each(SCHEME_NAMES)('%s', async (name) => {
    const found: string[] = []
    for (const [first, second] of Object.values(pairs)) {
      const { receive } = setUp({}, name)
      expect((await receive(first)).code).toBe('ok')
      found.push((await receive(second)).code)
    }
    expect(found).toEqual(table[name])
  })

  it.each(SCHEME_NAMES)('%s: does not depend on how the signature is written', async (name) => {
    const { receive, receiver } = setUp({}, name)
    await receive()
    const headers = send(name)
    const sign = schemeOf(name).headers.signature[0] as string
    const rewritten = {
      fluxora: (text: string) => ` ${text.toUpperCase()} `,
      stellarPayment: (text: string) => text.replace(/[0-9a-f]{64}/, (mac) => mac.toUpperCase()),
      chronomind: (text: string) => text.split(',').reverse().join(','),
      stripe: (text: string) => `${text},v0=x,v1=${'0'.repeat(64)}`,
      standardWebhooks: (text: string) => `v2,x ${text}`,
    }[name as string]
    if (!rewritten) return
    const again = await receiver.receive(
      { headers: { ...headers, [sign]: rewritten(headers[sign] as string) }, body: '{}' },
      failing,
    )
    expect(again.code).toBe('duplicate_delivery')
  })

  it('keys are hashed, begin with the namespace, and contain nothing from the delivery', async () => {
    for (const name of SCHEME_NAMES) {
      const { receive, dedupe } = setUp({}, name)
      await receive({ id: 'plain-id', body: 'plain-body' })
      const { keys } = dedupe.calls[0]!.args[0] as Claim
      expect(keys).toHaveLength(name === 'fluxora' ? 2 : 1)
      for (const { key, fingerprint } of keys) {
        expect(key).toMatch(new RegExp(`^${name}:(id|content:(${NOW})?):[0-9a-f]{64}$`))
        if (name === 'fluxora') expect(fingerprint).toMatch(/[0-9a-f]{64}$/)
        else expect(fingerprint).toBeUndefined()
      }
      expect(JSON.stringify(keys)).not.toContain('plain')
    }
  })

  it('keys do not change between releases, because durable stores keep them for weeks', async () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const keysOf = async (name: SchemeName, options: Partial<WebhookReceiverOptions> = {}) => {
      const { receive, dedupe } = setUp(options, name)
      await receive({ id: 'd1', body: '{}' })
      return (dedupe.calls[0]!.args[0] as Claim).keys
    }
    const body = sha256('{}')
    const id = sha256('d1')
    expect(await keysOf('fluxora')).toEqual([
      { key: `fluxora:id:${id}`, fingerprint: body },
      { key: `fluxora:content:${NOW}:${body}`, fingerprint: `fluxora:id:${id}` },
    ])
    expect(await keysOf('standardWebhooks')).toEqual([{ key: `standardWebhooks:id:${id}` }])
    expect(await keysOf('github')).toEqual([{ key: `github:id:${id}` }])
    expect(await keysOf('fluxdrop')).toEqual([{ key: `fluxdrop:content::${body}` }])
    expect(await keysOf('stripe', { namespace: 'shop' })).toEqual([{ key: `shop:content::${body}` }])
    expect(await keysOf('stripe', { dedupeKey: () => ({ key: 'k', fingerprint: 'f' }) })).toEqual([
      { key: `stripe:custom:${sha256('"k"')}`, fingerprint: sha256('"f"') },
    ])
  })

  it('fluxora: the id comes first, bound to the body; the content second, bound to the id', async () => {
    const { receive, dedupe } = setUp()
    await receive({ body })
    await receive({ body, timestamp: NOW + 1 })
    const [first, second] = dedupe.calls
      .filter(({ method }) => method === 'claim')
      .map(({ args }) => (args[0] as Claim).keys)
    expect(second?.[0]).toEqual(first?.[0])
    expect(second?.[1]?.fingerprint).toBe(first?.[1]?.fingerprint)
    expect(second?.[1]?.key).not.toBe(first?.[1]?.key)
    expect(first?.[1]?.fingerprint).toBe(first?.[0]?.key)
  })

  it('a timestamp that is not signed does not make a new delivery', async () => {
    const { defineScheme, createWebhookSigner } = await import('../../src/webhook/index.ts')
    const scheme = defineScheme({
      name: 'acme',
      headers: { signature: 'x-sign', timestamp: 'x-time', deliveryId: 'x-id' },
      signed: ['body'],
      signature: schemeOf('fluxdrop').signature,
      required: ['timestamp', 'deliveryId'],
      dedupeBy: 'deliveryIdAndContent',
    })
    const dedupe = spyStore()
    const receiver = createWebhookReceiver({ scheme, secrets: 's', now: clock, dedupe })
    const signer = createWebhookSigner({ scheme, secrets: 's', now: clock })
    const attempt = (deliveryId: string, timestamp: number) => ({
      headers: signer.sign({ body, deliveryId, timestamp }),
      body,
    })
    expect((await receiver.receive(attempt('a', NOW), () => {})).code).toBe('ok')
    expect((await receiver.receive(attempt('a', NOW + 1), () => {})).code).toBe('duplicate_delivery')
    expect((await receiver.receive(attempt('b', NOW + 2), () => {})).code).toBe('delivery_id_conflict')
    const { keys } = dedupe.calls[0]!.args[0] as Claim
    expect(keys.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^acme:id:[0-9a-f]{64}$/),
      expect.stringMatching(/^acme:content::[0-9a-f]{64}$/),
    ])
  })

  it('a custom scheme may combine the signed id and the content', async () => {
    const { defineScheme, createWebhookSigner } = await import('../../src/webhook/index.ts')
    const scheme = defineScheme({
      name: 'acme',
      headers: { signature: 'x-sign', deliveryId: 'x-id' },
      signed: ['deliveryId', '.', 'body'],
      signature: schemeOf('fluxdrop').signature,
      dedupeBy: 'content',
    })
    const receiver = createWebhookReceiver({ scheme, secrets: 's', now: clock })
    const signer = createWebhookSigner({ scheme, secrets: 's', now: clock })
    const codeOf = async (deliveryId: string, text: string) =>
      (await receiver.receive({ headers: signer.sign({ body: text, deliveryId }), body: text }, () => {})).code
    expect(await codeOf('a', body)).toBe('ok')
    expect(await codeOf('a', body)).toBe('duplicate_delivery')
    expect(await codeOf('a', other)).toBe('ok')
    expect(await codeOf('b', body)).toBe('ok')
  })
})

describe('namespace', () => {
  it('keeps endpoints that share a store apart', async () => {
    const dedupe = memoryDedupeStore()
    const [one, two] = ['a', 'b'].map((namespace) => setUp({ dedupe, namespace }))
    expect((await one?.receive())?.code).toBe('ok')
    expect((await two?.receive())?.code).toBe('ok')
    expect((await one?.receive())?.code).toBe('duplicate_delivery')
    expect((await setUp({ dedupe }).receive()).code).toBe('ok')
    expect((await setUp({ dedupe, namespace: 'fluxora' }).receive()).code).toBe('duplicate_delivery')
  })

  it('cannot be escaped from by a key', async () => {
    const dedupe = memoryDedupeStore()
    const custom = (namespace: string, key: string) => setUp({ dedupe, namespace, dedupeKey: () => key })
    expect((await custom('a:b', 'c').receive()).code).toBe('ok')
    expect((await custom('a', 'b:c').receive()).code).toBe('ok')
    expect((await custom('a', 'b","c').receive()).code).toBe('ok')
  })
})

describe('dedupeKey', () => {
  it("replaces the scheme's own rule", async () => {
    const { receive } = setUp({ dedupeKey: (delivery) => delivery.json<{ n: string }>().n })
    expect((await receive({ id: 'a', body: '{"n":"1"}' })).code).toBe('ok')
    expect((await receive({ id: 'b', body: '{"n":"1", "x":0}' })).code).toBe('duplicate_delivery')
    expect((await receive({ id: 'a', body: '{"n":"2"}' })).code).toBe('ok')
  })

  it('may return several keys, with fingerprints', async () => {
    const { receive, dedupe } = setUp({
      dedupeKey: ({ deliveryId, body }) => [{ key: deliveryId as string, fingerprint: Buffer.from(body).toString() }],
    })
    expect((await receive({ body: 'a' })).code).toBe('ok')
    expect((await receive({ body: 'a' })).code).toBe('duplicate_delivery')
    expect((await receive({ body: 'b' })).code).toBe('delivery_id_conflict')
    const { keys } = dedupe.calls[0]!.args[0] as Claim
    expect(keys[0]?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    const several = setUp({ dedupeKey: () => ['a', { key: 'b' }, { key: 'c', fingerprint: '' }] as never })
    await several.receive()
    expect((several.dedupe.calls[0]!.args[0] as Claim).keys).toHaveLength(3)
  })

  it("never collides with the scheme's own keys", async () => {
    const dedupe = memoryDedupeStore()
    const plain = setUp({ dedupe }, 'github')
    expect((await plain.receive()).code).toBe('ok')
    const custom = setUp({ dedupe, dedupeKey: () => 'content' }, 'github')
    expect((await custom.receive()).code).toBe('ok')
  })

  it.each([
    ['throws', failing],
    ['nothing', () => undefined],
    ['null', () => null],
    ['empty text', () => ''],
    ['a number', () => 7],
    ['an empty list', () => []],
    ['a list with a hole', () => ['a', null]],
    ['a key that is not text', () => ({ key: 7 })],
    ['an empty key', () => ({ key: '' })],
    ['a fingerprint that is not text', () => ({ key: 'a', fingerprint: 7 })],
    ['a promise', () => Promise.resolve('a')],
    ['a body that is not JSON', (delivery: VerifiedDelivery) => delivery.json<{ n: string }>().n],
  ])('that returns %s means 500: the handler does not run and the store is not called', async (_, dedupeKey) => {
    const { receive, dedupe, handledIds, reports } = setUp({ dedupeKey: dedupeKey as never })
    expect(await receive({ body: 'no json' })).toMatchObject({ ok: false, status: 500, code: 'handler_failed' })
    expect(dedupe.calls).toEqual([])
    expect(handledIds).toEqual([])
    expect(reports[0]?.error).toBeInstanceOf(Error)
  })
})

describe('a tenant found for each request', () => {
  const merchants: Record<string, string | { secret: string; id: string }[]> = {
    m1: 'one',
    m2: [{ secret: 'two', id: 'k2' }],
  }
  const find = ({ headers }: TenantRequest) => {
    const namespace = headers['x-merchant'] ?? ''
    return namespace in merchants ? { namespace, secrets: merchants[namespace] } : undefined
  }

  it.each([
    ['at once', find],
    ['by promise', async (request: TenantRequest) => find(request)],
  ])('%s', async (_, tenant) => {
    const { receive } = setUp({ secrets: undefined, tenant })
    const from = (merchant: string, secret: string, id: string) =>
      receive({ secret, id, body: id }, undefined, undefined, { 'X-Merchant': merchant })
    expect((await from('m1', 'one', 'a')).code).toBe('ok')
    expect(await from('m2', 'two', 'b')).toMatchObject({ code: 'ok', delivery: { keyId: 'k2' } })
    expect((await from('m1', 'two', 'c')).code).toBe('signature_mismatch')
    expect(await from('m3', 'one', 'd')).toMatchObject({ status: 500, code: 'missing_secret' })
    // A delivery of one merchant never counts as another's.
    expect((await from('m2', 'two', 'a')).code).toBe('ok')
    expect((await from('m1', 'one', 'a')).code).toBe('duplicate_delivery')
  })

  it('is found from a frozen request with lower-case headers, in whatever form the headers arrived', async () => {
    const seen: TenantRequest[] = []
    const { receiver } = setUp({
      secrets: undefined,
      tenant: (request) => {
        seen.push(request)
        return { namespace: 'm1', secrets: 'topsecret' }
      },
    })
    const pairs = [...Object.entries(send('fluxora')), ['X-Merchant', 'm1']] as [string, string][]
    for (const headers of [new Headers(pairs), new Map(pairs), pairs, pairs.flat(), Object.fromEntries(pairs)]) {
      await receiver.receive({ method: 'POST', url: '/hooks?a=1', headers, body: '{}' }, () => {})
    }
    expect(seen).toHaveLength(5)
    for (const request of seen) {
      expect(request).toMatchObject({ method: 'POST', url: '/hooks?a=1', headers: { 'x-merchant': 'm1' } })
      expect(Object.isFrozen(request) && Object.isFrozen(request.headers)).toBe(true)
    }
  })
})

describe('secrets fetched for each request', () => {
  it.each([
    ['nothing', () => undefined],
    ['null', () => null],
    ['none', () => []],
    ['blank text', () => ' '],
    ['nonsense', () => ({}) as never],
    ['an error', failing],
    ['a promise that fails', () => Promise.reject(new Error('hidden: database is down'))],
    ['an expiry that is not a number', () => ({ secret: 'topsecret', expiresAt: Number.NaN })],
  ])('that turn out to be %s mean 500, and the handler does not run', async (_, secrets) => {
    const { receive, dedupe, handledIds, reports } = setUp({ secrets: secrets as never })
    const outcome = await receive()
    expect(outcome).toMatchObject({ ok: false, status: 500, code: 'missing_secret' })
    expect(outcome.message).not.toContain('hidden')
    expect(handledIds).toEqual([])
    expect(dedupe.calls).toEqual([])
    expect(reports[0]?.error).toBeInstanceOf(Error)
  })

  it('are fetched once for each request, before the body is read', async () => {
    const order: string[] = []
    const { receiver } = setUp({
      secrets: () => {
        order.push('secrets')
        return 'topsecret'
      },
    })
    await receiver.receive(
      {
        headers: send('fluxora'),
        body: async () => {
          order.push('body')
          return '{}'
        },
      },
      () => {},
    )
    expect(order).toEqual(['secrets', 'body'])
  })

  it('do not depend on the request: the function gets no argument', async () => {
    let given: unknown[] | undefined
    const { receive } = setUp({
      secrets: (...all: unknown[]) => {
        given = all
        return 'topsecret'
      },
    })
    expect((await receive()).code).toBe('ok')
    expect(given).toEqual([])
  })

  it('that have expired are reported as expired', async () => {
    const { receive } = setUp({ secrets: async () => [{ secret: 'topsecret', expiresAt: NOW }, 'other'] })
    expect((await receive()).code).toBe('previous_secret_expired')
  })
})

describe('maxConcurrent', () => {
  it('answers 429 beyond the limit, before the store is called', async () => {
    const { receive, dedupe, reports } = setUp({ maxConcurrent: 2 })
    const gates = [deferred(), deferred()]
    const running = gates.map(({ promise }, at) => receive({ id: `r${at}`, body: `${at}` }, () => promise))
    await new Promise((resolve) => setImmediate(resolve))
    const before = dedupe.calls.length
    const refused = await receive({ id: 'more', body: 'more' })
    expect(refused).toMatchObject({
      ok: false,
      status: 429,
      code: 'overloaded',
      headers: { 'retry-after': '1' },
      delivery: { deliveryId: 'more' },
    })
    expect(dedupe.calls).toHaveLength(before)
    expect(reports.at(-1)).toMatchObject({ code: 'overloaded', deliveryId: 'more' })
    gates[0]?.resolve()
    expect(await running[0]).toMatchObject({ code: 'ok' })
    expect(await receive({ id: 'more', body: 'more' })).toMatchObject({ code: 'ok' })
    gates[1]?.reject(new Error('x'))
    expect(await running[1]).toMatchObject({ code: 'handler_failed' })
    expect(await receive({ id: 'last', body: 'last' })).toMatchObject({ code: 'ok' })
  })

  it('frees a place whatever the outcome is', async () => {
    const store = spyStore()
    const { receive } = setUp({ maxConcurrent: 1, dedupe: store })
    await receive({ id: 'a', body: 'a' }, failing)
    await receive({ id: 'a', body: 'a' })
    await receive({ id: 'a', body: 'a' })
    await receive({ id: 'a', body: 'other' })
    await receive({ id: 'b', body: 'b' }, undefined, { signal: { aborted: true } })
    expect(await receive({ id: 'c', body: 'c' })).toMatchObject({ code: 'ok' })
  })

  it('is not used up by forged deliveries', async () => {
    const { receive, receiver } = setUp({ maxConcurrent: 1 })
    const pending = deferred<string>()
    const slow = receiver.receive(
      { headers: { ...send('fluxora'), 'x-fluxora-signature': '0'.repeat(64) }, body: () => pending.promise },
      () => {},
    )
    expect(await receive()).toMatchObject({ code: 'ok' })
    pending.resolve('{}')
    expect(await slow).toMatchObject({ code: 'signature_mismatch' })
  })
})

describe('a sender that goes away', () => {
  it("while a store fails, with onStoreFailure 'accept': the handler does not run", async () => {
    const signal = { aborted: false }
    const { receive, handledIds } = setUp({
      onStoreFailure: 'accept',
      dedupe: spyStore({
        claim: async () => {
          signal.aborted = true
          throw new Error('store is down')
        },
      }),
    })
    expect(await receive({}, undefined, { signal })).toMatchObject({ status: 400, code: 'request_aborted' })
    expect(handledIds).toEqual([])
  })

  it('before the claim: nothing is claimed', async () => {
    const { receive, methods, handledIds } = setUp()
    const outcome = await receive({}, undefined, { signal: { aborted: true } })
    expect(outcome).toMatchObject({ ok: false, status: 400, code: 'request_aborted' })
    expect(methods()).not.toContain('commit')
    expect(handledIds).toEqual([])
    expect(await receive()).toMatchObject({ code: 'ok' })
  })

  it('during the claim: it is released, and the handler does not start', async () => {
    const controller = new AbortController()
    const inner = memoryDedupeStore()
    const dedupe = spyStore({
      ...inner,
      claim: async (request) => {
        const result = await inner.claim(request)
        controller.abort()
        return result
      },
    })
    const { receive, handledIds, reports } = setUp({ dedupe })
    expect(await receive({}, undefined, { signal: controller.signal })).toMatchObject({
      code: 'request_aborted',
      delivery: { deliveryId: 'd1' },
    })
    expect(dedupe.calls.map(({ method }) => method)).toEqual(['claim', 'release'])
    expect(handledIds).toEqual([])
    expect(reports[0]).toMatchObject({ code: 'request_aborted', deliveryId: 'd1' })
    expect(await receive()).toMatchObject({ code: 'ok' })
  })

  it('during the claim, and the release fails: that is reported', async () => {
    const signal = { aborted: false }
    const inner = memoryDedupeStore()
    const { receive, reports } = setUp({
      dedupe: {
        ...inner,
        claim: async (request) => {
          signal.aborted = true
          return inner.claim(request)
        },
        release: () => Promise.reject(new Error('store is down')),
      },
    })
    expect(await receive({}, undefined, { signal })).toMatchObject({ code: 'request_aborted' })
    expect(reports[0]).toMatchObject({ problem: 'release_failed', error: { message: 'store is down' } })
  })

  it('while the handler runs: it is not interrupted, and its claim is committed', async () => {
    const controller = new AbortController()
    const { receive, methods } = setUp()
    let aborted: boolean | undefined
    const outcome = await receive(
      {},
      async (_, { signal }) => {
        controller.abort()
        await Promise.resolve()
        aborted = signal.aborted
      },
      { signal: controller.signal },
    )
    expect(outcome).toMatchObject({ code: 'ok' })
    expect(aborted).toBe(false)
    expect(methods()).toEqual(['claim', 'commit'])
  })
})

describe('a body that is read on demand', () => {
  const read = (
    changes: Record<string, string> = {},
    body: unknown = async () => '{}',
    options: Partial<WebhookReceiverOptions> = {},
  ) => {
    let calls = 0
    const limits: number[] = []
    const { receiver, reports } = setUp(options)
    const reader = (limit: number) => {
      calls++
      limits.push(limit)
      return (body as () => Promise<string>)()
    }
    return receiver
      .receive({ headers: { ...send('fluxora'), ...changes }, body: reader }, () => {})
      .then((outcome: Outcome) => ({ outcome, calls, limits, reports }))
  }

  it('is read once, with the limit', async () => {
    expect(await read({}, async () => '{}', { maxBodyBytes: 99 })).toMatchObject({
      outcome: { code: 'ok' },
      calls: 1,
      limits: [99],
    })
  })

  it.each([
    [{ 'x-fluxora-delivery-id': '' }, 'missing_delivery_id'],
    [{ 'x-fluxora-timestamp': '' }, 'missing_timestamp'],
    [{ 'x-fluxora-signature': '' }, 'missing_signature'],
    [{ 'x-fluxora-signature': 'x' }, 'malformed_signature'],
    [{ 'X-FLUXORA-SIGNATURE': 'x' }, 'ambiguous_header'],
    [{ 'content-encoding': 'gzip' }, 'unsupported_content_encoding'],
  ] as [Record<string, string>, string][])('is not read if the headers are refused: %j', async (changes, code) => {
    expect(await read(changes)).toMatchObject({ outcome: { code }, calls: 0 })
  })

  it('is not read if no secret is found', async () => {
    expect(await read({}, undefined, { secrets: () => undefined })).toMatchObject({
      outcome: { code: 'missing_secret' },
      calls: 0,
    })
  })

  it('may be refused by its reader, and that refusal is the answer', async () => {
    for (const [code, status] of [
      ['body_timeout', 408],
      ['payload_too_large', 413],
      ['body_already_parsed', 500],
    ] as const) {
      const refusal = { ok: false, status, code, message: 'Said by the reader.' }
      expect((await read({}, async () => refusal)).outcome).toEqual({ ...refusal, headers: {} })
    }
  })

  it('that cannot be read means that the request was aborted', async () => {
    for (const body of [failing, () => Promise.reject(new Error('ECONNRESET'))]) {
      const { outcome, reports } = await read({}, body)
      expect(outcome).toMatchObject({ status: 400, code: 'request_aborted' })
      expect(reports[0]?.error).toBeInstanceOf(Error)
    }
  })

  it('is checked like any other', async () => {
    expect((await read({}, async () => 'xxx', { maxBodyBytes: 2 })).outcome.code).toBe('payload_too_large')
    expect((await read({}, async () => '{ }')).outcome.code).toBe('signature_mismatch')
    for (const body of [undefined, null, {}, [], 5, { ok: true }]) {
      expect((await read({}, async () => body)).outcome.code).toBe('body_already_parsed')
    }
  })

  it('is not verified if the sender went away meanwhile', async () => {
    const signal = { aborted: false }
    const { receiver, dedupe } = setUp()
    const outcome = await receiver.receive(
      {
        headers: send('fluxora'),
        body: async () => {
          signal.aborted = true
          return '{}'
        },
      },
      () => {},
      { signal },
    )
    expect(outcome.code).toBe('request_aborted')
    expect(dedupe.calls).toEqual([])
  })
})

describe('Retry-After', () => {
  it.each([
    [1, '1'],
    [999, '1'],
    [1000, '1'],
    [1001, '2'],
    [59_999.5, '60'],
    [0, '1'],
    [-5, '1'],
    [Number.NaN, '1'],
    [Number.POSITIVE_INFINITY, '86400'],
    [undefined, '1'],
    ['5000', '1'],
    [5000n, '1'],
  ])('of %s ms is %s, in whole seconds', async (retryAfterMs, seconds) => {
    const { receive } = setUp({
      dedupe: spyStore({ claim: async () => ({ status: 'in_progress', retryAfterMs: retryAfterMs as number }) }),
    })
    expect((await receive()).headers).toEqual({ 'retry-after': seconds })
  })
})

describe('the input of a receiver', () => {
  it('may be nonsense: the call still resolves', async () => {
    const { receiver, dedupe } = setUp()
    for (const input of [
      undefined,
      null,
      5,
      {},
      { headers: null },
      { headers: {}, body: null },
      { method: 5, headers: {} },
    ]) {
      expect((await receiver.receive(input as never, () => {})).ok).toBe(false)
    }
    expect(dedupe.calls).toEqual([])
  })
})
