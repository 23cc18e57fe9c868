// Claims with a lease of one minute, for the tests of stores.

import type { Claim, DedupeKey, DedupeStore } from '../../src/webhook/index.ts'

export const times = { leaseMs: 60_000, bindMs: 60_000 }

/** Makes a claim that must succeed. */
export async function claim(store: DedupeStore, keys: readonly DedupeKey[]): Promise<Claim> {
  const answer = await store.claim({ ...times, keys })
  if (answer.status !== 'claimed') throw new Error(answer.status)
  return answer.claim
}

export async function statusOf(store: DedupeStore, keys: readonly DedupeKey[]): Promise<string> {
  return (await store.claim({ ...times, keys })).status
}
