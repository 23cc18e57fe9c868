// A delivery runs once, and a captured attempt never runs under another id, whatever happened to the other attempts.

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWebhookReceiver, memoryDedupeStore } from '../../src/webhook/index.ts'
import { NOW, SCHEME_NAMES, schemeOf, secretOf, send } from './support.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

type Act =
  /** The sender's own attempt, signed again, whose handler succeeds, fails, or keeps running. */
  | { do: 'attempt'; ends: 'well' | 'badly' | 'later' }
  /** A handler that kept running ends. */
  | { do: 'end'; ends: 'well' | 'badly' }
  /** An earlier attempt is sent again under another id. */
  | { do: 'replay'; which: number; id: string }
  | { do: 'wait'; seconds: number }

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('attempt' as const),
      ends: fc.constantFrom('well' as const, 'badly' as const, 'later' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('end' as const), ends: fc.constantFrom('well' as const, 'badly' as const) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('replay' as const),
      which: fc.nat(10),
      id: fc.constantFrom('evil', 'other', 'd2'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30, 61, 299, 300, 600, 700) }),
  },
)

describe('a captured attempt under another id', () => {
  it('never runs (fluxora, stable ids, each attempt signed again), and the delivery itself succeeds at most once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 25 }), fc.boolean(), async (acts, canExtend) => {
        let now = NOW
        const inner = memoryDedupeStore()
        const { claim, commit, release } = inner
        const receiver = createWebhookReceiver({
          secrets: 'topsecret',
          now: () => now,
          onOutcome: false,
          dedupe: canExtend ? inner : { claim, commit, release },
        })
        const captured: Record<string, string>[] = []
        const ran: (string | undefined)[] = []
        const open: { resolve: () => void; reject: (reason: Error) => void; done: Promise<unknown> }[] = []
        let successes = 0

        for (const each of acts) {
          if (each.do === 'wait') {
            now += each.seconds
            await vi.advanceTimersByTimeAsync(each.seconds * 1000)
          } else if (each.do === 'attempt') {
            const headers = send('fluxora', { id: 'd1', timestamp: now })
            captured.push(headers)
            const done = receiver.receive({ headers, body: '{}' }, ({ deliveryId }) => {
              ran.push(deliveryId)
              if (each.ends === 'badly') throw new Error('x')
              if (each.ends === 'well') return
              return new Promise<void>((resolve, reject) => open.push({ resolve, reject, done: Promise.resolve() }))
            })
            done.then(({ code }) => {
              if (code === 'ok') successes++
            })
            await vi.advanceTimersByTimeAsync(0)
          } else if (each.do === 'end') {
            const running = open.shift()
            if (!running) continue
            if (each.ends === 'well') running.resolve()
            else running.reject(new Error('x'))
            await vi.advanceTimersByTimeAsync(0)
          } else {
            const headers = captured[each.which % Math.max(1, captured.length)]
            if (!headers) continue
            const outcome = await receiver.receive(
              { headers: { ...headers, 'x-fluxora-delivery-id': each.id }, body: '{}' },
              ({ deliveryId }) => void ran.push(deliveryId),
            )
            expect(['delivery_id_conflict', 'timestamp_outside_tolerance']).toContain(outcome.code)
          }
        }
        expect(ran.every((id) => id === 'd1')).toBe(true)
        // Without renewal, a worker that outlives its lease is replaced, and both may succeed: at least once, as promised.
        if (canExtend) expect(successes).toBeLessThanOrEqual(1)
        for (const { resolve } of open) resolve()
        await vi.advanceTimersByTimeAsync(0)
      }),
      { numRuns: 400 },
    )
  })

  it.each(SCHEME_NAMES.filter((name) => !['fluxora', 'github', 'shopify'].includes(name)))(
    'never runs twice (%s): the id is signed, or not used',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.constantFrom('d1', 'd2', 'd3'), fc.integer({ min: -200, max: 200 })), {
            minLength: 2,
            maxLength: 8,
          }),
          async (attempts) => {
            const receiver = createWebhookReceiver({
              scheme: schemeOf(name),
              secrets: secretOf(name),
              now: () => NOW,
              onOutcome: false,
            })
            const [id] = schemeOf(name).headers.deliveryId
            const captured = send(name)
            let runs = 0
            const receive = (headers: Record<string, string>) =>
              receiver.receive({ headers, body: '{}' }, () => void runs++)
            await receive(captured)
            for (const [other, offset] of attempts) {
              const [time] = schemeOf(name).headers.timestamp
              // What an attacker can change without the secret: the id, and the timestamp if it is not signed.
              const forged = {
                ...captured,
                ...(id ? { [id]: other } : {}),
                ...(time ? { [time]: String(NOW + offset) } : {}),
              }
              const { code } = await receive(forged)
              expect(['duplicate_delivery', 'signature_mismatch']).toContain(code)
            }
            expect(runs).toBe(1)
          },
        ),
        { numRuns: 40 },
      )
    },
  )
})

describe('many attempts at once', () => {
  it.each(SCHEME_NAMES)('%s: in any order exactly one runs, and after failures exactly one succeeds', async (name) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ fails: fc.boolean(), offset: fc.integer({ min: -300, max: 300 }), turns: fc.nat(4) }), {
          minLength: 1,
          maxLength: 20,
        }),
        async (attempts) => {
          const receiver = createWebhookReceiver({
            scheme: schemeOf(name),
            secrets: secretOf(name),
            now: () => NOW,
            onOutcome: false,
          })
          let running = 0
          let succeeded = 0
          const outcomes = await Promise.all(
            attempts.map(({ fails, offset, turns }) =>
              receiver.receive({ headers: send(name, { timestamp: NOW + offset }), body: '{}' }, async () => {
                expect(++running).toBe(1)
                for (let turn = 0; turn < turns; turn++) await Promise.resolve()
                running--
                if (fails) throw new Error('x')
                succeeded++
              }),
            ),
          )
          const count = (code: string) => outcomes.filter((outcome) => outcome.code === code).length
          expect(count('ok')).toBe(succeeded)
          expect(succeeded).toBeLessThanOrEqual(1)
          expect(count('ok') + count('handler_failed')).toBeGreaterThanOrEqual(1)
          if (succeeded === 1) return
          const retry = await receiver.receive({ headers: send(name), body: '{}' }, () => {})
          expect(retry.code).toBe('ok')
        },
      ),
      { numRuns: 40 },
    )
  })
})
