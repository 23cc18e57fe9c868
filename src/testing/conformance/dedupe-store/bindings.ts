// A key stays bound to its fingerprint for bindMs beyond the end of its claim, so a retry cannot bring other content.

import type { DedupeKey, DedupeStore } from '../../../stores/contract.ts'
import { expectClaimed, expectDone, expectStatus, MINUTE, newKey, pass } from './expectations.ts'

export async function keepsReleasedKeyBound(store: DedupeStore): Promise<void> {
  const id = newKey('body')
  const content = newKey(id.key)
  const claim = await expectClaimed(store, [id, content], 'unknown keys')
  await expectDone(store.release(claim), 'release() by the holder')
  const forged = [{ ...id, fingerprint: 'forged' }]
  await expectStatus(store, forged, 'conflict', 'a released id with another body')
  const moved = [newKey('body'), { ...content, fingerprint: 'another id' }]
  await expectStatus(store, moved, 'conflict', 'released content under another id')
  await expectClaimed(store, [id, content], 'released keys with the same fingerprints')
}

export async function keepsExpiredKeyBound(store: DedupeStore, shortMs: number): Promise<void> {
  const key = newKey('body')
  await expectClaimed(store, [key], 'an unknown key', shortMs)
  await pass(shortMs)
  await expectStatus(store, [{ ...key, fingerprint: 'forged' }], 'conflict', 'an expired key with another fingerprint')
  await expectClaimed(store, [key], 'an expired key with the same fingerprint')
}

export async function keepsCommittedKeyBound(store: DedupeStore, shortMs: number): Promise<void> {
  const key = newKey('body')
  const claim = await expectClaimed(store, [key], 'an unknown key')
  await expectDone(store.commit(claim, shortMs), 'commit() with a short retention')
  await pass(shortMs)
  const forged = [{ ...key, fingerprint: 'forged' }]
  await expectStatus(store, forged, 'conflict', 'another fingerprint for a key that is forgotten but still bound')
  await expectClaimed(store, [key], 'the same fingerprint for a key that is forgotten but still bound')
}

export async function endsBindingAfterBindMs(store: DedupeStore, shortMs: number): Promise<void> {
  const [released, expired] = [newKey('body'), newKey('body')]
  const claim = await expectClaimed(store, [released], 'an unknown key', MINUTE, shortMs)
  await expectClaimed(store, [expired], 'an unknown key', shortMs, shortMs)
  await expectDone(store.release(claim), 'release() by the holder')
  await pass(2 * shortMs)
  for (const key of [released, expired]) {
    await expectClaimed(
      store,
      [{ ...key, fingerprint: 'another' }],
      'another fingerprint for a key whose binding is over',
    )
  }
}

export async function bindsOtherKeysOfRefusedRequest(store: DedupeStore): Promise<void> {
  const committed = newKey('body')
  const claim = await expectClaimed(store, [committed], 'an unknown key')
  await expectDone(store.commit(claim, MINUTE), 'commit() by the holder')
  await bindsBeside(store, committed, 'duplicate')

  const held = newKey('body')
  await expectClaimed(store, [held], 'an unknown key')
  await bindsBeside(store, held, 'in_progress')
}

/** Sends two new keys beside a known one: once behind it, once before it. */
async function bindsBeside(store: DedupeStore, known: DedupeKey, status: 'duplicate' | 'in_progress'): Promise<void> {
  const second = newKey(known.key)
  await expectStatus(store, [known, second], status, 'a request whose first key is known')
  const forged = [{ ...second, fingerprint: 'x' }]
  await expectStatus(store, forged, 'conflict', 'the second key of a refused request, with another fingerprint')
  await expectClaimed(store, [second], 'the second key of a refused request, with the same fingerprint')

  const first = newKey('body')
  await expectStatus(store, [first, known], status, 'a request whose second key is known')
  const changed = [{ ...first, fingerprint: 'another' }]
  await expectClaimed(store, changed, 'the first key of a refused request, with another fingerprint')
}
