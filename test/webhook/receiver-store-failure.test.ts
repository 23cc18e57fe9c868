// A store that fails, hangs or answers late: deliveries are refused by default, handled only by option, and reported either way.

import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  type DedupeStore,
  memoryDedupeStore,
  type OutcomeReport,
  type WebhookReceiverOptions,
} from '../../src/webhook/index.ts'
import { clock, secretOf, send } from './support.ts'

const never = () => new Promise<never>(() => {})
const rejecting = () => Promise.reject(new Error('store is down'))
const throwing = () => {
  throw new Error('store is down')
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function setUp(broken: Partial<DedupeStore>, options: Partial<WebhookReceiverOptions> = {}) {
  const inner = memoryDedupeStore()
  const reports: OutcomeReport[] = []
  let handled = 0
  const receiver = createWebhookReceiver({
    secrets: secretOf('fluxora'),
    now: clock,
    dedupe: { ...inner, ...broken },
    storeTimeoutSeconds: 0.03,
    onOutcome: (report) => void reports.push(report),
    ...options,
  })
  const input = { headers: send('fluxora'), body: '{}' }
  const receive = (handle = (): unknown => handled++) => receiver.receive(input, handle)
  return { receiver, input, receive, reports, inner, handled: () => handled }
}

describe('a store that fails', () => {
  for (const [how, claim] of Object.entries({ hangs: never, rejects: rejecting, throws: throwing })) {
    it(`and ${how}: the delivery is refused for now, and nothing is handled`, async () => {
      const { receive, reports, handled } = setUp({ claim })
      expect(await receive()).toMatchObject({ ok: false, status: 503, code: 'store_unavailable' })
      expect(handled()).toBe(0)
      expect(reports[0]?.problem).toBeUndefined()
      expect(String(reports[0]?.error)).toMatch(how === 'hangs' ? /did not answer within 30 ms/ : /store is down/)
    })

    it(`and ${how}: the delivery is handled if the application said so, and that is reported`, async () => {
      const { receive, reports, handled } = setUp({ claim }, { onStoreFailure: 'accept' })
      expect(await receive()).toMatchObject({ ok: true, status: 200, code: 'ok' })
      expect(handled()).toBe(1)
      expect(reports[0]).toMatchObject({ ok: true, problem: 'unclaimed', error: expect.any(Error) })
    })
  }

  it('does not hide what the handler of an unclaimed delivery throws', async () => {
    const { receive, reports } = setUp({ claim: rejecting }, { onStoreFailure: 'accept' })
    expect(
      await receive(() => {
        throw new Error('handler failed')
      }),
    ).toMatchObject({ status: 500, code: 'handler_failed' })
    expect(reports[0]).toMatchObject({ problem: 'unclaimed', error: new Error('handler failed') })
  })

  it('gives the handler of an unclaimed delivery a signal that is never aborted', async () => {
    const { receiver, input } = setUp({ claim: rejecting }, { onStoreFailure: 'accept' })
    let signal: AbortSignal | undefined
    await receiver.receive(input, (_, context) => {
      signal = context.signal
    })
    expect(signal?.aborted).toBe(false)
  })

  it('does not let anything else through: not a duplicate, a conflict, a bad signature or a failed dedupeKey', async () => {
    const accept = { onStoreFailure: 'accept' } as const
    const { receive, receiver, input, handled } = setUp({}, accept)
    await receive()
    expect((await receive()).code).toBe('duplicate_delivery')
    const moved = { ...input, headers: { ...input.headers, 'x-fluxora-delivery-id': 'd2' } }
    expect((await receiver.receive(moved, () => {})).code).toBe('delivery_id_conflict')
    expect((await receiver.receive({ ...input, body: '{ }' }, () => {})).code).toBe('signature_mismatch')
    expect(handled()).toBe(1)
    const keyless = setUp({}, { ...accept, dedupeKey: throwing })
    expect((await keyless.receive()).code).toBe('handler_failed')
    expect(keyless.handled()).toBe(0)
  })

  it('does not start the handler if the sender has gone', async () => {
    const { receiver, input } = setUp({ claim: rejecting }, { onStoreFailure: 'accept' })
    const abort = new AbortController()
    const body = async () => {
      queueMicrotask(() => abort.abort())
      return '{}'
    }
    const outcome = await receiver.receive({ ...input, body }, throwing, { signal: abort.signal })
    expect(outcome.code).toBe('request_aborted')
  })
})

describe('a store that answers late', () => {
  it('gets its claim back, so the next attempt need not wait until the lease runs out', async () => {
    let slow = true
    const inner = memoryDedupeStore()
    const claim: DedupeStore['claim'] = async (request) => {
      if (slow) await pause(60)
      return inner.claim(request)
    }
    const { receive, handled } = setUp({ ...inner, claim })
    expect((await receive()).code).toBe('store_unavailable')
    await pause(60)
    slow = false
    expect((await receive()).code).toBe('ok')
    expect(handled()).toBe(1)
  })

  it("keeps its claim in the caller's transaction, which may be over by then", async () => {
    const calls: string[] = []
    const { receiver, input } = setUp({})
    const dedupe: DedupeStore = {
      claim: async ({ keys }) => {
        await pause(60)
        return { status: 'claimed', claim: { token: 't', keys } }
      },
      commit: async () => true,
      release: async () => calls.push('release') > 0,
    }
    expect((await receiver.receive(input, () => {}, { dedupe })).code).toBe('store_unavailable')
    await pause(60)
    expect(calls).toEqual([])
  })

  it('is not asked to release anything if it claimed nothing', async () => {
    const calls: string[] = []
    const { receive } = setUp({
      claim: async () => {
        await pause(60)
        return { status: 'duplicate' }
      },
      release: async () => calls.push('release') > 0,
    })
    expect((await receive()).code).toBe('store_unavailable')
    await pause(60)
    expect(calls).toEqual([])
  })

  it('with an error, causes no unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const late = () => pause(50).then(throwing) as Promise<never>
    await setUp({ claim: late }).receive()
    await setUp({ commit: late }).receive()
    await pause(60)
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('does not change the answer after the handler is done', async () => {
    const committing = setUp({ commit: never })
    expect(await committing.receive()).toMatchObject({ ok: true, status: 200 })
    expect(committing.reports[0]).toMatchObject({ problem: 'commit_failed', error: expect.any(Error) })
    const releasing = setUp({ release: never })
    expect((await releasing.receive(throwing)).code).toBe('handler_failed')
    expect(releasing.reports[0]).toMatchObject({ problem: 'release_failed', error: new Error('store is down') })
  })

  it('leaves no timer behind', async () => {
    const { receive } = setUp({}, { storeTimeoutSeconds: 3600, leaseSeconds: 3600 })
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await receive()
    expect(timers()).toBeLessThanOrEqual(before)
  })
})

describe('options that make no sense', () => {
  it('throw when the receiver is created', () => {
    for (const storeTimeoutSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never])
      expect(() => setUp({}, { storeTimeoutSeconds })).toThrow(
        expect.objectContaining({ option: 'storeTimeoutSeconds' }),
      )
    for (const onStoreFailure of ['open', '', true, null] as never[])
      expect(() => setUp({}, { onStoreFailure })).toThrow(expect.objectContaining({ option: 'onStoreFailure' }))
  })
})
