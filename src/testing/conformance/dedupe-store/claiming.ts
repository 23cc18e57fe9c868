// A key goes from unknown to held, and from held to committed or released.

import type { DedupeStore } from '../../../stores/contract.ts'
import {
  claim,
  expectClaimed,
  expectDone,
  expectEqual,
  expectInProgress,
  MINUTE,
  newKey,
  tally,
  times,
} from './expectations.ts'

export async function grantsUnknownKey(store: DedupeStore): Promise<void> {
  const keys = [newKey()]
  const first = await expectClaimed(store, keys, 'an unknown key')
  const second = await expectClaimed(store, [newKey()], 'another unknown key')
  expectEqual(first.keys, keys, 'A claim must name the keys of its request:')
  if (typeof first.token !== 'string' || first.token.length < 16)
    throw new Error('A token must be text of at least 16 characters, too long to be guessed.')
  if (first.token === second.token) throw new Error('Two claims must not have the same token, but these two do.')
}

export async function reportsRemainingTime(store: DedupeStore): Promise<void> {
  const keys = [newKey()]
  await expectClaimed(store, keys, 'an unknown key')
  const left = await expectInProgress(store, keys, 'a key that another claim holds')
  if (!(left > 0 && left <= MINUTE))
    throw new Error(`retryAfterMs must be above 0 and at most the lease of ${MINUTE} ms, but it was ${left}.`)
}

export async function answersDuplicateAfterCommit(store: DedupeStore): Promise<void> {
  const keys = [newKey()]
  await expectDone(store.commit(await expectClaimed(store, keys, 'an unknown key'), MINUTE), 'commit() by the holder')
  const answers = await Promise.all(times(8, () => claim(store, keys)))
  expectEqual(tally(answers), { duplicate: 8 }, 'After a commit, 8 concurrent claims must be answered')
}

export async function freesReleasedKey(store: DedupeStore): Promise<void> {
  const keys = [newKey(), newKey()]
  await expectDone(store.release(await expectClaimed(store, keys, 'unknown keys')), 'release() by the holder')
  const second = await expectClaimed(store, keys, 'keys that were just released')
  await expectDone(store.commit(second, MINUTE), 'commit() of a released key that was claimed again')
}
