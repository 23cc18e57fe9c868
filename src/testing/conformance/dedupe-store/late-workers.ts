// A worker that is still busy when its lease expires may settle its claim, unless another worker has taken the keys over.

import type { DedupeStore } from '../../../stores/contract.ts'
import {
  expectClaimed,
  expectDone,
  expectFencedOff,
  expectInProgress,
  expectRefused,
  expectStatus,
  MINUTE,
  newKey,
  newPair,
  pass,
} from './expectations.ts'

export async function letsLateWorkerSettle(store: DedupeStore, shortMs: number): Promise<void> {
  const [committed, released, extended, waiting] = [newPair(), newPair(), newPair(), newPair()]
  const toCommit = await expectClaimed(store, committed, 'unknown keys', shortMs)
  const toRelease = await expectClaimed(store, released, 'unknown keys', shortMs)
  const toExtend = await expectClaimed(store, extended, 'unknown keys', shortMs)
  const toWait = await expectClaimed(store, waiting, 'unknown keys', shortMs)
  const single = newKey()
  const toCommitAlone = await expectClaimed(store, [single], 'an unknown key', shortMs)
  await pass(shortMs)
  await expectDone(store.commit(toCommitAlone, MINUTE), 'commit() of one key after its lease')
  await expectStatus(store, [single], 'duplicate', 'a key that was committed late')

  await expectDone(store.commit(toCommit, MINUTE), 'commit() of a set after its lease')
  await expectRefused(store.commit(toCommit, MINUTE), 'commit() after a late commit')
  for (const key of committed)
    await expectStatus(store, [key], 'duplicate', 'each key of a set that was committed late')

  await expectDone(store.release(toRelease), 'release() after the lease')
  await expectRefused(store.commit(toRelease, MINUTE), 'commit() after a late release')
  const forged = { ...released[1], fingerprint: 'forged' }
  await expectStatus(store, [forged], 'conflict', 'a key that was released late, with another fingerprint')
  await expectClaimed(store, released, 'keys that were released late')

  if (store.extend) {
    await expectDone(store.extend(toExtend, MINUTE), 'extend() after the lease')
    await expectInProgress(store, extended, 'keys whose lease was extended late')
    await expectDone(store.commit(toExtend, MINUTE), 'commit() after a late extension')
  }

  // A refused request binds its keys to their fingerprints, but takes none of them over.
  await expectStatus(store, [single, waiting[1]], 'duplicate', 'a request with a committed key')
  await expectDone(store.commit(toWait, MINUTE), 'commit() after the lease, and after a refused request for its key,')
}

export async function fencesOffLateWorker(store: DedupeStore, shortMs: number): Promise<void> {
  const keys = newPair()
  const late = await expectClaimed(store, keys, 'unknown keys', shortMs)
  await pass(shortMs)
  const next = await expectClaimed(store, keys, 'keys whose lease has expired')
  await expectFencedOff(store, late, 'after another worker took over')
  await expectInProgress(store, keys, 'keys that another worker took over')
  await expectDone(store.commit(next, MINUTE), 'commit() by the worker that took over')
}

export async function fencesOffAfterSuccessor(store: DedupeStore, shortMs: number): Promise<void> {
  const released = await expectClaimed(store, newPair(), 'unknown keys', shortMs)
  const committed = await expectClaimed(store, newPair(), 'unknown keys', shortMs)
  const forgotten = await expectClaimed(store, newPair(), 'unknown keys', shortMs)
  const expired = await expectClaimed(store, newPair(), 'unknown keys', shortMs)
  await pass(shortMs)

  const releaser = await expectClaimed(store, released.keys, 'keys whose lease has expired')
  await expectDone(store.release(releaser), 'release() by the worker that took over')
  await expectFencedOff(store, released, 'after another worker took over and released')
  await expectClaimed(store, released.keys, 'keys that were taken over and released')

  const committer = await expectClaimed(store, committed.keys, 'keys whose lease has expired')
  await expectDone(store.commit(committer, MINUTE), 'commit() by the worker that took over')
  await expectFencedOff(store, committed, 'after another worker took over and committed')
  await expectStatus(store, committed.keys, 'duplicate', 'keys that were taken over and committed')

  const forgetter = await expectClaimed(store, forgotten.keys, 'keys whose lease has expired')
  await expectDone(store.commit(forgetter, shortMs), 'commit() with a short retention')
  const heir = await expectClaimed(store, expired.keys, 'keys whose lease has expired', shortMs)
  await pass(shortMs)
  await expectFencedOff(store, forgotten, 'after another worker took over, committed, and was forgotten')
  await expectFencedOff(store, expired, 'after another worker took over and was late too')
  await expectDone(store.commit(heir, MINUTE), 'commit() by the last worker that took over, after its lease')
}
