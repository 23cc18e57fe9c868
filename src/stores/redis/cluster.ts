// Redis Cluster: the keys of one delivery may be in different hash slots, on different nodes. Then there is no one moment in which all of
// them can be read and written.

import type { ClaimAnswer, ClaimRefusal } from '../shared/answer.ts'
import type { StoredKey } from '../shared/request.ts'
import type { ClaimKey } from './claim-key.ts'
import { isCrossSlot } from './errors.ts'
import type { Lease } from './record.ts'
import type { Scripts } from './scripts.ts'

/** How often to try keys that others claim and give back at the same time, and when to come back to them after that. */
const MAX_ATTEMPTS = 3
const CONTENDED_MS = 1000

/** The shortest lease with which to begin settling keys one after the other. */
const SETTLING_LEASE_MS = 10_000

/**
 * Makes a function that works on a set of keys in one script, or key by key if their slots do not allow that. The first refusal by the
 * server decides for good; that works with any proxy in front of a cluster.
 */
export function slotAwareRunner(): <T>(inOneScript: () => Promise<T>, keyByKey: () => Promise<T>) => Promise<T> {
  let isKeyByKey = false
  return async (inOneScript, keyByKey) => {
    if (isKeyByKey) return keyByKey()
    try {
      return await inOneScript()
    } catch (error) {
      if (!isCrossSlot(error)) throw error
      isKeyByKey = true
      return keyByKey()
    }
  }
}

/**
 * Claims keys in different slots: reads all of them, claims them one by one in an order that everyone shares, and confirms them once all are
 * claimed. So two workers never both hold a key, and one that fails on the way gives back what it claimed.
 */
export async function claimAcrossSlots(
  scripts: Scripts,
  claimKey: ClaimKey,
  keys: readonly StoredKey[],
  lease: Lease,
): Promise<ClaimAnswer> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const state = await peekAtAll(scripts, keys)
    if (state.status === 'conflict') return state
    if (state.status !== 'free') {
      await bindAll(scripts, keys.slice(1), lease.bindMs)
      return state
    }
    if (await claimInOrder(scripts, claimKey, keys, lease)) return { status: 'claimed' }
  }
  return { status: 'in_progress', retryAfterMs: CONTENDED_MS }
}

/** Whether all keys are free, and if not, why. Conflict comes before duplicate, duplicate before in_progress. */
async function peekAtAll(
  scripts: Scripts,
  keys: readonly StoredKey[],
): Promise<{ readonly status: 'free' } | ClaimRefusal> {
  const states = await Promise.all(keys.map((key) => scripts.peek(key)))
  const has = (status: ClaimRefusal['status']): boolean => states.some((state) => state.status === status)
  if (has('conflict')) return { status: 'conflict' }
  if (has('duplicate')) return { status: 'duplicate' }
  const waits = states.flatMap((state) => (state.status === 'in_progress' ? [state.retryAfterMs] : []))
  if (waits.length === 0) return { status: 'free' }
  return { status: 'in_progress', retryAfterMs: Math.max(...waits) }
}

async function bindAll(scripts: Scripts, keys: readonly StoredKey[], bindMs: number): Promise<void> {
  const bindable = keys.filter(({ fingerprint }) => fingerprint !== undefined)
  await Promise.all(bindable.map((key) => scripts.bind(key, bindMs)))
}

/** False if someone else was faster with one of the keys; then the others have been given back. */
async function claimInOrder(
  scripts: Scripts,
  claimKey: ClaimKey,
  keys: readonly StoredKey[],
  lease: Lease,
): Promise<boolean> {
  const inOrder = [...keys].sort((a, b) => (a.name < b.name ? -1 : 1))
  const unbound = { ...lease, bindMs: 0 } // Nothing is bound before all keys are claimed.
  const claimed: StoredKey[] = []
  const release = ({ name }: StoredKey): Promise<boolean> => scripts.release([name], lease.token)
  try {
    for (const key of inOrder) {
      claimed.push(key) // Before its answer is there: if that is lost, the key may have been claimed.
      const answer = await claimKey(key, unbound)
      if (answer.status === 'claimed') continue
      claimed.pop()
      break
    }
    const confirm = ({ name }: StoredKey): Promise<boolean> => scripts.extend([name], lease)
    if (claimed.length === keys.length && (await holdsForAll(keys, confirm))) return true
  } catch (error) {
    await Promise.allSettled(claimed.map(release))
    throw error
  }
  await Promise.all(claimed.map(release))
  return false
}

/**
 * Settles keys in different slots. First all leases are made long enough for what follows, so that all keys are settled or none. If one
 * key is lost, the leases of the others are set back to what they were; those that had run out do not hold anyone up.
 */
export async function settleAcrossSlots(
  scripts: Scripts,
  keys: readonly StoredKey[],
  token: string,
  settle: (names: string[]) => Promise<boolean>,
): Promise<boolean> {
  const leases = await Promise.all(keys.map(({ name }) => scripts.ensureLease(name, token, SETTLING_LEASE_MS)))
  if (leases.every(({ status }) => status === 'held')) return holdsForAll(keys, ({ name }) => settle([name]))
  await Promise.all(
    keys.map(async ({ name }, at) => {
      const lease = leases[at]
      if (lease?.status === 'held') await scripts.extend([name], { token, leaseMs: lease.leftMs, bindMs: 0 })
    }),
  )
  return false
}

async function holdsForAll(keys: readonly StoredKey[], act: (key: StoredKey) => Promise<boolean>): Promise<boolean> {
  const answers = await Promise.all(keys.map(act))
  return answers.every(Boolean)
}
