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
 * - When a lease runs out, its keys are free for whoever claims them next; until somebody does, the claim is still its holder's.
 * - `commit`, `release` and `extend` act only while every key is still the claim's: taken under its token, neither settled nor taken
 *   over since. False says that one was not, and that nothing changed; that stays so after the other one has settled, or come late as
 *   well. They act on a claim whose lease has run out as on any other, for `bindMs` after that at least; a store may forget who held
 *   it then. `retentionMs` is Infinity for ever.
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
 * The keys of a verified delivery, from authenticated and decoded material only, under the namespace:
 *
 * - a signed id: the id;
 * - nothing but content: what is signed, without the timestamp, which changes over retries;
 * - an id that is stable but unsigned (Fluxora): the id, bound to the body, and the signed content, bound to the id. A captured
 *   delivery that comes back under another id is then a conflict, and so is a known id with another body.
 *
 * Ids and bodies stand in them as digests: of fixed length, and saying nothing to whoever reads the store. Read from its end, a key can
 * be taken apart in one way only, whatever the namespace holds.
 */
export async function deliveryKeys(
  { dedupe, deliveryIdSigned, timestampSigned }: WebhookScheme,
  namespace: string,
  { deliveryId, body, timestamp }: VerifiedDelivery,
  digest: Digest,
): Promise<DedupeKey[]> {
  // A scheme whose keys hold the id demands it.
  const id = dedupe !== 'content' || deliveryIdSigned ? await digest(deliveryId as string) : ''
  const idKey = `${namespace}:id:${id}`
  if (dedupe === 'deliveryId') return [{ key: idKey }]
  const content = await digest(body)
  if (dedupe === 'content') return [{ key: `${namespace}:content:${id}:${content}` }]
  const contentKey = `${namespace}:content:${timestampSigned ? timestamp : ''}:${content}`
  return [
    { key: idKey, fingerprint: content },
    { key: contentKey, fingerprint: idKey },
  ]
}

/** The keys that a `dedupeKey` option gave, under the namespace. */
export async function customKeys(namespace: string, result: unknown, digest: Digest): Promise<DedupeKey[]> {
  const list: unknown[] = Array.isArray(result) ? result : [result]
  const keys: DedupeKey[] = []
  for (const entry of list) {
    const { key, fingerprint } = (typeof entry === 'string' ? { key: entry } : (entry ?? {})) as Partial<DedupeKey>
    if (typeof key !== 'string' || key === '' || !['string', 'undefined'].includes(typeof fingerprint))
      throw invalidOption('dedupeKey', 'a function that returns non-empty text or keys')
    keys.push({
      key: `${namespace}:custom:${await digestText(key, digest)}`,
      ...(fingerprint === undefined ? {} : { fingerprint: await digestText(fingerprint, digest) }),
    })
  }
  if (keys.length === 0) throw invalidOption('dedupeKey', 'a function that returns at least one key')
  return keys
}

/** JSON has a form for every text, UTF-8 none for a lone surrogate: two of them would come to the same bytes. */
async function digestText(text: string, digest: Digest): Promise<string> {
  return digest(JSON.stringify(text))
}
