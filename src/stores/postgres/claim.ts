// Claiming and settling, by whatever way statements are sent.

import type { Claim, ClaimResult, DedupeKey } from '../contract.ts'
import { readKeys, readMilliseconds, type StoredKey } from '../shared/request.ts'
import { pause } from './client.ts'
import type { Change, Statements } from './statements.ts'

export interface ClaimRequest {
  readonly keys: readonly DedupeKey[]
  readonly leaseMs: number
  readonly bindMs: number
}

export type Query = <Row>(text: string, values: unknown[]) => Promise<readonly Row[]>

/** When to come back to a key that somebody is claiming in a transaction: nobody can say how long that takes. */
const CONTENDED_MS = 1000

interface Verdict {
  readonly taken: boolean
  readonly conflict: boolean
  readonly duplicate: boolean
  readonly held_ms: number | null
  readonly is_ahead: boolean
}

export async function claim(query: Query, sql: Statements, request: ClaimRequest): Promise<ClaimResult> {
  const lease = readMilliseconds('leaseMs', request.leaseMs)
  const bind = readMilliseconds('bindMs', request.bindMs)
  const token = crypto.randomUUID()
  const keys = await Promise.all(readKeys(request.keys).map(indexable))
  const [first] = keys as [StoredKey]
  const isSingle = keys.length === 1
  // Everyone takes the keys of a set in the same order, so that of two who want the same set one gets it.
  const sorted = [...keys].sort((a, b) => (a.name < b.name ? -1 : 1))
  const names = sorted.map(({ name }) => name)
  const fingerprints = sorted.map(({ fingerprint }) => fingerprint ?? null)
  const values = isSingle
    ? [names[0], fingerprints[0], token, lease, bind]
    : [names, fingerprints, token, lease, bind, first.name]
  for (const waitMs of [0, 5, 20]) {
    if (waitMs > 0) await pause(waitMs)
    const [verdict] = await query<Verdict>(isSingle ? sql.claim : sql.claimSet, values)
    if (verdict?.taken) return { status: 'claimed', claim: { token, keys: request.keys } }
    if (verdict?.conflict) return { status: 'conflict' }
    if (verdict?.is_ahead) await query(sql.cut, [names])
    if (verdict?.duplicate) return { status: 'duplicate' }
    if (typeof verdict?.held_ms === 'number')
      return { status: 'in_progress', retryAfterMs: Math.max(1, verdict.held_ms) }
    // Somebody was faster, or is at it: what they did cannot be seen yet. The next look mostly tells.
  }
  if (!isSingle) await query(sql.bindSet, [names, fingerprints, bind, first.name])
  return { status: 'in_progress', retryAfterMs: CONTENDED_MS }
}

export async function settle(query: Query, change: Change, held: Claim, ...values: unknown[]): Promise<boolean> {
  const names = await Promise.all(readKeys(held.keys).map(async (key) => (await indexable(key)).name))
  const [name] = names
  if (names.length === 1) return (await query(change.one, [name, held.token, ...values])).length === 1
  return (await query(change.set, [names.sort(), held.token, ...values])).length === names.length
}

/** A btree entry holds some 2,700 bytes. The quotation mark stands in no key: readKeys escapes it. */
async function indexable(key: StoredKey): Promise<StoredKey> {
  if (key.name.length <= 600) return key
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key.name))
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { ...key, name: `"sha256:${hex}` }
}
