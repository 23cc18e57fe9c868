// What a consumer writes with the fixtures. Run outside this repository by scripts/package/test-fixtures-consumer.mjs.

import { toUnits } from '@fluxora/verify/decimal'
import {
  decimalString,
  fakeClock,
  invalidDecimalString,
  reorgCommands,
  sendTestDelivery,
  signedDelivery,
  signTestDelivery,
  tamperedDelivery,
} from '@fluxora/verify/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createHandler, createIndexer } from './handler.mjs'

const secret = 'topsecret'
const clock = fakeClock()
const constraints = { secret, now: clock.now() }
const numRuns = Number(process.env.RUNS ?? 1_000)
const options = { seed: Number(process.env.SEED ?? 42), numRuns }

function setUp() {
  const credited = []
  return { credited, handler: createHandler({ secret, now: clock.now, credit: (units) => credited.push(units) }) }
}

it('accepts every genuine delivery', () =>
  fc.assert(
    fc.asyncProperty(signedDelivery({ ...constraints, body: bodies() }), async (delivery) => {
      expect((await sendTestDelivery(setUp().handler, delivery)).status).toBe(200)
    }),
    options,
  ))

it('refuses every tampered delivery', () =>
  fc.assert(
    fc.asyncProperty(tamperedDelivery({ ...constraints, body: bodies() }), async (delivery) => {
      const { handler, credited } = setUp()
      const response = await sendTestDelivery(handler, delivery).catch(() => undefined)
      expect(response?.status, 'a handler that throws counts as a 500').toBeGreaterThanOrEqual(400)
      expect(credited).toEqual([])
    }),
    options,
  ))

it('credits every amount to the last unit', () =>
  fc.assert(
    fc.asyncProperty(decimalString(), async (amount) => {
      const { handler, credited } = setUp()
      await post(handler, amount)
      expect(credited).toEqual([toUnits(amount)])
    }),
    options,
  ))

it('credits nothing for an invalid amount', () =>
  fc.assert(
    fc.asyncProperty(invalidDecimalString(), async (amount) => {
      const { handler, credited } = setUp()
      expect((await post(handler, amount)).status).toBe(422)
      expect(credited).toEqual([])
    }),
    options,
  ))

it('follows the chain', () =>
  fc.assert(
    fc.asyncProperty(reorgCommands(), (commands) =>
      fc.asyncModelRun(() => ({ model: { ledgers: [] }, real: createIndexer() }), commands),
    ),
    { ...options, numRuns: Math.min(numRuns, 300) },
  ))

/** Bodies as senders in several languages write them. */
function bodies() {
  return fc.constantFrom('{}', '{"amount": "1.50"}', '{"amount":"1","memo":"é"}', '{"amount":"1.50"}\n', '{"a":1.0}')
}

function post(handler, amount) {
  return sendTestDelivery(
    handler,
    signTestDelivery({ secret, body: JSON.stringify({ amount }), timestamp: clock.now() }),
  )
}
