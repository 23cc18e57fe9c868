// What makes two deliveries the same: the keys that a verified delivery is known by in the store.
//
// They are made from decoded material only, under the namespace. Ids and bodies stand in them as digests: of fixed length, and saying
// nothing to whoever reads the store. Read from its end, a key can be taken apart in one way only, whatever the namespace holds: a digest,
// what stands aside of it (digits, a digest or nothing, in content keys only), and the kind.

import { followPointer } from '../../shared/json-pointer.ts'
import { invalidOption } from '../../shared/webhook-error.ts'
import type { DedupeKey } from '../../stores/contract.ts'
import type { MacEngine } from '../proof/engine.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import type { ReadDedupeBy } from './dedupe-by.ts'

type Digest = MacEngine<unknown>['digest']

/** The keys of a delivery, under a namespace. */
export type Identify = (namespace: string, delivery: VerifiedDelivery) => Promise<DedupeKey[]>

/** How deliveries are told apart: by the receiver's `dedupeKey`, or by `dedupeBy`. */
export function identifyBy({ checks, dedupeBy, dedupeKey }: Identity, digest: Digest): Identify {
  if (dedupeKey) return async (namespace, delivery) => customKeys(namespace, dedupeKey(delivery), digest)
  const { scheme } = checks
  const content = contentOf(scheme, digest)
  if (typeof dedupeBy === 'object') return byBodyId(dedupeBy, content, digest)
  if (dedupeBy === 'content') return async (namespace, delivery) => [{ key: await content(namespace, delivery) }]
  if (dedupeBy === 'deliveryId') {
    return async (namespace, delivery) => {
      const { deliveryId } = delivery
      if (deliveryId === undefined) return [{ key: await content(namespace, delivery) }]
      return [{ key: `${namespace}:id:${await digest(deliveryId)}` }]
    }
  }
  return byIdAndContent(scheme, content, digest)
}

/** What a receiver's identity is made of. */
export interface Identity {
  readonly checks: { readonly scheme: WebhookScheme }
  readonly dedupeBy: ReadDedupeBy
  readonly dedupeKey: ((delivery: VerifiedDelivery) => unknown) | undefined
}

type ContentKey = (namespace: string, delivery: VerifiedDelivery) => Promise<string>

/** What is signed, without the timestamp, which changes over retries; and the event's name, for one body may stand for several events. */
function contentOf({ deliveryIdSigned }: WebhookScheme, digest: Digest): ContentKey {
  return async (namespace, { event, deliveryId, body }) => {
    const signedId = deliveryIdSigned ? deliveryId : undefined
    const isBare = event === undefined && signedId === undefined
    const aside = isBare ? '' : await digest(JSON.stringify([event ?? null, signedId ?? null]))
    return `${namespace}:content:${aside}:${await digest(body)}`
  }
}

function byBodyId({ bodyId, steps }: Extract<ReadDedupeBy, object>, content: ContentKey, digest: Digest): Identify {
  return async (namespace, delivery) => {
    const id = bodyIdOf(steps, delivery)
    if (id === undefined) return [{ key: await content(namespace, delivery) }]
    // As JSON, so that 1 and "1" are two ids.
    return [{ key: `${namespace}:body:${await digest(JSON.stringify([bodyId, id]))}` }]
  }
}

/** The id inside a body: non-empty text, or a whole number that no other is rounded to. */
function bodyIdOf(steps: readonly string[], delivery: VerifiedDelivery): string | number | undefined {
  let document: unknown
  try {
    document = delivery.json()
  } catch {
    return undefined // not JSON, or not even text
  }
  const id = followPointer(steps, document)
  return (typeof id === 'string' && id !== '') || Number.isSafeInteger(id) ? (id as string | number) : undefined
}

/**
 * For an id that is stable but unsigned: the id, bound to the body, and the signed content, bound to the id. A captured delivery that
 * comes back under another id is then a conflict, and so is a known id with another body.
 */
function byIdAndContent({ timestampSigned }: WebhookScheme, content: ContentKey, digest: Digest): Identify {
  return async (namespace, delivery) => {
    const { deliveryId, timestamp, body } = delivery
    const bodyDigest = await digest(body)
    const attemptKey = `${namespace}:content:${timestampSigned ? timestamp : ''}:${bodyDigest}`
    if (deliveryId === undefined) {
      // The attempt too: a captured one must not come back as new by leaving its id out.
      const key = await content(namespace, delivery)
      return key === attemptKey ? [{ key }] : [{ key }, { key: attemptKey }]
    }
    const idKey = `${namespace}:id:${await digest(deliveryId)}`
    return [
      { key: idKey, fingerprint: bodyDigest },
      { key: attemptKey, fingerprint: idKey },
    ]
  }
}

/** The keys that a `dedupeKey` option gave, under the namespace. */
async function customKeys(namespace: string, result: unknown, digest: Digest): Promise<DedupeKey[]> {
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
