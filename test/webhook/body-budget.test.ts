// What all bodies that are being read may hold together.

import { describe, expect, it } from 'vitest'
import { type BodyBudget, createWebhookReceiver } from '../../src/webhook/index.ts'
import { clock, deferred, send } from './support.ts'

describe('maxBufferedBytes', () => {
  it('is shared by all bodies that are being read, and given back when each is judged', async () => {
    const receiver = createWebhookReceiver({
      secrets: 'topsecret',
      now: clock,
      maxBodyBytes: 100,
      maxBufferedBytes: 100,
    })
    const gate = deferred<string>()
    let first: BodyBudget | undefined
    const reading = receiver.receive(
      {
        headers: send('fluxora'),
        body: (_, budget) => {
          first = budget
          expect(budget.reserve(60)).toBe(true)
          return gate.promise
        },
      },
      () => {},
    )
    await Promise.resolve()
    const refusal = { ok: false, status: 429, code: 'overloaded', message: 'No room.' } as const
    const second = () =>
      receiver.receive(
        {
          headers: send('fluxora', { id: 'd2', body: '2' }),
          body: async (_, budget) => (budget.reserve(41) ? '2' : refusal),
        },
        () => {},
      )
    expect(await second()).toMatchObject({ status: 429, code: 'overloaded', headers: { 'retry-after': '1' } })
    gate.resolve('{}')
    expect(await reading).toMatchObject({ code: 'ok' })
    expect(first?.reserve(1)).toBe(false)
    expect(await second()).toMatchObject({ code: 'ok' })
  })

  it('is not drawn on by a request whose headers or timestamp are refused: its body is not read', async () => {
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
    for (const headers of [{}, send('fluxora', { timestamp: 1 }), { ...send('fluxora'), 'x-fluxora-timestamp': 'x' }]) {
      let reads = 0
      const body = async () => `${reads++}`
      expect((await receiver.receive({ headers, body }, () => {})).ok).toBe(false)
      expect(reads).toBe(0)
    }
  })
})
