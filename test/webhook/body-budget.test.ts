// How much memory all bodies that are being read may use together.

import { describe, expect, it } from 'vitest'
import { type BodyBudget, createWebhookReceiver } from '../../src/webhook/index.ts'
import { clock, deferred, NOW, send } from './support.ts'

describe('maxBufferedBytes', () => {
  it('is shared by all bodies that are being read, and given back after each verdict', async () => {
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

  it('is not used by a request whose headers or timestamp are refused: its body is not read', async () => {
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
    for (const headers of [{}, send('fluxora', { timestamp: 1 }), { ...send('fluxora'), 'x-fluxora-timestamp': 'x' }]) {
      let reads = 0
      const body = async () => `${reads++}`
      expect((await receiver.receive({ headers, body }, () => {})).ok).toBe(false)
      expect(reads).toBe(0)
    }
  })

  const limits = { maxBodyBytes: 100, maxBufferedBytes: 100 }
  const options = { secrets: 'topsecret', now: clock, onOutcome: false as const, ...limits }

  it.each<[string, (budget: BodyBudget) => unknown]>([
    ['is judged genuine', async () => '{}'],
    ['is judged a forgery', async () => 'x'],
    ['is refused by its reader', async () => ({ ok: false, status: 408, code: 'body_timeout', message: 'Late.' })],
    ['is no body at all', async () => undefined],
    ['is too large', async () => 'x'.repeat(101)],
    ['breaks off', () => Promise.reject(new Error('ECONNRESET'))],
    [
      'throws at once',
      () => {
        throw new Error('x')
      },
    ],
  ])('is given back in full if a body %s', async (_, read) => {
    const receiver = createWebhookReceiver(options)
    for (let n = 0; n < 3; n++) {
      let hadRoom: boolean | undefined
      const body = (_limit: number, budget: BodyBudget) => {
        hadRoom = budget.reserve(100)
        return read(budget) as Promise<string>
      }
      await receiver.receive({ headers: send('fluxora'), body }, () => {})
      expect(hadRoom).toBe(true)
    }
  })

  it('adds up what one request reserves, and refuses nonsense', async () => {
    const receiver = createWebhookReceiver(options)
    const answers: boolean[] = []
    const body = async (_limit: number, budget: BodyBudget) => {
      for (const bytes of [0, 60, 41, 40, 1, Number.NaN, -50, Number.POSITIVE_INFINITY, '1' as never]) {
        answers.push(budget.reserve(bytes))
      }
      return '{}'
    }
    expect((await receiver.receive({ headers: send('fluxora'), body }, () => {})).code).toBe('ok')
    expect(answers).toEqual([true, true, false, true, false, false, false, false, false])
  })

  it('is used while the signature is checked, but not while the handler runs', async () => {
    const receiver = createWebhookReceiver(options)
    const gate = deferred()
    const body = async (_limit: number, budget: BodyBudget) => (budget.reserve(100) ? '{}' : 'no room')
    const running = receiver.receive({ headers: send('fluxora'), body }, () => gate.promise)
    await new Promise((resolve) => setImmediate(resolve))
    const second = { headers: send('fluxora', { id: 'd2', timestamp: NOW + 1 }), body }
    expect((await receiver.receive(second, () => {})).code).toBe('ok')
    gate.resolve()
    expect((await running).code).toBe('ok')
  })

  it('is 64 MiB by default, or one body if that is more, and each receiver has its own', async () => {
    const mostOf = async (given: object) => {
      const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, ...given })
      let fits: [boolean, boolean] | undefined
      const body = async (limit: number, budget: BodyBudget) => {
        const most = Math.max(64 * 2 ** 20, limit)
        fits = [budget.reserve(most), budget.reserve(1)]
        return '{}'
      }
      await receiver.receive({ headers: send('fluxora'), body }, () => {})
      return fits
    }
    expect(await mostOf({})).toEqual([true, false])
    expect(await mostOf({ maxBodyBytes: 2 ** 30 })).toEqual([true, false])
  })
})
