// Receiving inside a transaction of the application's: opened for genuine deliveries only, and answered for once it has ended.

import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  memoryDedupeStore,
  type Outcome,
  type OutcomeReport,
  type RunInTransaction,
  type WebhookHandler,
} from '../../src/webhook/index.ts'
import { clock, send, spyStore } from './support.ts'

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
  it('holds claim, handler and commit, and hands on what run was given', async () => {
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

  it('is not opened for a forgery', async () => {
    let opened = 0
    const { receive } = setUp(() => void opened++)
    expect(await receive({ ...send('fluxora'), 'x-fluxora-signature': '0'.repeat(64) })).toMatchObject({
      code: 'signature_mismatch',
    })
    expect(opened).toBe(0)
  })

  it('that cannot be opened is a store that is away: 503, and nothing runs', async () => {
    const { receive, reports } = setUp(async () => {
      throw new Error('ECONNREFUSED')
    }, failing)
    expect(await receive()).toMatchObject({ status: 503, code: 'store_unavailable' })
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

  it('that fails after the handler has failed leaves it at that', async () => {
    const { receive, reports } = setUp(async (run) => {
      await run(memoryDedupeStore())
      throw new Error('rolled back')
    }, failing)
    expect(await receive()).toMatchObject({ status: 500, code: 'handler_failed' })
    expect(reports[0]?.error).toEqual(new Error('handler failed'))
  })

  it('that never calls run is a mistake, and says so', async () => {
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
})
