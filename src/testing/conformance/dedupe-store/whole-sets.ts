// The keys of a request are claimed and settled together.

import type { DedupeStore } from '../../../stores/contract.ts'
import {
  expectClaimed,
  expectDone,
  expectInProgress,
  expectRefused,
  expectStatus,
  MINUTE,
  newKey,
  pass,
} from './expectations.ts'

export async function claimsAllOrNothing(store: DedupeStore): Promise<void> {
  const [first, second, third] = [newKey(), newKey(), newKey()]
  const held = await expectClaimed(store, [second], 'an unknown key')
  await expectInProgress(store, [first, second, third], 'a set whose second key is held')
  await expectInProgress(store, [third, second], 'a set whose second key is held')
  await expectInProgress(store, [second, first], 'a set whose first key is held')
  await expectDone(store.commit(held, MINUTE), 'commit() by the holder')
  await expectStatus(store, [first, second, third], 'duplicate', 'a set with a committed key')
  await expectClaimed(store, [first], 'a key that was only part of refused requests')
  await expectClaimed(store, [third], 'a key that was only part of refused requests')
}

export async function commitsEveryKey(store: DedupeStore): Promise<void> {
  const keys = [newKey(), newKey(), newKey()]
  await expectDone(store.commit(await expectClaimed(store, keys, 'unknown keys'), MINUTE), 'commit() of three keys')
  for (const key of keys) await expectStatus(store, [key], 'duplicate', 'each key of a committed set')
}

export async function settlesWholeSets(store: DedupeStore, shortMs: number): Promise<void> {
  await losesOneKey(store, shortMs)
  await namesOneKeyTooMany(store)
}

async function losesOneKey(store: DedupeStore, shortMs: number): Promise<void> {
  const [kept, lost] = [newKey('a'), newKey('b')]
  const late = await expectClaimed(store, [kept, lost], 'unknown keys', shortMs)
  await pass(shortMs)
  const next = await expectClaimed(store, [lost], 'one key of an expired claim')
  await expectRefused(store.commit(late, MINUTE), 'commit() of a set that has lost one key to another claim')
  await expectRefused(store.release(late), 'release() of a set that has lost one key to another claim')
  await expectInProgress(store, [lost], 'the key that was taken over')
  await expectClaimed(store, [kept], 'the other key of the expired claim')
  await expectDone(store.commit(next, MINUTE), 'commit() by the claim that took the key over')
}

async function namesOneKeyTooMany(store: DedupeStore): Promise<void> {
  const held = await expectClaimed(store, [newKey()], 'an unknown key')
  const more = { token: held.token, keys: [...held.keys, newKey()] }
  await expectRefused(store.commit(more, MINUTE), 'commit() of a set with a key that was never claimed')
  await expectRefused(store.release(more), 'release() of a set with a key that was never claimed')
  await expectInProgress(store, held.keys, 'the key that is still held')
  await expectDone(store.release(held), 'release() by the holder')
}
