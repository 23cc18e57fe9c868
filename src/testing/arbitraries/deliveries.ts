// Genuine deliveries of any scheme: what a handler under test must accept.

import * as fc from 'fast-check'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import {
  type Draft,
  keyOf,
  macOf,
  signedHeadersOf,
  type TestDelivery,
  writeDelivery,
  writeSignatures,
} from '../draft.ts'
import { otherKey, receiverSecret } from '../signing/key.ts'
import { type DeliverySettings, readDeliveryConstraints, type SignedDeliveryConstraints } from './delivery-options.ts'

/** A delivery and what its receiver knows. `createWebhookVerifier({ scheme, secrets: secret, now: () => now })` accepts it. */
export interface SignedDelivery extends TestDelivery<Uint8Array> {
  readonly scheme: WebhookScheme
  /** What the receiver is set up with: the secret, or the public key as PEM. */
  readonly secret: string
  /** The receiver's time, in Unix seconds. */
  readonly now: number
}

/**
 * Generates genuine deliveries. Shrinks towards an empty JSON object that was signed at `now`.
 *
 * @param constraints What the handler under test is set up with: see {@link SignedDeliveryConstraints} for all options and their defaults.
 * @returns An arbitrary of `{ scheme, secret, now, headers, body }`, ready for `sendTestDelivery`.
 * @throws {WebhookError} `invalid_option`, `invalid_secret` or `invalid_scheme` for an option that makes no sense.
 *
 * @example
 * ```ts
 * await fc.assert(
 *   fc.asyncProperty(signedDelivery({ secret, now: clock.now() }), async (delivery) => {
 *     expect((await sendTestDelivery(app, delivery)).status).toBe(200)
 *   }),
 * )
 * ```
 */
export function signedDelivery(constraints: SignedDeliveryConstraints = {}): fc.Arbitrary<SignedDelivery> {
  const each = readDeliveryConstraints(constraints).map(signedBy)
  const [first, ...others] = each
  if (first && others.length === 0) return first
  return fc.oneof({ withCrossShrink: true }, ...each)
}

/** Where the genuine signature is among those of a delivery. */
type Place = 'alone' | 'first' | 'last'

function signedBy(settings: DeliverySettings): fc.Arbitrary<SignedDelivery> {
  const { scheme } = settings
  const places: Place[] = ['alone']
  // While it rotates its secret, a sender signs with both.
  if (scheme.signature.carriesMany) places.push('first', 'last')
  return fc.tuple(drafts(settings), fc.constantFrom(...places)).map(([{ draft, secret, now }, place]) => {
    const macs = macsAt(place, draft)
    const { headers, body } = writeDelivery(draft, writeSignatures(draft, macs))
    return readable({ scheme, secret, now, headers, body, ...addressOf(draft) })
  })
}

function macsAt(place: Place, draft: Draft): readonly Uint8Array[] {
  const mac = macOf(draft)
  if (place === 'alone') return [mac]
  const other = macOf({ ...draft, key: otherKey(draft.key, 0) })
  if (place === 'first') return [mac, other]
  return [other, mac]
}

/** The address, if it is signed. */
export function addressOf({ url }: Draft): Pick<TestDelivery, 'url'> {
  if (url === undefined) return {}
  return { url }
}

/** A draft, and what its receiver knows. */
export interface Signable {
  readonly draft: Draft
  readonly secret: string
  readonly now: number
}

/** Generates drafts within the tolerance. Both of its edges come more often than by chance. */
export function drafts({
  scheme,
  toleranceSeconds,
  marginSeconds,
  ...fields
}: DeliverySettings): fc.Arbitrary<Signable> {
  const reach = toleranceSeconds - marginSeconds
  return fc
    .record({
      body: fields.body,
      secret: fields.secret,
      now: fields.now,
      age: fc.oneof(fc.integer({ min: -reach, max: reach }), fc.constantFrom(0, reach, -reach)),
      deliveryId: fields.deliveryId,
      event: fields.event,
    })
    .map(({ body, secret, now, age, deliveryId, event }) => {
      const timestamp = scheme.timestamp.write(Math.max(1, now - age))
      const key = keyOf(scheme, secret)
      const fixed = { scheme, url: fields.url, signedHeaders: signedHeadersOf(scheme, fields.headers) }
      const draft = { ...fixed, key, deliveryId, timestamp, event: event ?? undefined, body }
      return { draft, secret: receiverSecret(key, secret), now }
    })
}

/** Lets fast-check print a delivery the way one would write it: the scheme by name, the body as text. */
export function readable<Delivery extends SignedDelivery>(delivery: Delivery): Delivery {
  const print = (): string => {
    const { scheme, body, ...rest } = delivery
    return `{ scheme: ${scheme.name}, body: ${printBody(body)}, ${fc.stringify(rest).slice(1, -1)} }`
  }
  return Object.defineProperty(delivery, fc.toStringMethod, { value: print })
}

function printBody(body: Uint8Array): string {
  if (body.length > 1_000) return `${body.length} bytes`
  try {
    return fc.stringify(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    return fc.stringify(body)
  }
}
