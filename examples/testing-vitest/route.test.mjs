// Run by `npx vitest run --root examples/testing-vitest`, after a build.

import { toUnits } from '@fluxora/verify/decimal'
import {
  decimalString,
  fakeClock,
  invalidDecimalString,
  sendTestDelivery,
  signedDelivery,
  signTestDelivery,
  tamperedDelivery,
} from '@fluxora/verify/testing'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createPaymentRoute } from './route.mjs'

vi.spyOn(console, 'warn').mockImplementation(() => {})

const secret = 'topsecret'

/** Each case gets its own route, so that earlier deliveries do not affect it. */
function setUp() {
  const clock = fakeClock()
  /** @type {bigint[]} */
  const credited = []
  const route = createPaymentRoute({ secret, now: clock.now, credit: (units) => credited.push(units) })
  /** @param {string} body */
  const sign = (body) => signTestDelivery({ secret, body, deliveryId: 'd1', timestamp: clock.now() })
  return { clock, credited, route, sign }
}

describe('the payment route', () => {
  it('credits a payment once', async () => {
    const { clock, credited, route, sign } = setUp()
    expect((await sendTestDelivery(route, sign('{"amount":"1.50"}'))).status).toBe(200)
    clock.advance(60)
    // The sender missed our answer, and signs another attempt.
    expect((await sendTestDelivery(route, sign('{"amount":"1.50"}'))).status).toBe(200)
    expect(credited).toEqual([15_000_000n])
  })

  it('accepts every genuine delivery', async () => {
    const { clock } = setUp()
    await fc.assert(
      fc.asyncProperty(signedDelivery({ secret, now: clock.now() }), async (delivery) => {
        expect((await sendTestDelivery(setUp().route, delivery)).status).toBe(200)
      }),
    )
  })

  it('refuses tampered deliveries and credits nothing', async () => {
    const { clock } = setUp()
    await fc.assert(
      fc.asyncProperty(tamperedDelivery({ secret, now: clock.now() }), async (delivery) => {
        const { credited, route } = setUp()
        const response = await sendTestDelivery(route, delivery)
        expect(await response.json()).toMatchObject({ error: delivery.expectedCode })
        expect(credited).toEqual([])
      }),
    )
  })

  it('credits valid amounts exactly, and nothing for an invalid amount', async () => {
    await fc.assert(
      fc.asyncProperty(decimalString(), invalidDecimalString(), async (amount, invalid) => {
        const { credited, route, sign } = setUp()
        await sendTestDelivery(route, sign(JSON.stringify({ amount })))
        expect(credited).toEqual([toUnits(amount)])
        const other = setUp()
        await sendTestDelivery(other.route, other.sign(JSON.stringify({ amount: invalid })))
        expect(other.credited).toEqual([])
      }),
    )
  })
})
