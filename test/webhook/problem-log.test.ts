// Without `onOutcome`: problems that the application must fix are logged, and nothing else.

import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createWebhookReceiver,
  memoryDedupeStore,
  type OutcomeReport,
  type WebhookReceiverOptions,
} from '../../src/webhook/index.ts'
import { github } from '../../src/webhook/schemes/index.ts'
import { clock, send } from './support.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const failing = () => {
  throw new Error('handler failed')
}

function setUp(options: Partial<WebhookReceiverOptions> = {}) {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, ...options })
  return { printed, receiver, input: { headers: send('fluxora'), body: '{}' } }
}

describe('a receiver without onOutcome', () => {
  it("prints a handler's error, once", async () => {
    const { printed, receiver, input } = setUp()
    await receiver.receive(input, failing)
    await receiver.receive(input, failing)
    expect(printed.mock.calls).toEqual([
      [expect.stringMatching(/^@fluxora\/verify, fluxora: handler_failed: /), new Error('handler failed')],
    ])
  })

  it('names the delivery, on one line whatever its id contains', async () => {
    const { printed, receiver } = setUp({ scheme: github, dedupeBy: 'content' })
    const headers = { ...send('github', { body: '{}' }), 'x-github-delivery': 'an\nid', 'x-github-event': 'push' }
    await receiver.receive({ headers, body: '{}' }, failing)
    expect(printed.mock.calls[0]?.[0]).toMatch(/ Delivery "an\\nid"\. Event "push"\.$/)
  })

  it("uses the call's logger if there is one", async () => {
    const { printed, receiver, input } = setUp()
    const log = vi.fn()
    await receiver.receive(input, failing, { log })
    expect(log.mock.calls).toEqual([
      [expect.stringContaining('handler_failed'), expect.objectContaining({ error: new Error('handler failed') })],
    ])
    expect(printed).not.toHaveBeenCalled()
  })

  it('is silent if onOutcome is false, or a function', async () => {
    for (const onOutcome of [false as const, () => {}]) {
      const { printed, receiver, input } = setUp({ onOutcome })
      await receiver.receive(input, failing)
      expect(printed).not.toHaveBeenCalled()
    }
  })

  it("does not print what is the sender's fault", async () => {
    const { printed, receiver, input } = setUp()
    for (const headers of [{}, send('fluxora', { timestamp: 1 }), send('fluxora', { secret: 'other' })]) {
      await receiver.receive({ ...input, headers }, failing)
    }
    await receiver.receive(input, () => {})
    await receiver.receive(input, () => {})
    expect(printed).not.toHaveBeenCalled()
  })
})

describe('a problem that the application must fix', () => {
  const down = () => Promise.reject(new Error('store is down'))
  const inner = memoryDedupeStore()

  it.each<[string, Partial<WebhookReceiverOptions>, () => unknown]>([
    ['missing_secret', { secrets: () => undefined }, () => {}],
    ['handler_failed', {}, failing],
    ['handler_failed', { dedupeKey: failing }, () => {}],
    ['handler_failed', { now: () => Number.NaN }, () => {}],
    ['store_unavailable', { dedupe: { ...inner, claim: down } }, () => {}],
    ['store_unavailable', { transaction: down }, () => {}],
    ['commit_failed (ok)', { dedupe: { ...memoryDedupeStore(), commit: down } }, () => {}],
    ['claim_lost (ok)', { dedupe: { ...memoryDedupeStore(), commit: async () => false } }, () => {}],
    ['release_failed (handler_failed)', { dedupe: { ...memoryDedupeStore(), release: down } }, failing],
    ['unclaimed (ok)', { dedupe: { ...inner, claim: down }, onStoreFailure: 'accept' }, () => {}],
  ])('is logged: %s', async (what, options, handle) => {
    const { printed, receiver, input } = setUp(options)
    await receiver.receive(input, handle)
    expect(printed).toHaveBeenCalledTimes(1)
    const [message, error] = printed.mock.calls[0] as [string, unknown]
    expect(message.startsWith(`@fluxora/verify, fluxora: ${what}: `)).toBe(true)
    expect(message).toMatch(/\.$/)
    if (!what.startsWith('claim_lost')) expect(error).toBeInstanceOf(Error)
  })

  it('is logged even if nothing was thrown: body_already_parsed', async () => {
    const { printed, receiver, input } = setUp()
    await receiver.receive({ ...input, body: {} as never }, () => {})
    expect(printed.mock.calls).toEqual([[expect.stringContaining('body_already_parsed: ')]])
  })

  it("is not the application's own answer, unless the store failed as well", async () => {
    const decline = () => {
      throw Object.assign(new Error('The application answered 422.'), { name: 'ApplicationDeclined', status: 422 })
    }
    const { printed, receiver, input } = setUp()
    expect((await receiver.receive(input, decline)).code).toBe('handler_failed')
    expect(printed).not.toHaveBeenCalled()
    const stuck = setUp({ dedupe: { ...inner, release: down } })
    await stuck.receiver.receive(input, decline)
    expect(printed.mock.calls).toEqual([[expect.stringContaining('release_failed'), expect.anything()]])
  })

  it('is logged without any secret, signature, header or body of the delivery', async () => {
    const log = vi.fn()
    const { receiver } = setUp({ secrets: 'hidden-secret' })
    const signed = send('fluxora', { secret: 'hidden-secret', body: 'hidden-body' })
    const headers = { ...signed, cookie: 'hidden-cookie' }
    await receiver.receive({ headers, body: 'hidden-body' }, failing, { log })
    const said = JSON.stringify(log.mock.calls)
    expect(said).not.toMatch(/hidden/)
    expect(said).not.toContain(signed['x-fluxora-signature'])
  })

  it('may be logged by a logger that fails', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', listen)
    for (const log of [failing, async () => failing(), undefined]) {
      const { receiver, input, printed } = setUp()
      printed.mockImplementation(failing)
      expect((await receiver.receive(input, failing, { log })).code).toBe('handler_failed')
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })
})

describe('a problem that repeats', () => {
  function flood() {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    const { receiver, input } = setUp()
    const told: [string, OutcomeReport][] = []
    const log = (message: string, report: OutcomeReport) => void told.push([message, report])
    const fail = (message: string, as = Error) =>
      receiver.receive(
        input,
        () => {
          throw new as(message)
        },
        { log },
      )
    return { fail, told, receiver, input, log }
  }

  it('is logged once a minute, with how many were left out', async () => {
    const { fail, told } = flood()
    for (let n = 0; n < 100; n++) await fail('x')
    expect(told).toHaveLength(1)
    expect(told[0]?.[0]).not.toContain('left out')
    vi.advanceTimersByTime(59_999)
    await fail('x')
    expect(told).toHaveLength(1)
    vi.advanceTimersByTime(1)
    await fail('x')
    expect(told[1]?.[0]).toContain('100 more like this were left out since the last time.')
    vi.advanceTimersByTime(60_000)
    await fail('x')
    expect(told[2]?.[0]).not.toContain('left out')
    expect(told).toHaveLength(3)
  })

  it('does not hide another cause', async () => {
    const { fail, told, receiver, input, log } = flood()
    for (let n = 0; n < 3; n++) {
      await fail('x')
      await fail('y')
      await fail('x', TypeError)
      await receiver.receive({ ...input, body: {} as never }, () => {}, { log })
    }
    expect(told.map(([, { error, code }]) => String(error ?? code))).toEqual([
      'Error: x',
      'Error: y',
      'TypeError: x',
      'body_already_parsed',
    ])
  })

  it('does not use more and more memory, even if every error has another message', async () => {
    const { fail, told } = flood()
    for (let n = 0; n < 1000; n++) await fail(`no merchant ${n}`)
    expect(told.length).toBeLessThanOrEqual(51)
    vi.advanceTimersByTime(60_000)
    for (let n = 1000; n < 2000; n++) await fail(`no merchant ${n}`)
    expect(told.length).toBeLessThanOrEqual(102)
    // Causes that are no longer quiet make room, so new causes are logged under their own names again.
    vi.advanceTimersByTime(60_000)
    await fail('x')
    expect(String(told.at(-1)?.[1].error)).toBe('Error: x')
    await fail('x')
    vi.advanceTimersByTime(60_000)
    await fail('x')
    expect(told.at(-1)?.[0]).toContain('1 more like this were left out')
  })

  it('is counted for each receiver alone', async () => {
    const one = flood()
    await one.fail('x')
    const two = flood()
    await two.fail('x')
    expect([one.told.length, two.told.length]).toEqual([1, 1])
  })
})
