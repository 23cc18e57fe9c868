// The fixtures in use, against the library's own adapters: genuine deliveries are handled, tampered ones are refused with the status and
// the code of their label.

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWebhookRoute } from '../../src/adapters/fetch.ts'
import {
  sendTestDelivery,
  signedDelivery,
  type TestDelivery,
  tamperedDelivery,
  webhookBody,
} from '../../src/testing/index.ts'
import { WEBHOOK_STATUS } from '../../src/webhook/index.ts'
import { targets } from '../adapters/support/targets.ts'
import { SCHEME_NAMES, schemeOf } from '../webhook/support.ts'

const limits = { toleranceSeconds: 300, maxBodyBytes: 2_000 }

describe('a Fetch route', () => {
  it('handles genuine deliveries, and refuses tampered ones', async () => {
    const scheme = SCHEME_NAMES.map(schemeOf)
    const genuine = signedDelivery({ scheme, body: webhookBody(), ...limits })
    await fc.assert(
      fc.asyncProperty(genuine, async (delivery) => {
        const { scheme, secret: secrets, now } = delivery
        const handled: Uint8Array[] = []
        const route = createWebhookRoute(
          { scheme, secrets, now: () => now, ...limits },
          ({ body }) => void handled.push(body),
        )
        expect((await sendTestDelivery(route, delivery)).status).toBe(200)
        expect(handled.map((body) => [...body])).toEqual([[...delivery.body]])
      }),
    )
    await fc.assert(
      fc.asyncProperty(tamperedDelivery({ scheme, ...limits }), async (delivery) => {
        const { scheme, secret: secrets, now, expectedCode } = delivery
        const route = createWebhookRoute({ scheme, secrets, now: () => now, ...limits }, () => expect.fail('handled'))
        const response = await sendTestDelivery(route, delivery)
        expect(await response.json()).toMatchObject({ error: expectedCode })
        expect(response.status).toBe(WEBHOOK_STATUS[expectedCode])
      }),
      { numRuns: 300 },
    )
  })
})

describe.each(targets)('$name, on the system clock', (target) => {
  const secret = 'topsecret'
  let handled = 0
  let running: Awaited<ReturnType<typeof target.start>>
  beforeAll(async () => {
    const run = (): void => {
      handled++
    }
    running = await target.start({ options: { secrets: secret, ...limits }, run })
  })
  afterAll(() => running.close())

  it('answers over real connections as the label says', async () => {
    const constraints = { secret, now: Math.floor(Date.now() / 1000), marginSeconds: 60, ...limits }
    const send = (delivery: TestDelivery): Promise<Response> =>
      sendTestDelivery(running.server, delivery, { path: '/webhooks' })
    await fc.assert(
      fc.asyncProperty(signedDelivery(constraints), async (delivery) => {
        const response = await send(delivery)
        // Two deliveries may have one id and two bodies by chance: the second is correctly refused.
        expect([200, 409]).toContain(response.status)
        await response.arrayBuffer()
      }),
      { numRuns: 60 },
    )
    const before = handled
    expect(before).toBeGreaterThan(40)
    await fc.assert(
      fc.asyncProperty(tamperedDelivery(constraints), async (delivery) => {
        const response = await send(delivery)
        expect([response.status, await response.json()]).toMatchObject([
          WEBHOOK_STATUS[delivery.expectedCode],
          { error: delivery.expectedCode },
        ])
      }),
      { numRuns: 120 },
    )
    expect(handled).toBe(before)
  })
})
