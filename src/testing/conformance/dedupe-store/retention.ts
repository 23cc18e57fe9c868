// A committed key is known for its retention.

import type { DedupeStore } from '../../../stores/contract.ts'
import { claim, expectClaimed, expectDone, expectEqual, expectStatus, MINUTE, newKey, pass } from './expectations.ts'

export async function forgetsAfterRetention(store: DedupeStore, shortMs: number): Promise<void> {
  const [short, long] = [[newKey()], [newKey()]]
  const kept = await expectClaimed(store, long, 'an unknown key')
  await expectDone(store.commit(kept, MINUTE), 'commit() with a long retention')
  const forgotten = await expectClaimed(store, short, 'an unknown key')
  const startedAt = performance.now()
  await expectDone(store.commit(forgotten, shortMs), 'commit() with a short retention')
  const { status } = await claim(store, short)
  // A store this slow may have forgotten the key already.
  if (performance.now() - startedAt < shortMs)
    expectEqual(status, 'duplicate', 'During the retention, claim() must answer')
  await pass(shortMs)
  if (status === 'duplicate') await expectClaimed(store, short, 'a key whose retention is over')
  await expectStatus(store, long, 'duplicate', 'a key whose retention is not over')
}

export async function keepsForRetention(store: DedupeStore, shortMs: number): Promise<void> {
  const leaseMs = 4 * shortMs
  const [endless, long] = [[newKey()], [newKey()]]
  const first = await expectClaimed(store, endless, 'an unknown key', leaseMs)
  const second = await expectClaimed(store, long, 'an unknown key', leaseMs)
  const startedAt = performance.now()
  const commits = [await store.commit(first, Number.POSITIVE_INFINITY), await store.commit(second, 30 * DAY)]
  // A store this slow may have committed after the lease.
  if (performance.now() - startedAt > 3 * shortMs) return
  expectEqual(commits, [true, true], 'commit() for ever, and commit() for 30 days, must return')
  await pass(leaseMs)
  await expectStatus(store, endless, 'duplicate', 'a key that was committed for ever, after its lease')
  await expectStatus(store, long, 'duplicate', 'a key that was committed for 30 days, after its lease')
}

const DAY = 86_400_000
