// The same key with another fingerprint is a conflict.

import type { DedupeStore } from '../../../stores/contract.ts'
import { expectClaimed, expectDone, expectStatus, MINUTE, newKey } from './expectations.ts'

export async function comparesFingerprints(store: DedupeStore): Promise<void> {
  const [id, other] = [newKey('body'), newKey()]
  const changed = [other, { ...id, fingerprint: 'another body' }]
  const claim = await expectClaimed(store, [id], 'an unknown key')
  await expectStatus(store, changed, 'conflict', 'a held key with another fingerprint')
  await expectDone(store.commit(claim, MINUTE), 'commit() by the holder')
  await expectStatus(store, changed, 'conflict', 'a committed key with another fingerprint')

  const held = await expectClaimed(store, [other], 'a key that was only part of conflicting requests')
  await expectStatus(store, changed, 'conflict', 'a conflicting key beside a held one')
  await expectDone(store.commit(held, MINUTE), 'commit() by the holder')
  await expectStatus(store, changed, 'conflict', 'a conflicting key beside a committed one')
  await expectStatus(store, [other, newKey()], 'duplicate', 'a committed key beside an unknown one')

  const live = await expectClaimed(store, [newKey()], 'an unknown key')
  await expectStatus(store, [...live.keys, other], 'duplicate', 'a committed key beside a held one')
}

export async function needsTwoFingerprints(store: DedupeStore): Promise<void> {
  const plain = newKey()
  const first = await expectClaimed(store, [plain], 'an unknown key')
  await expectDone(store.commit(first, MINUTE), 'commit() of a key without a fingerprint')
  const marked = [{ ...plain, fingerprint: 'x' }]
  await expectStatus(store, marked, 'duplicate', 'a fingerprint for a key that was committed without one')

  const empty = newKey('')
  const second = await expectClaimed(store, [empty], 'an unknown key')
  await expectDone(store.commit(second, MINUTE), 'commit() of a key with an empty fingerprint')
  await expectStatus(
    store,
    [{ key: empty.key }],
    'duplicate',
    'a key without a fingerprint that was committed with one',
  )
  const another = [{ ...empty, fingerprint: 'x' }]
  await expectStatus(store, another, 'conflict', 'a fingerprint for a key that was committed with an empty one')
}

export async function writesNothingOnConflict(store: DedupeStore): Promise<void> {
  const known = newKey('mine')
  await expectClaimed(store, [known], 'an unknown key')
  const [first, second] = [newKey('1'), newKey('2')]
  await expectStatus(store, [first, second, { ...known, fingerprint: 'theirs' }], 'conflict', 'a conflicting request')
  const changed = [first, second].map((key) => ({ ...key, fingerprint: 'another' }))
  await expectClaimed(store, changed, 'keys that were only part of a conflicting request')
}
