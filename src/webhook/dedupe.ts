// What a dedupe store promises, and which keys a delivery is known by.

import type { VerifiedDelivery } from './delivery.ts'
import { invalidOption } from './errors.ts'
import type { MacEngine } from './mac.ts'
import type { WebhookScheme } from './scheme.ts'

/** Any text. The same key with another fingerprint is a conflict: one of the two deliveries is not what it says it is. */
export interface DedupeKey {
  readonly key: string
  readonly fingerprint?: string | undefined
}

/** A lease on a set of keys, held by whoever knows its random token. */
export interface Claim {
  readonly token: string
  readonly keys: readonly DedupeKey[]
}

/** What a store answers to a claim. Conflict comes before duplicate, duplicate before in_progress. */
export type ClaimResult =
  | { readonly status: 'claimed'; readonly claim: Claim }
  | { readonly status: 'duplicate' }
  | { readonly status: 'in_progress'; readonly retryAfterMs: number }
  | { readonly status: 'conflict' }

/**
 * Where deliveries are remembered. Each method is atomic, also between processes.
 *
 * - `claim` takes all of its keys or none. For `bindMs` beyond the claim's end, and also where it answers `duplicate` or `in_progress`,
 *   every key that has a fingerprint stays bound to it: claimed with another it is a `conflict`. Two exceptions: a `conflict` writes
 *   nothing at all, and the first key of a request (a delivery's own id) is written only where the claim succeeds.
 * - `commit` and `release` act only while every key is still held under the claim's token; false says that it was not, and that
 *   nothing changed. `retentionMs` is Infinity for ever.
 * - `extend` makes the lease run out `leaseMs` from now.
 * - A method that cannot do its work rejects: the receiver then answers 503.
 */
export interface DedupeStore {
  claim(request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }): Promise<ClaimResult>
  commit(claim: Claim, retentionMs: number): Promise<boolean>
  release(claim: Claim): Promise<boolean>
  extend?(claim: Claim, leaseMs: number): Promise<boolean>
}

/** What the `dedupeKey` option may return: the text that makes two deliveries the same, or whole keys. */
export type DedupeKeyResult = string | DedupeKey | readonly DedupeKey[]

type Digest = MacEngine<unknown>['digest']

/**
 * The keys of a verified delivery, from authenticated and decoded material only, hashed under the namespace:
 *
 * - a signed id: the id;
 * - nothing but content: what is signed, without the timestamp, which changes over retries;
 * - an id that is stable but unsigned (Fluxora): the id, bound to the body, and the signed content, bound to the id. A captured
 *   delivery that comes back under another id is then a conflict, and so is a known id with another body.
 */
export async function deliveryKeys(
  scheme: WebhookScheme,
  namespace: string,
  delivery: VerifiedDelivery,
  digest: Digest,
): Promise<DedupeKey[]> {
  const { deliveryId = '', body } = delivery
  const name = keyNamer(namespace, digest)
  if (scheme.dedupe === 'deliveryId') return [{ key: await name('id', deliveryId) }]
  const bodyDigest = await digest(body)
  if (scheme.dedupe === 'deliveryIdAndContent') {
    const key = await name('id', deliveryId)
    const timestamp = scheme.timestampSigned ? String(delivery.timestamp) : ''
    return [
      { key, fingerprint: bodyDigest },
      { key: await name('content', timestamp, bodyDigest), fingerprint: key },
    ]
  }
  return [{ key: await name('content', scheme.deliveryIdSigned ? deliveryId : '', bodyDigest) }]
}

/** The keys that a `dedupeKey` option gave, hashed under the namespace. */
export async function customKeys(namespace: string, result: unknown, digest: Digest): Promise<DedupeKey[]> {
  const name = keyNamer(namespace, digest)
  const list: unknown[] = Array.isArray(result) ? result : [result]
  const keys: DedupeKey[] = []
  for (const entry of list) {
    const { key, fingerprint } = (typeof entry === 'string' ? { key: entry } : (entry ?? {})) as Partial<DedupeKey>
    if (typeof key !== 'string' || key === '')
      throw invalidOption('dedupeKey', 'a function that returns non-empty text or keys')
    keys.push({
      key: await name('custom', key),
      ...(fingerprint === undefined ? {} : { fingerprint: await digest(fingerprint) }),
    })
  }
  if (keys.length === 0) throw invalidOption('dedupeKey', 'a function that returns at least one key')
  return keys
}

/** Hashing makes a key of fixed length that says nothing; JSON keeps ["a:b","c"] and ["a","b:c"] apart. */
function keyNamer(namespace: string, digest: Digest) {
  return async (...parts: string[]): Promise<string> =>
    `${namespace}:${await digest(JSON.stringify([namespace, ...parts]))}`
}
