// An endpoint's health goes by time, and each change is told once.

import type { DeliveryLog, EndpointChange, Settlement } from '../../../sender/log/contract.ts'
import { claim, claimOne, DAY, enqueueAll, expectEqual, fail, SECOND, START, settle } from './expectations.ts'

export async function tellsEachChangeOnce(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['a', 'b', 'c', 'd'])
  const claimed = await claim(log, START + SECOND)
  const failed = await Promise.all(claimed.slice(0, 3).map((each) => fail(log, each, START + SECOND)))
  const changes = failed.flatMap(({ change }) => change ?? [])
  expectEqual(
    changes,
    [{ state: 'failing', sinceMs: START + SECOND }],
    'of three failures at once, the changes must be',
  )
  const [, , , last] = claimed
  if (!last) throw new Error('claim() must give all four deliveries.')
  const { change } = await settle(log, last, START + 5 * SECOND)
  expectEqual(change, { state: 'recovered', sinceMs: START + SECOND }, 'the first success must change')
  const next = await claim(log, START + 6 * SECOND)
  const later = await Promise.all(next.map((each) => settle(log, each, START + 6 * SECOND)))
  expectEqual(
    later.flatMap((each) => each.change ?? []),
    [],
    'further successes must change',
  )
}

export async function leavesHealthAlone(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['a'])
  const { change } = await fail(log, await claimOne(log, START, 'a new delivery'), START, { health: 'unchanged' })
  expectEqual(change, undefined, 'a failure that is not the endpoint’s must change')
  expectEqual((await claimOne(log, START, 'it again')).isFailing, false, 'whether the endpoint is failing must be')
}

export async function disablesAfterAWhile(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const changes = await failAtDays(log, [0, 1, 2, 3, 3.1, 3.2, 3.3, 3.4, 4.99, 5, 6])
  const expected: EndpointChange[] = [
    { state: 'failing', sinceMs: START },
    { state: 'disabled', sinceMs: START },
  ]
  expectEqual(changes, expected, 'over five days of failures, the changes must be')
  const { disabledReason } = await claimOne(log, START + 7 * DAY, 'a delivery to a disabled endpoint, to be ended')
  expectEqual(disabledReason, 'http_status', 'the reason why the endpoint is disabled must be')
}

export async function disablesForNoFewFailures(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const changes = await failAtDays(log, [0, 30, 60])
  expectEqual(
    changes,
    [{ state: 'failing', sinceMs: START }],
    'after three failures in sixty days, the changes must be',
  )
}

export async function disablesWhatIsGone(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['a', 'waiting'])
  const [first, second] = await claim(log, START + SECOND)
  if (!first || !second) throw new Error('claim() must give both deliveries.')
  await fail(log, second, START + SECOND, { delayMs: DAY, health: 'unchanged' })
  const gone: Partial<Settlement> = { state: 'dead', reason: 'gone', health: 'gone' }
  const { change } = await fail(log, first, START + 2 * SECOND, gone)
  expectEqual(change, { state: 'disabled', sinceMs: START + 2 * SECOND }, 'a 410 must change')
  const waiting = await claimOne(log, START + 2 * SECOND, 'at once what waits for an endpoint that is gone')
  expectEqual(waiting.disabledReason, 'gone', 'the reason why the endpoint is disabled must be')
  const again = await fail(log, waiting, START + 3 * SECOND, gone)
  expectEqual(again.change, undefined, 'a second 410 must change')
}

export async function enablesOnRequest(log: DeliveryLog): Promise<void> {
  expectEqual(await log.enableEndpoint('ep'), false, 'enableEndpoint() of an unknown endpoint must return')
  await enqueueAll(log, 'ep', ['a', 'b'])
  const [first, second] = await claim(log, START + SECOND)
  if (!first || !second) throw new Error('claim() must give both deliveries.')
  await fail(log, first, START + SECOND, { state: 'dead', reason: 'gone', health: 'gone' })
  const { change } = await settle(log, second, START + 2 * SECOND)
  expectEqual(change, undefined, 'a success at a disabled endpoint must change')
  expectEqual(await log.enableEndpoint('ep'), true, 'enableEndpoint() of a disabled endpoint must return')
  expectEqual(await log.enableEndpoint('ep'), false, 'enableEndpoint() of an enabled endpoint must return')
  await enqueueAll(log, 'ep', ['c'])
  const { disabledReason, isFailing } = await claimOne(log, START + 3 * SECOND, 'a new delivery')
  expectEqual([disabledReason, isFailing], [undefined, false], 'why it is disabled, and whether it fails, must be')
}

/** Fails the same delivery on these days, and gives what changed. */
async function failAtDays(log: DeliveryLog, days: readonly number[]): Promise<EndpointChange[]> {
  const changes: EndpointChange[] = []
  for (const day of days) {
    const at = START + day * DAY
    const claimed = await claimOne(log, at, 'the delivery again')
    const { change } = await fail(log, claimed, at)
    if (change) changes.push(change)
  }
  return changes
}
