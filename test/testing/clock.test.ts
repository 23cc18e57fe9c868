import { describe, expect, it } from 'vitest'
import { fakeClock, signTestDelivery } from '../../src/testing/index.ts'
import { createWebhookVerifier } from '../../src/webhook/index.ts'

const secret = 'topsecret'

describe('the fake clock', () => {
  it('stands still until it is moved, and serves as the clock of a verifier', () => {
    const clock = fakeClock(1_710_000_000)
    const { now } = clock
    const timed = createWebhookVerifier({ secrets: secret, now })
    const delivery = signTestDelivery({ secret, body: '{}', timestamp: clock.now() })
    expect(timed.verify(delivery).code).toBe('ok')
    expect(clock.advance(300)).toBe(1_710_000_300)
    expect(timed.verify(delivery).code).toBe('ok')
    clock.advance(1)
    expect(timed.verify(delivery).code).toBe('timestamp_outside_tolerance')
    clock.advance(-1)
    expect(timed.verify(delivery).code).toBe('ok')
    clock.set(1_710_000_000.5)
    expect([now(), clock.date().toISOString()]).toEqual([1_710_000_000.5, '2024-03-09T16:00:00.500Z'])
    expect(fakeClock().now()).toBe(1_700_000_000)
    expect([fakeClock(1e11).now(), fakeClock(-1e11).now()]).toEqual([1e11, -1e11])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1_710_000_000_000, '1', null])('refuses %s', (time) => {
    const clock = fakeClock()
    for (const call of [fakeClock, clock.advance, clock.set]) {
      expect(() => call(time as number)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    }
    expect(clock.now()).toBe(1_700_000_000)
  })
})
