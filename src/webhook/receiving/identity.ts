// What makes two deliveries the same: the keys that a verified delivery is known by in the store.
//
// Keys are made from decoded material only, under the namespace. Ids and bodies appear in them as digests, which are of fixed length and
// tell nothing to a reader of the store. Read from its end, a key can be parsed in one way only, whatever the namespace contains: a digest;
// in content keys, a context (digits, a digest or nothing); and the kind.

import { followPointer } from '../../shared/json-pointer.ts'
import { invalidOption } from '../../shared/webhook-error.ts'
import type { DedupeKey } from '../../stores/contract.ts'
import type { ProofEngine } from '../proof/engine.ts'
import type { DedupeRule } from '../schemes/dedupe-by.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'

/** Finds the keys of a delivery, in a namespace. */
export type Identify = (namespace: string, delivery: VerifiedDelivery) => Promise<DedupeKey[]>

/** The settings that identity depends on. */
export interface IdentitySettings {
  readonly checks: { readonly scheme: WebhookScheme }
  readonly dedupeBy: DedupeRule
  /** Replaces `dedupeBy`. */
  readonly dedupeKey: ((delivery: VerifiedDelivery) => unknown) | undefined
}

type Digest = ProofEngine<unknown>['digest']

export function identifyBy({ checks: { scheme }, dedupeBy, dedupeKey }: IdentitySettings, digest: Digest): Identify {
  if (dedupeKey) return async (namespace, delivery) => customKeys(namespace, dedupeKey(delivery), digest)
  const contentKey = contentKeyOf(scheme, digest)
  switch (dedupeBy.kind) {
    case 'content':
      return async (namespace, delivery) => [{ key: await contentKey(namespace, delivery) }]
    case 'none':
      return async (namespace) => [{ key: `${namespace}:none:${crypto.randomUUID()}` }]
    case 'deliveryId':
      return byDeliveryId(contentKey, digest)
    case 'bodyId':
      return byBodyId(dedupeBy, contentKey, digest)
    case 'deliveryIdAndContent':
      return byIdAndContent(scheme, contentKey, digest)
  }
}

type ContentKey = (namespace: string, delivery: VerifiedDelivery) => Promise<string>

/**
 * The key of what is signed, without the timestamp, which differs between retries. The event's name is part of it, because several events
 * may have the same body.
 */
function contentKeyOf({ deliveryIdSigned }: WebhookScheme, digest: Digest): ContentKey {
  return async (namespace, { event = null, deliveryId = null, body }) => {
    const signedId = deliveryIdSigned ? deliveryId : null
    const hasContext = event !== null || signedId !== null
    const context = hasContext ? await digest(JSON.stringify([event, signedId])) : ''
    return `${namespace}:content:${context}:${await digest(body)}`
  }
}

function byDeliveryId(contentKey: ContentKey, digest: Digest): Identify {
  return async (namespace, delivery) => {
    const { deliveryId } = delivery
    if (deliveryId === undefined) return [{ key: await contentKey(namespace, delivery) }]
    return [{ key: `${namespace}:id:${await digest(deliveryId)}` }]
  }
}

function byBodyId(
  { pointer, tokens }: Extract<DedupeRule, { readonly kind: 'bodyId' }>,
  contentKey: ContentKey,
  digest: Digest,
): Identify {
  return async (namespace, delivery) => {
    const id = bodyIdOf(tokens, delivery)
    if (id === undefined) return [{ key: await contentKey(namespace, delivery) }]
    // As JSON, so that 1 and "1" are two ids.
    return [{ key: `${namespace}:body:${await digest(JSON.stringify([pointer, id]))}` }]
  }
}

/** The id in a body: non-empty text, or a whole number that no other number is rounded to. */
function bodyIdOf(tokens: readonly string[], delivery: VerifiedDelivery): string | number | undefined {
  let document: unknown
  try {
    document = delivery.json()
  } catch {
    return undefined // not JSON, or not even text
  }
  const id = followPointer(tokens, document)
  if (typeof id === 'string' && id !== '') return id
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id
  return undefined
}

/**
 * For an id that is stable but unsigned: the id, bound to the body, and the signed content, bound to the id. A captured delivery that is sent
 * again under another id is then a conflict, and so is a known id with another body.
 */
function byIdAndContent({ timestampSigned }: WebhookScheme, contentKey: ContentKey, digest: Digest): Identify {
  return async (namespace, delivery) => {
    const { deliveryId, timestamp, body } = delivery
    const bodyDigest = await digest(body)
    const attemptKey = `${namespace}:content:${timestampSigned ? timestamp : ''}:${bodyDigest}`
    if (deliveryId === undefined) {
      // The attempt too: a captured one must not count as new because its id was left out.
      const key = await contentKey(namespace, delivery)
      return [...new Set([key, attemptKey])].map((each) => ({ key: each }))
    }
    const idKey = `${namespace}:id:${await digest(deliveryId)}`
    return [
      { key: idKey, fingerprint: bodyDigest },
      { key: attemptKey, fingerprint: idKey },
    ]
  }
}

/** The keys that a `dedupeKey` option returned, in the namespace. */
async function customKeys(namespace: string, result: unknown, digest: Digest): Promise<DedupeKey[]> {
  const given: readonly unknown[] = Array.isArray(result) ? result : [result]
  if (given.length === 0) throw invalidOption('dedupeKey', 'a function that returns at least one key')
  const keys: DedupeKey[] = []
  for (const entry of given) {
    const { key, fingerprint } = readCustomKey(entry)
    const stored = { key: `${namespace}:custom:${await digestText(key, digest)}` }
    if (fingerprint === undefined) keys.push(stored)
    else keys.push({ ...stored, fingerprint: await digestText(fingerprint, digest) })
  }
  return keys
}

/** A text is a key without a fingerprint. */
function readCustomKey(entry: unknown): DedupeKey {
  if (typeof entry === 'string') return readCustomKey({ key: entry })
  const { key, fingerprint }: { key?: unknown; fingerprint?: unknown } = Object(entry)
  const isValid = typeof key === 'string' && key !== ''
  if (!isValid || (fingerprint !== undefined && typeof fingerprint !== 'string')) {
    throw invalidOption('dedupeKey', 'a function that returns non-empty text or keys')
  }
  return { key, fingerprint }
}

/** As JSON, which has a form for every text. UTF-8 has none for a lone surrogate: two texts could come to the same bytes. */
async function digestText(text: string, digest: Digest): Promise<string> {
  return digest(JSON.stringify(text))
}
