// The dispatcher, over real sockets: each delivery is tried until it is delivered or dead, and what happens is told once.

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type AttemptRecord,
  createDispatcher,
  type DispatcherOptions,
  defineRetrySchedule,
  type Endpoint,
  type EndpointRecord,
  memoryDeliveryLog,
} from '../../src/sender/index.ts'
import { createWebhookVerifier } from '../../src/webhook/index.ts'
import { endpoint, loopbackSender, readBody } from './endpoint.ts'

const quick = defineRetrySchedule({ delaysMs: [20, 20], jitter: false })

function setUp(options: Partial<DispatcherOptions> = {}) {
  const attempts: AttemptRecord[] = []
  const changes: EndpointRecord[] = []
  const dispatcher = createDispatcher({
    sender: loopbackSender({ schedule: quick, timeoutMs: 5_000 }),
    log: memoryDeliveryLog(),
    pollMs: 20,
    onAttempt: (attempt) => attempts.push(attempt),
    onEndpoint: (change) => changes.push(change),
    ...options,
  })
  onTestFinished(() => dispatcher.drain({ timeoutMs: 1_000 }))
  return { dispatcher, attempts, changes }
}

const to = (id: string, url: string): Endpoint => ({ id, url, secrets: 'topsecret' })
const delivery = (target: Endpoint | { id: string }, deliveryId = 'evt_1') => ({
  endpoint: target as Endpoint,
  deliveryId,
  event: 'stream.created',
  body: '{"a":1}',
})

/** Answers with these statuses in turn, the last for ever. */
function answering(...statuses: number[]) {
  const seen: { headers: IncomingMessage['headers']; body: string }[] = []
  const url = endpoint(async (request, response) => {
    seen.push({ headers: request.headers, body: await readBody(request) })
    response.writeHead(statuses[Math.min(seen.length, statuses.length) - 1] ?? 200).end('a secret answer')
  })
  return { seen, url }
}

const ended = (attempts: AttemptRecord[]) =>
  attempts.filter(({ outcome }) => outcome === 'delivered' || outcome === 'dead')

describe('a delivery', () => {
  it('is tried until it is delivered, under one id, and told of at each attempt', async () => {
    const { seen, url } = answering(500, 503, 200)
    const { dispatcher, attempts, changes } = setUp()
    expect(await dispatcher.enqueue(delivery(to('ep', await url)))).toBe('enqueued')
    expect(await dispatcher.enqueue(delivery(to('ep', await url)))).toBe('duplicate')
    dispatcher.start()
    dispatcher.start()
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(1), 5_000)
    expect(attempts.map(({ attempt, outcome, statusCode }) => [attempt, outcome, statusCode])).toEqual([
      [1, 'retry', 500],
      [2, 'retry', 503],
      [3, 'delivered', 200],
    ])
    expect(attempts[0]).toMatchObject({
      endpointId: 'ep',
      deliveryId: 'evt_1',
      event: 'stream.created',
      isReplay: false,
    })
    const verifier = createWebhookVerifier({ secrets: 'topsecret' })
    for (const each of seen) {
      expect(verifier.verify(each)).toMatchObject({ ok: true, delivery: { deliveryId: 'evt_1' } })
    }
    expect(changes.map(({ state }) => state)).toEqual(['failing', 'recovered'])
    expect(changes[0]).toMatchObject({ endpointId: 'ep', reason: 'http_status', since: changes[1]?.since })
    expect(await dispatcher.stats()).toMatchObject({ inFlight: 0, pending: 0, due: 0, delivered: 1, dead: 0 })
  })

  it('ends dead with its reason when the attempts are used up', async () => {
    const { seen, url } = answering(500)
    const { dispatcher, attempts } = setUp()
    await dispatcher.enqueue(delivery(to('ep', await url)))
    dispatcher.start()
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(1), 5_000)
    expect(attempts.at(-1)).toMatchObject({ outcome: 'dead', reason: 'http_status', attempt: 3 })
    expect(seen).toHaveLength(3)
    expect(await dispatcher.stats()).toMatchObject({ pending: 0, dead: 1 })
  })

  it('is told of without secrets, answers, addresses or query strings', async () => {
    const { url } = answering(410)
    const { dispatcher, attempts, changes } = setUp()
    await dispatcher.enqueue(delivery(to('ep', `${await url}&token=hunter2`)))
    dispatcher.start()
    await vi.waitFor(() => expect(changes).toHaveLength(1), 5_000)
    const told = JSON.stringify([attempts, changes])
    for (const word of ['topsecret', 'hunter2', 'secret answer', '127.0.0.1']) expect(told).not.toContain(word)
  })

  it('is found by other dispatchers on the same log', async () => {
    const { url } = answering(200)
    const log = memoryDeliveryLog()
    const { dispatcher, attempts } = setUp({ log })
    dispatcher.start()
    await setUp({ log }).dispatcher.enqueue(delivery(to('ep', await url)))
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(1), 5_000)
  })

  it('waits by the given clock', async () => {
    const { seen, url } = answering(500, 200)
    let now = 1_710_000_000
    const schedule = defineRetrySchedule({ delaysMs: [3_600_000], jitter: false })
    const { dispatcher, attempts } = setUp({ now: () => now, sender: loopbackSender({ schedule }) })
    await dispatcher.enqueue(delivery(to('ep', await url)))
    dispatcher.start()
    await vi.waitFor(() => expect(attempts).toHaveLength(1), 5_000)
    now += 3_599
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(seen).toHaveLength(1)
    now += 1
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(1), 5_000)
  })
})

describe('endpoints that are looked up', () => {
  it('are found anew for each attempt, and only the id is in the log', async () => {
    const { seen, url } = answering(500, 200)
    const log = memoryDeliveryLog()
    const secrets = ['old', 'new']
    const target = await url
    const { dispatcher, attempts } = setUp({
      log,
      endpoints: async (id) => ({ id, url: target, secrets: secrets.shift() }),
    })
    await dispatcher.enqueue(delivery(to('ep', 'https://ignored.example.com')))
    expect((await log.find('ep', 'evt_1'))?.endpoint).toBeUndefined()
    dispatcher.start()
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(1), 5_000)
    expect(createWebhookVerifier({ secrets: 'old' }).verify(seen[0] as never)).toMatchObject({ ok: true })
    expect(createWebhookVerifier({ secrets: 'new' }).verify(seen[1] as never)).toMatchObject({ ok: true })
  })

  it('end their deliveries when they are no more, and cost no attempt when they cannot be read', async () => {
    const answers = [() => Promise.reject(new Error('the database is away')), () => undefined]
    const errors: unknown[] = []
    let now = 0
    const { dispatcher, attempts } = setUp({
      now: () => now,
      endpoints: () => answers.shift()?.(),
      onError: (error) => errors.push(error),
    })
    await dispatcher.enqueue(delivery({ id: 'ep' }))
    dispatcher.start()
    await vi.waitFor(() => expect(attempts).toHaveLength(1), 5_000)
    expect(attempts[0]).toMatchObject({ outcome: 'not_counted', reason: 'own_fault', attempt: 1 })
    expect(String(errors[0])).toContain('the database is away')
    now += 5
    await vi.waitFor(() => expect(attempts).toHaveLength(2), 5_000)
    expect(attempts[1]).toMatchObject({ outcome: 'dead', reason: 'gone', attempt: 1 })
  })

  it('must be whole where nothing looks them up', async () => {
    const { dispatcher } = setUp()
    await expect(dispatcher.enqueue(delivery({ id: 'ep' }))).rejects.toMatchObject({ code: 'invalid_option' })
  })
})

describe('an endpoint', () => {
  it('that answers 410 is disabled, and what waits for it ends dead as gone, unsent', async () => {
    const { seen, url } = answering(410)
    const { dispatcher, attempts, changes } = setUp({ perEndpoint: 1 })
    for (const id of ['a', 'b', 'c']) await dispatcher.enqueue(delivery(to('ep', await url), id))
    dispatcher.start()
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(3), 5_000)
    expect(attempts.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual(Array(3).fill('dead gone'))
    expect(seen).toHaveLength(1)
    expect(changes).toMatchObject([{ endpointId: 'ep', state: 'disabled', reason: 'gone' }])
    expect(await dispatcher.enable('ep')).toBe(true)
    await dispatcher.enqueue(delivery(to('ep', await url), 'd'))
    await vi.waitFor(() => expect(seen).toHaveLength(2), 5_000)
  })

  it('that hangs delays no other', async () => {
    const hanging = await endpoint(() => {})
    const { url } = answering(200)
    const { dispatcher, attempts } = setUp({ concurrency: 4, perEndpoint: 2 })
    for (let n = 0; n < 50; n++) await dispatcher.enqueue(delivery(to('hanging', hanging), `h${n}`))
    for (let n = 0; n < 50; n++) await dispatcher.enqueue(delivery(to('healthy', await url), `d${n}`))
    dispatcher.start()
    // All fifty arrive before the first attempt at the other has timed out.
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(50), 4_000)
    expect(attempts.filter(({ endpointId }) => endpointId === 'hanging')).toEqual([])
  })

  it('whose name servers fail for ever does not keep its deliveries for ever', async () => {
    let now = 0
    const attempt = async ({ attempt: number }: { attempt: number }) =>
      ({ outcome: 'not_counted', reason: 'own_fault', delayMs: 5_000, durationMs: 1, attempt: number }) as const
    const { dispatcher, attempts, changes } = setUp({ sender: { attempt }, now: () => now, pollMs: 1 })
    await dispatcher.enqueue(delivery(to('ep', 'https://example.com')))
    dispatcher.start()
    await vi.waitFor(
      () => {
        now += 3_600
        expect(ended(attempts)).toHaveLength(1)
      },
      { timeout: 10_000, interval: 5 },
    )
    expect(attempts).toHaveLength(32)
    expect(attempts.at(-1)).toMatchObject({ outcome: 'dead', reason: 'own_fault', attempt: 1 })
    expect(attempts.map(({ delayMs }) => delayMs).slice(0, 3)).toEqual([5_000, 10_000, 20_000])
    expect(changes).toEqual([])
  })
})

describe('replay', () => {
  it('sends a dead letter again under its id, and marks it delivered', async () => {
    const { seen, url } = answering(400, 200)
    const { dispatcher, attempts, changes } = setUp({ sender: loopbackSender() })
    await dispatcher.enqueue(delivery(to('ep', await url)))
    dispatcher.start()
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(1), 5_000)
    expect(await dispatcher.replay('ep', 'evt_1')).toMatchObject({ outcome: 'delivered', attempt: 2 })
    expect(seen[1]?.headers['x-fluxora-delivery-id']).toBe('evt_1')
    expect(attempts.at(-1)).toMatchObject({ isReplay: true, outcome: 'delivered' })
    expect(changes.map(({ state }) => state)).toEqual(['failing'])
    expect(await dispatcher.stats()).toMatchObject({ delivered: 1, dead: 0 })
  })

  it('makes one attempt, at a disabled endpoint too', async () => {
    const { url } = answering(410, 500, 200)
    const { dispatcher, attempts } = setUp()
    await dispatcher.enqueue(delivery(to('ep', await url)))
    dispatcher.start()
    await vi.waitFor(() => expect(ended(attempts)).toHaveLength(1), 5_000)
    expect(await dispatcher.replay('ep', 'evt_1')).toMatchObject({ outcome: 'dead', statusCode: 500 })
    expect(await dispatcher.replay('ep', 'evt_1')).toMatchObject({ outcome: 'delivered' })
  })

  it('rejects for a delivery that nobody knows, or knows no longer', async () => {
    const { url } = answering(200)
    const { dispatcher, attempts } = setUp({ retentionSeconds: 0, now: () => attempts.length })
    await expect(dispatcher.replay('ep', 'evt_1')).rejects.toMatchObject({
      name: 'WebhookError',
      code: 'unknown_delivery',
    })
    await dispatcher.enqueue(delivery(to('ep', await url)))
    dispatcher.start()
    await vi.waitFor(() => expect(attempts).toHaveLength(1), 5_000)
  })
})

describe('drain', () => {
  it('begins nothing more, waits for what is running, and can be followed by start', async () => {
    let release = () => {}
    const arrived = new EventTarget()
    const url = await endpoint((_, response) => {
      release = () => response.end()
      arrived.dispatchEvent(new Event('request'))
    })
    const { dispatcher, attempts } = setUp({ perEndpoint: 1 })
    for (const id of ['a', 'b']) await dispatcher.enqueue(delivery(to('ep', url), id))
    const first = once(arrived, 'request')
    dispatcher.start()
    await first
    const drained = dispatcher.drain()
    release()
    await drained
    expect(attempts).toMatchObject([{ deliveryId: 'a', outcome: 'delivered' }])
    expect(await dispatcher.stats()).toMatchObject({ inFlight: 0, pending: 1 })
    const second = once(arrived, 'request')
    dispatcher.start()
    await second
    release()
    await vi.waitFor(() => expect(attempts).toHaveLength(2), 5_000)
  })

  it('resolves in time when an attempt hangs', async () => {
    const arrived = new EventTarget()
    const url = await endpoint(() => arrived.dispatchEvent(new Event('request')))
    const { dispatcher } = setUp()
    await dispatcher.enqueue(delivery(to('ep', url)))
    const request = once(arrived, 'request')
    dispatcher.start()
    await request
    await dispatcher.drain({ timeoutMs: 20 })
    expect(await dispatcher.stats()).toMatchObject({ inFlight: 1, pending: 1 })
    await expect(dispatcher.drain({ timeoutMs: -1 })).rejects.toMatchObject({ code: 'invalid_option' })
  })
})

describe('a dispatcher', () => {
  it('goes on when the log is away, and when a listener throws', async () => {
    const { url } = answering(200)
    const log = memoryDeliveryLog()
    let isAway = 2
    const awayAtFirst: typeof log = {
      ...log,
      claim: async (options) => {
        if (isAway-- > 0) throw new Error('the log is away')
        return log.claim(options)
      },
    }
    const errors: unknown[] = []
    const { dispatcher } = setUp({
      log: awayAtFirst,
      onError: (error) => errors.push(error),
      onAttempt: () => {
        throw new Error('the listener failed')
      },
    })
    await dispatcher.enqueue(delivery(to('ep', await url)))
    dispatcher.start()
    await vi.waitFor(() => expect(errors).toHaveLength(3), 5_000)
    expect(errors.map(String)).toEqual([
      'Error: the log is away',
      'Error: the log is away',
      'Error: the listener failed',
    ])
    expect(await dispatcher.stats()).toMatchObject({ delivered: 1 })
  })

  it('writes an ending down once the log is back', async () => {
    const { url } = answering(200)
    const log = memoryDeliveryLog()
    let isAway = 3
    const { dispatcher, attempts } = setUp({
      log: {
        ...log,
        settle: async (claimed, settlement) => {
          if (isAway-- > 0) throw new Error('the log is away')
          return log.settle(claimed, settlement)
        },
      },
    })
    await dispatcher.enqueue(delivery(to('ep', await url)))
    dispatcher.start()
    await vi.waitFor(() => expect(attempts).toHaveLength(1), 5_000)
    expect(await dispatcher.stats()).toMatchObject({ delivered: 1 })
  })

  it.each([
    [{}, 'sender'],
    [{ sender: loopbackSender() }, 'log'],
    [{ leaseSeconds: 9 }, 'leaseSeconds'],
    [{ concurrency: 0 }, 'concurrency'],
    [{ perEndpoint: Number.NaN }, 'perEndpoint'],
    [{ retentionSeconds: -1 }, 'retentionSeconds'],
    [{ onAttempt: 'log' }, 'onAttempt'],
    [{ onAtempt: () => {} }, 'onAtempt'],
  ])('refuses %o', (options, option) => {
    const whole = { sender: loopbackSender(), log: memoryDeliveryLog() }
    const given = option === 'sender' || option === 'log' ? options : { ...whole, ...options }
    expect(() => createDispatcher(given as never)).toThrow(expect.objectContaining({ code: 'invalid_option', option }))
  })
})
