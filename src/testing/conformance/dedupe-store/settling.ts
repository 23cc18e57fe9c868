// A claim is settled once, by its holder.

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
} from './expectations.ts'

export async function settlesOnce(store: DedupeStore): Promise<void> {
  const committed = await expectClaimed(store, [newKey()], 'an unknown key')
  await expectDone(store.commit(committed, MINUTE), 'commit() by the holder')
  await expectFencedOff(store, committed, 'after the claim was committed')
  await expectStatus(store, committed.keys, 'duplicate', 'a committed key, whatever its former holder tries')

  const released = await expectClaimed(store, newPair(), 'unknown keys')
  await expectDone(store.release(released), 'release() by the holder')
  await expectFencedOff(store, released, 'after the claim was released')
  await expectClaimed(store, released.keys, 'released keys, whatever their former holder tries')
}

export async function ignoresStrangers(store: DedupeStore): Promise<void> {
  const claim = await expectClaimed(store, [newKey(), newKey('mine')], 'unknown keys')
  for (const token of [otherToken(claim.token), '']) {
    await expectFencedOff(store, { token, keys: claim.keys }, 'with a token that does not hold the claim', 1)
    await expectInProgress(store, claim.keys, 'keys that are still held, whatever others try')
  }
  await expectDone(store.commit(claim, MINUTE), 'commit() by the holder')
  const unknown = { token: claim.token, keys: [newKey()] }
  await expectRefused(store.commit(unknown, MINUTE), 'commit() of keys that were never claimed')
  await expectRefused(store.release(unknown), 'release() of keys that were never claimed')
}

/** A token that differs in its last character alone. */
function otherToken(token: string): string {
  if (token.endsWith('0')) return `${token.slice(0, -1)}1`
  return `${token.slice(0, -1)}0`
}
