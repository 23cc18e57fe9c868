// A delivery that is due goes to one worker at a time, and the attempt is counted before it is made.

import type { DeliveryLog } from '../../../sender/log/contract.ts'
import {
  claim,
  claimOne,
  enqueueAll,
  expectEqual,
  expectNothing,
  fail,
  idsOf,
  LEASE,
  SECOND,
  START,
} from './expectations.ts'

export async function claimsTheOldestFirst(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['b', 'a', 'd', 'c'])
  await enqueueAll(log, 'other', ['z'], START - SECOND)
  const claimed = await claim(log, START + SECOND, { limit: 3 })
  expectEqual(idsOf(claimed), '["a","b","z"]', 'of five deliveries, claim() of three must give the oldest:')
  await expectNothing(log, START - 2 * SECOND, 'before anything is due')
}

export async function givesEachToOne(log: DeliveryLog): Promise<void> {
  const ids = Array.from({ length: 60 }, (_, index) => `evt-${index}`)
  await Promise.all(['p', 'q', 'r'].map((endpointId) => enqueueAll(log, endpointId, ids)))
  const rounds = Array.from({ length: 12 }, () => claim(log, START + SECOND, { limit: 15 }))
  const claimed = (await Promise.all(rounds)).flat()
  const distinct = new Set(claimed.map(({ endpointId, deliveryId }) => `${endpointId} ${deliveryId}`))
  expectEqual(claimed.length, distinct.size, 'of many claims at once, the number of deliveries given must be')
  const rest = await claim(log, START + SECOND, { limit: 1000, perEndpoint: 1000 })
  expectEqual(claimed.length + rest.length, 180, 'with what is left, the number of deliveries must be')
}

export async function countsTheAttemptAtClaim(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['poison'])
  for (const attempt of [1, 2, 3]) {
    const claimed = await claimOne(log, START + attempt * LEASE, 'a delivery whose worker has died')
    expectEqual(claimed.attempt, attempt, 'the attempt must be')
  }
}

export async function keepsItForTheLease(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const first = await claimOne(log, START, 'a new delivery')
  await expectNothing(log, START + LEASE - 1, 'while a worker holds the delivery')
  const second = await claimOne(log, START + LEASE, 'a delivery whose lease has run out')
  expectEqual(first.token === second.token, false, 'that two claims have one token must be')
}

export async function waitsForTheDelay(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const claimed = await claimOne(log, START, 'a new delivery')
  await fail(log, claimed, START, { delayMs: 10 * SECOND })
  await expectNothing(log, START + 10 * SECOND - 1, 'before the delay is over')
  const again = await claimOne(log, START + 10 * SECOND, 'a delivery whose delay is over')
  expectEqual([again.attempt, again.reason], [2, 'http_status'], 'the attempt, and the reason of the last one, must be')
}

export async function givesAttemptsBack(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const claimed = await claimOne(log, START, 'a new delivery')
  await fail(log, claimed, START, { attempt: 0, ownFaults: 1, health: 'unchanged', reason: 'own_fault' })
  const again = await claimOne(log, START, 'a delivery that is due again')
  expectEqual([again.attempt, again.ownFaults], [1, 1], 'the attempt, and how many were not counted, must be')
}
