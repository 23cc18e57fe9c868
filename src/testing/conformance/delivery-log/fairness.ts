// However many deliveries wait for one endpoint, those of the others are found.

import type { ClaimedDelivery, DeliveryLog } from '../../../sender/log/contract.ts'
import { claim, enqueueAll, expectEqual, fail, SECOND, START } from './expectations.ts'

const MANY = Array.from({ length: 50 }, (_, index) => `evt-${index}`)

export async function takesAFewOfEach(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'long', MANY)
  await enqueueAll(log, 'short', ['last'], START + SECOND)
  const claimed = await claim(log, START + 2 * SECOND, { limit: 10, perEndpoint: 3 })
  expectEqual(tally(claimed), { long: 3, short: 1 }, 'three of each endpoint at most must be')
  const busy = new Map([['long', 2]])
  const more = await claim(log, START + 2 * SECOND, { perEndpoint: 3, busy })
  expectEqual(tally(more), { long: 1 }, 'of an endpoint that the worker holds two of already, it must be')
}

export async function takesOneOfAFailingEndpoint(log: DeliveryLog): Promise<void> {
  for (const endpointId of ['a', 'b', 'c']) await enqueueAll(log, endpointId, MANY)
  const first = await claim(log, START + SECOND, { perEndpoint: 1 })
  for (const each of first) if (each.endpointId !== 'c') await fail(log, each, START + SECOND)
  const claimed = await claim(log, START + SECOND, { perEndpoint: 5 })
  expectEqual(tally(claimed), { a: 1, b: 1, c: 5 }, 'one of each failing endpoint and five of a healthy one must be')
  expectEqual(flags(claimed), { a: true, b: true, c: false }, 'whether each endpoint is failing must be')
}

export async function limitsFailingEndpoints(log: DeliveryLog): Promise<void> {
  for (const endpointId of ['a', 'b', 'c']) await enqueueAll(log, endpointId, MANY)
  for (const each of await claim(log, START + SECOND, { perEndpoint: 1 })) await fail(log, each, START + SECOND)
  expectEqual(
    (await claim(log, START + SECOND, { failingLimit: 0 })).length,
    0,
    'with no room for failing ones, it must be',
  )
  expectEqual((await claim(log, START + SECOND, { failingLimit: 2 })).length, 2, 'with room for two, it must be')
}

function tally(claimed: readonly ClaimedDelivery[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const endpointId of claimed.map((each) => each.endpointId).sort()) {
    counts[endpointId] = (counts[endpointId] ?? 0) + 1
  }
  return counts
}

function flags(claimed: readonly ClaimedDelivery[]): Record<string, boolean> {
  const sorted = [...claimed].sort((a, b) => (a.endpointId < b.endpointId ? -1 : 1))
  return Object.fromEntries(sorted.map(({ endpointId, isFailing }) => [endpointId, isFailing]))
}
