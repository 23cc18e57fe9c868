// A lease lasts as long as it was asked for, counted from the last claim or extension.

import type { DedupeStore } from '../../../stores/contract.ts'
import {
  claim,
  expectClaimed,
  expectDone,
  expectEqual,
  expectInProgress,
  MINUTE,
  newKey,
  newPair,
  pass,
} from './expectations.ts'

export async function freesKeyAfterLease(store: DedupeStore, shortMs: number): Promise<void> {
  const keys = [newKey()]
  const startedAt = performance.now()
  await expectClaimed(store, keys, 'an unknown key', shortMs)
  const answer = await claim(store, keys)
  // A store this slow may have freed the key already.
  if (performance.now() - startedAt >= shortMs) return
  if (answer.status !== 'in_progress')
    throw new Error(`claim() must answer "in_progress" during a lease, but the store answered "${answer.status}".`)
  if (answer.retryAfterMs > shortMs)
    throw new Error(`retryAfterMs must be at most the lease of ${shortMs} ms, but it was ${answer.retryAfterMs}.`)
  await pass(shortMs)
  await expectClaimed(store, keys, 'a key whose lease has expired')
}

export async function extendsLease(store: DedupeStore, shortMs: number): Promise<void> {
  if (!store.extend) return
  const keys = newPair()
  const startedAt = performance.now()
  const held = await expectClaimed(store, keys, 'unknown keys', shortMs)
  const isExtended = await store.extend(held, MINUTE)
  // A store this slow may have extended the lease after its end.
  if (performance.now() - startedAt >= shortMs) return
  expectEqual(isExtended, true, 'extend() within the lease must return')
  await pass(shortMs)
  const left = await expectInProgress(store, keys, 'keys whose lease was extended')
  if (left <= shortMs)
    throw new Error(`After extend(), retryAfterMs must be that of the new lease of ${MINUTE} ms, but it was ${left}.`)
  await expectDone(store.extend(held, shortMs), 'extend() to a shorter lease')
  await pass(shortMs)
  await expectClaimed(store, keys, 'keys whose extended lease has expired')
}
