// Receiving in a transaction of the application's: it is opened for genuine deliveries only, and must end before the answer.

import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  memoryDedupeStore,
  type Outcome,
  type OutcomeReport,
  type RunInTransaction,
  type WebhookHandler,
} from '../../src/webhook/index.ts'
import { clock, deferred, send, spyStore } from './support.ts'

function setUp(transaction: (run: RunInTransaction) => unknown, handle: WebhookHandler = () => {}) {
  const reports: OutcomeReport[] = []
  const receiver = createWebhookReceiver({
    secrets: 'topsecret',
    now: clock,
    transaction,
    onOutcome: (report) => void reports.push(report),
  })
  const receive = (headers = send('fluxora')) => receiver.receive({ headers, body: '{}' }, handle)
  return { receive, reports }
}

const failing = () => {
  throw new Error('handler failed')
}

describe('a transaction', () => {
  it('contains claim, handler and commit, and passes on the context given to run', async () => {
    const order: string[] = []
    const store = spyStore()
    let given: unknown
    const { receive } = setUp(
      async (run) => {
        order.push('BEGIN')
        const outcome = await run(store, 'client')
        order.push(...store.calls.map(({ method }) => method), outcome.code, 'COMMIT')
      },
      (_, { transaction, signal }) => {
        given = transaction
        expect(signal.aborted).toBe(false)
      },
    )
    expect(await receive()).toMatchObject({ ok: true, code: 'ok' })
    expect(order).toEqual(['BEGIN', 'claim', 'commit', 'ok', 'COMMIT'])
    expect(given).toBe('client')
  })

  it('is not opened for a forged delivery', async () => {
    let opened = 0
    const { receive } = setUp(() => void opened++)
    expect(await receive({ ...send('fluxora'), 'x-fluxora-signature': '0'.repeat(64) })).toMatchObject({
      code: 'signature_mismatch',
    })
    expect(opened).toBe(0)
  })

  it('that cannot be opened means 503, and the handler does not run', async () => {
    const { receive, reports } = setUp(async () => {
      throw new Error('ECONNREFUSED')
    }, failing)
    expect(await receive()).toMatchObject({
      status: 503,
      code: 'store_unavailable',
      message: 'The transaction failed; the delivery may be sent again.',
    })
    expect(reports[0]?.error).toEqual(new Error('ECONNREFUSED'))
  })

  it('that cannot be committed turns a success into 503', async () => {
    const { receive, reports } = setUp(async (run) => {
      await run(memoryDedupeStore())
      throw new Error('rolled back')
    })
    expect(await receive()).toMatchObject({ ok: false, status: 503, code: 'store_unavailable' })
    expect(reports[0]?.error).toEqual(new Error('rolled back'))
  })

  it('that fails after the handler has failed does not change the outcome', async () => {
    const { receive, reports } = setUp(async (run) => {
      await run(memoryDedupeStore())
      throw new Error('rolled back')
    }, failing)
    expect(await receive()).toMatchObject({ status: 500, code: 'handler_failed' })
    expect(reports[0]?.error).toEqual(new Error('handler failed'))
  })

  it('that never calls run is reported as misuse', async () => {
    const { receive, reports } = setUp(async () => {})
    expect(await receive()).toMatchObject({ status: 500, code: 'handler_failed' })
    expect(reports[0]?.error).toMatchObject({ code: 'invalid_option', option: 'transaction' })
  })

  it('may call run once', async () => {
    const store = memoryDedupeStore()
    let second: unknown
    const outcomes: Outcome[] = []
    const { receive } = setUp(async (run) => {
      outcomes.push(await run(store))
      second = await run(store).catch((error: unknown) => error)
    })
    expect(await receive()).toMatchObject({ code: 'ok' })
    expect(outcomes).toHaveLength(1)
    expect(second).toMatchObject({ code: 'invalid_option', option: 'transaction' })
  })

  it('delays the answer to a duplicate too, because the first delivery may not be committed yet', async () => {
    const store = memoryDedupeStore()
    let fails = false
    const { receive } = setUp(async (run) => {
      await run(store)
      if (fails) throw new Error('connection lost')
    })
    expect((await receive()).code).toBe('ok')
    expect(await receive()).toMatchObject({ ok: true, code: 'duplicate_delivery' })
    fails = true
    expect(await receive()).toMatchObject({ ok: false, status: 503, code: 'store_unavailable' })
  })

  it.each(['conflict', 'in_progress'] as const)(
    'that fails after a refusal does not change the outcome: %s',
    async (status) => {
      const claim = async () => ({ status, retryAfterMs: 1 }) as const
      const { receive } = setUp(async (run) => {
        await run(spyStore({ claim: claim as never }))
        throw new Error('rolled back')
      })
      expect((await receive()).code).toBe(status === 'conflict' ? 'delivery_id_conflict' : 'delivery_in_progress')
    },
  )

  it.each([
    ['is refused', { commit: () => Promise.reject(new Error('aborted')) }, 'commit_failed'],
    ['comes too late', { commit: async () => false }, 'claim_lost'],
  ])(
    'whose commit of the claim %s means 503: what the handler wrote can still be undone',
    async (_, broken, problem) => {
      let inside: Outcome | undefined
      const { receive, reports } = setUp(async (run) => {
        inside = await run(spyStore(broken))
      })
      expect(await receive()).toMatchObject({ ok: false, status: 503, code: 'store_unavailable' })
      expect(inside).toMatchObject({ ok: false, code: 'store_unavailable' })
      expect(reports[0]).toMatchObject({ code: 'store_unavailable', problem })
    },
  )

  it.each([
    ['resolves', () => {}],
    ['rejects', () => Promise.reject(new Error('rolled back'))],
  ])('that %s without awaiting run is answered once the run is over, and never with success', async (how, end) => {
    const gate = deferred()
    const { receive, reports } = setUp(
      (run) => {
        void run(memoryDedupeStore())
        return end()
      },
      () => gate.promise,
    )
    let isAnswered = false
    const outcome = receive().then((given) => {
      isAnswered = true
      return given
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isAnswered).toBe(false)
    gate.resolve()
    expect(await outcome).toMatchObject(
      how === 'resolves' ? { status: 500, code: 'handler_failed' } : { status: 503, code: 'store_unavailable' },
    )
    expect(reports[0]?.error).toBeInstanceOf(Error)
  })

  it('that is over cannot be used any more', async () => {
    let late: RunInTransaction | undefined
    let runs = 0
    const { receive } = setUp(
      (run) => {
        late = run
      },
      () => runs++,
    )
    expect((await receive()).code).toBe('handler_failed')
    await expect(late?.(memoryDedupeStore())).rejects.toMatchObject({ code: 'invalid_option', option: 'transaction' })
    expect(runs).toBe(0)
  })

  it('must be given a store to run with', async () => {
    const { receive, reports } = setUp((run) => run({} as never), failing)
    expect(await receive()).toMatchObject({ status: 503, code: 'store_unavailable' })
    expect(reports[0]?.error).toMatchObject({ code: 'invalid_option', option: 'run' })
  })

  it('may throw instead of rejecting', async () => {
    const { receive } = setUp(failing)
    expect(await receive()).toMatchObject({ status: 503, code: 'store_unavailable' })
  })

  it('is not opened if the sender has gone, nor beyond maxConcurrent', async () => {
    let opened = 0
    const gate = deferred()
    const receiver = createWebhookReceiver({
      secrets: 'topsecret',
      now: clock,
      maxConcurrent: 1,
      onOutcome: false,
      transaction: async (run) => {
        opened++
        await gate.promise
        await run(memoryDedupeStore())
      },
    })
    const input = { headers: send('fluxora'), body: '{}' }
    const gone = await receiver.receive(input, () => {}, { signal: { aborted: true } })
    expect([gone.code, opened]).toEqual(['request_aborted', 0])
    const first = receiver.receive(input, () => {})
    await new Promise((resolve) => setImmediate(resolve))
    expect([(await receiver.receive(input, () => {})).code, opened]).toEqual(['overloaded', 1])
    gate.resolve()
    expect((await first).code).toBe('ok')
    expect((await receiver.receive(input, () => {})).code).toBe('ok')
  })

  it('is not opened if the sender goes away while the signature is checked', async () => {
    let opened = 0
    let looks = 0
    const signal = {
      get aborted() {
        return looks++ > 0
      },
    }
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, transaction: () => void opened++ })
    const outcome = await receiver.receive({ headers: send('fluxora'), body: '{}' }, () => {}, { signal })
    expect([outcome.code, outcome.delivery?.deliveryId, opened]).toEqual(['request_aborted', 'd1', 0])
  })

  it('is abandoned if the sender goes away while it is being opened', async () => {
    const signal = { aborted: false }
    let runs = 0
    const receiver = createWebhookReceiver({
      secrets: 'topsecret',
      now: clock,
      transaction: (run) => {
        signal.aborted = true
        return run(memoryDedupeStore())
      },
    })
    const outcome = await receiver.receive({ headers: send('fluxora'), body: '{}' }, () => runs++, { signal })
    expect([outcome.code, runs]).toEqual(['request_aborted', 0])
  })

  it('has no timeout, but each call of its store has', async () => {
    const options = { secrets: 'topsecret', now: clock, storeTimeoutSeconds: 0.02, onOutcome: false } as const
    const input = { headers: send('fluxora'), body: '{}' }
    const slow = createWebhookReceiver({ ...options, transaction: (run) => run(memoryDedupeStore()) })
    const pause = () => new Promise((resolve) => setTimeout(resolve, 60))
    expect((await slow.receive(input, pause)).code).toBe('ok')
    const claim = () => new Promise<never>(() => {})
    const stuck = createWebhookReceiver({ ...options, transaction: (run) => run(spyStore({ claim })) })
    expect((await stuck.receive(input, pause)).code).toBe('store_unavailable')
  })

  it('cannot be combined with a store for one call', async () => {
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, transaction: () => {} })
    const input = { headers: send('fluxora'), body: '{}' }
    await expect(receiver.receive(input, () => {}, { dedupe: memoryDedupeStore() })).rejects.toMatchObject({
      code: 'invalid_option',
      option: 'dedupe',
    })
  })

  it('is undefined in the context if there is none', async () => {
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
    let context: object | undefined
    await receiver.receive({ headers: send('fluxora'), body: '{}' }, (_, given) => {
      context = given
    })
    expect((context as { transaction?: unknown }).transaction).toBeUndefined()
  })
})
