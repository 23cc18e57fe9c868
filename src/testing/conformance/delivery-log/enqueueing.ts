// What is enqueued is kept as it was, once for each endpoint and id.

import type { DeliveryLog } from '../../../sender/log/contract.ts'
import { claim, claimOne, delivery, enqueueAll, expectEqual, idsOf, START, settle } from './expectations.ts'

export async function keepsWhatIsEnqueued(log: DeliveryLog): Promise<void> {
  const body = new Uint8Array([0, 255, 13, 10, 34, 92, 226, 130, 172])
  await log.enqueue({ endpoint: { id: 'ep' }, deliveryId: 'evt', body }, START)
  body.fill(7)
  const claimed = await claimOne(log, START, 'what was enqueued')
  expectEqual([...claimed.body], [0, 255, 13, 10, 34, 92, 226, 130, 172], 'the body must be')
  expectEqual([claimed.endpointId, claimed.deliveryId], ['ep', 'evt'], 'the ids must be')
  expectEqual([claimed.endpoint, claimed.event], [undefined, undefined], 'what was not enqueued must be')
  expectEqual([claimed.attempt, claimed.ownFaults], [1, 0], 'the first claim must count attempts as')
}

export async function keepsTheEndpoint(log: DeliveryLog): Promise<void> {
  const secrets = [{ id: 'new', secret: 'säcret "1"' }, { secret: new Uint8Array([0, 1, 255]) }]
  const endpoint = { id: 'ep ü', url: 'https://example.com/hooks', secrets, headers: { 'x-tenant': 't1' } }
  await log.enqueue({ endpoint, deliveryId: 'evt', event: 'stream.created', body: '{}' }, START)
  const claimed = await claimOne(log, START, 'what was enqueued')
  expectEqual(claimed.endpoint, endpoint, 'the endpoint must be')
  const [, second] = (claimed.endpoint?.secrets ?? []) as { secret: unknown }[]
  expectEqual(second?.secret instanceof Uint8Array, true, 'a secret in bytes must stay bytes:')
}

export async function answersDuplicate(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const again = () => log.enqueue(delivery('ep', 'evt'), START + 1)
  expectEqual(await again(), 'duplicate', 'enqueue() of a delivery that waits must return')
  const claimed = await claimOne(log, START, 'what was enqueued')
  expectEqual(await again(), 'duplicate', 'enqueue() of a delivery that is being sent must return')
  await settle(log, claimed, START)
  expectEqual(await again(), 'duplicate', 'enqueue() of a delivery that was delivered must return')
  await enqueueAll(log, 'other', ['evt'])
}

export async function enqueuesOnce(log: DeliveryLog): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 10 }, () => log.enqueue(delivery('ep', 'evt'), START)))
  const count = answers.filter((answer) => answer === 'enqueued').length
  expectEqual(count, 1, 'of ten calls for one delivery, those that return "enqueued" must be')
  expectEqual(idsOf(await claim(log, START)), '["evt"]', 'claim() must give')
}

export async function refusesNonsense(log: DeliveryLog): Promise<void> {
  const good = delivery('ep', 'evt')
  const bad = [
    { ...good, endpoint: { id: '' } },
    { ...good, endpoint: { id: 'a\u0000b' } },
    { ...good, deliveryId: 'white space' },
    { ...good, deliveryId: '' },
    { ...good, event: 'line\nbreak' },
    { ...good, body: '\ud800' },
  ]
  for (const each of bad) {
    const code = await log.enqueue(each, START).catch((error: { code?: unknown }) => error.code)
    expectEqual(code, 'invalid_input', `enqueue() of ${JSON.stringify(each)} must reject with`)
  }
}
