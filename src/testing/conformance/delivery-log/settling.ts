// Only the worker that holds a delivery can settle it, and what has ended stays as it ended.

import type { DeliveryLog } from '../../../sender/log/contract.ts'
import {
  claim,
  claimOne,
  DAY,
  enqueueAll,
  expectEqual,
  expectNothing,
  fail,
  LEASE,
  SECOND,
  START,
  settle,
} from './expectations.ts'

export async function settlesOnce(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const claimed = await claimOne(log, START, 'a new delivery')
  expectEqual((await settle(log, claimed, START)).isSettled, true, 'settle() by the holder must return')
  expectEqual((await fail(log, claimed, START)).isSettled, false, 'settle() of what is settled must return')
  expectEqual((await log.find('ep', 'evt'))?.state, 'delivered', 'the state must be')
  await expectNothing(log, START + DAY, 'once the delivery was delivered')
}

export async function fencesOffLateWorkers(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const late = await claimOne(log, START, 'a new delivery')
  const next = await claimOne(log, START + LEASE, 'a delivery whose lease has run out')
  const answer = await fail(log, late, START + LEASE, { state: 'dead' })
  expectEqual(answer, { isSettled: false }, 'settle() after another has taken over must return')
  expectEqual(
    (await settle(log, next, START + LEASE)).isSettled,
    true,
    'settle() by the one that took over must return',
  )
}

export async function settlesManyAtOnce(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'up', ['a', 'b'])
  await enqueueAll(log, 'down', ['c', 'd'])
  const claimed = await claim(log, START + SECOND)
  const [a, late, failing, d] = ['a', 'b', 'c', 'd'].map((id) => claimed.find(({ deliveryId }) => deliveryId === id))
  if (!a || !late || !failing || !d) throw new Error('claim() must give all four deliveries.')
  await fail(log, failing, START + SECOND)
  // Two more than have to be settled: one by a worker that is not its holder, and one that was settled before.
  const stranger = { ...late, token: 'of nobody' }
  const held = [a, stranger, d, a]
  const answers = await Promise.all(held.map((each, index) => settle(log, each, START + (2 + index) * SECOND)))
  const settled = answers.map(({ isSettled }) => isSettled)
  expectEqual(
    [settled[1], settled[2]],
    [false, true],
    'of many settle() at once, those of a stranger and of a holder must return',
  )
  expectEqual(
    settled.filter(Boolean).length,
    2,
    'of two settle() of one claim at once and one of another, so many must return true:',
  )
  expectEqual(answers[2]?.change?.state, 'recovered', 'the success at a failing endpoint among them must change')
  const states = await Promise.all(held.map(({ endpointId, deliveryId }) => log.find(endpointId, deliveryId)))
  expectEqual(
    states.map((each) => each?.state),
    ['delivered', 'pending', 'delivered', 'delivered'],
    'then the states must be',
  )
  expectEqual(
    (await settle(log, late, START + 9 * SECOND)).isSettled,
    true,
    'settle() by the holder afterwards must return',
  )
}

export async function letsLateWorkersSettle(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const late = await claimOne(log, START, 'a new delivery')
  const answer = await settle(log, late, START + 2 * LEASE)
  expectEqual(answer.isSettled, true, 'settle() after the lease, if nobody has taken over, must return')
}

export async function keepsDeadLetters(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const claimed = await claimOne(log, START, 'a new delivery')
  await fail(log, claimed, START, { state: 'dead', reason: 'tls_error' })
  await expectNothing(log, START + DAY, 'once the delivery is dead')
  const found = await log.find('ep', 'evt')
  expectEqual([found?.state, found?.reason, found?.attempt], ['dead', 'tls_error', 1], 'the dead letter must be')
  await log.markDelivered('ep', 'evt', START + SECOND)
  expectEqual((await log.find('ep', 'evt'))?.state, 'delivered', 'after a replay, the state must be')
  expectEqual(await log.find('ep', 'other'), undefined, 'find() of an unknown delivery must return')
}

export async function marksWhatIsHeld(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['evt'])
  const claimed = await claimOne(log, START, 'a new delivery')
  await log.markDelivered('ep', 'evt', START)
  expectEqual((await fail(log, claimed, START)).isSettled, false, 'settle() of what a replay has delivered must return')
  await expectNothing(log, START + DAY, 'once a replay has delivered it')
}

export async function counts(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['a'])
  await settle(log, await claimOne(log, START, 'a new delivery'), START)
  await enqueueAll(log, 'ep', ['b'])
  await fail(log, await claimOne(log, START, 'a new delivery'), START, { state: 'dead' })
  await enqueueAll(log, 'ep', ['c', 'd'])
  await enqueueAll(log, 'ep', ['later'], START + DAY)
  const expected = { pending: 3, due: 2, oldestDueMs: SECOND, delivered: 1, dead: 1 }
  const seen = await log.counts(START + SECOND)
  expectEqual({ ...expected, ...seen }, expected, 'counts() must return')
}

export async function forgetsAfterRetention(log: DeliveryLog): Promise<void> {
  await enqueueAll(log, 'ep', ['delivered'])
  await settle(log, await claimOne(log, START, 'a new delivery'), START)
  await enqueueAll(log, 'ep', ['dead'])
  await fail(log, await claimOne(log, START, 'a new delivery'), START, { state: 'dead' })
  await enqueueAll(log, 'ep', ['pending'])
  expectEqual(await log.deleteSettled(DAY, 10, START + DAY), 0, 'within the retention, deleteSettled() must return')
  expectEqual(
    await log.deleteSettled(DAY, 1, START + DAY + 1),
    1,
    'after it, deleteSettled() of at most one must return',
  )
  expectEqual(await log.deleteSettled(DAY, 10, START + DAY + 1), 1, 'deleteSettled() of the rest must return')
  expectEqual(await log.find('ep', 'dead'), undefined, 'find() of what was forgotten must return')
  expectEqual((await log.find('ep', 'pending'))?.state, 'pending', 'what has not ended must stay')
}
