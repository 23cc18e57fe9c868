// A full store may refuse new claims, but may not drop live ones.

import type { DedupeStore } from '../../../stores/contract.ts'
import { claim, expectClaimed, expectDone, expectInProgress, MINUTE, newKey, times } from './expectations.ts'

export async function keepsLiveClaims(store: DedupeStore): Promise<void> {
  const first = await expectClaimed(store, [newKey()], 'an unknown key')
  for (let round = 0; round < 16; round++) {
    await Promise.allSettled(times(16, () => claim(store, [newKey()])))
  }
  await expectInProgress(store, first.keys, 'a key that is held since before 256 other claims')
  await expectDone(store.commit(first, MINUTE), 'commit() after 256 other claims')
}
