// What can be wrong with a delivery, by the code that refuses it.

import * as fc from 'fast-check'
import type { WebhookScheme } from '../../../webhook/schemes/scheme.ts'
import { bodyPointers } from '../../body-members.ts'
import { type Draft, signedHeaderNames, writeDelivery, writeSignature } from '../../draft.ts'
import { alterations } from './alterations.ts'
import { ambiguities } from './ambiguities.ts'
import { forgeries } from './forgeries.ts'
import { malformations } from './malformations.ts'
import type { Scope, Tamper } from './tampering.ts'
import { farTimestamps, wrongTimestamps } from './timestamps.ts'

/** The codes that a sender can cause with one delivery. */
export type TamperedCode =
  | 'signature_mismatch'
  | 'missing_signature'
  | 'malformed_signature'
  | 'ambiguous_header'
  | 'missing_delivery_id'
  | 'missing_timestamp'
  | 'invalid_timestamp'
  | 'timestamp_outside_tolerance'
  | 'unsupported_content_encoding'
  | 'payload_too_large'
  | 'previous_secret_expired'

type Ways = (scope: Scope) => readonly fc.MaybeWeightedArbitrary<Tamper>[]

/** The ways to cause each code, the simplest first. There are none if no sender of the scheme can cause it. */
export const TAMPERINGS: Readonly<Record<TamperedCode, Ways>> = {
  signature_mismatch: (scope) => [...forgeries(scope), ...alterations(scope)],
  missing_signature: ({ scheme }) => [...removals(scheme.headers.signature), ...removedParts(scheme)],
  malformed_signature: ({ scheme }) => malformations(scheme),
  ambiguous_header: ({ scheme }) => ambiguities(scheme),
  missing_delivery_id({ scheme }) {
    if (!scheme.requires.deliveryId) return []
    return removals(scheme.headers.deliveryId)
  },
  missing_timestamp({ scheme }) {
    if (scheme.bodyFields?.timestamp !== undefined) return [removedFromBody('timestamp')]
    if (!scheme.requires.timestamp || scheme.signature.carriesTimestamp) return []
    return removals(scheme.headers.timestamp)
  },
  invalid_timestamp: wrongTimestamps,
  timestamp_outside_tolerance: farTimestamps,
  unsupported_content_encoding: encodings,
  payload_too_large: oversizeBodies,
  previous_secret_expired: expiredSignatures,
}

/** The header missing, or empty. Of several names, a sender writes the first. */
function removals(names: readonly string[]): fc.Arbitrary<Tamper>[] {
  return names.slice(0, 1).flatMap((name) => [fc.constant(removed(name)), fc.constant(emptied(name))])
}

function removed(name: string): Tamper {
  return (draft) => {
    const { [name]: _, ...headers } = writeDelivery(draft).headers
    return { tampering: `${name} removed`, headers }
  }
}

function emptied(name: string): Tamper {
  return (draft) => ({ tampering: `${name} empty`, headers: { ...writeDelivery(draft).headers, [name]: '' } })
}

/** What is signed, and missing although the signature is there: without it nobody can tell what was signed. */
function removedParts(scheme: WebhookScheme): fc.Arbitrary<Tamper>[] {
  const ways = signedHeaderNames(scheme).map((name) => fc.constant(removed(name)))
  const { signature, fields } = bodyPointers(scheme)
  if (signature !== undefined) ways.push(removedFromBody('signature'))
  if (fields.length > 0) ways.push(removedFromBody('fields'))
  return ways
}

/** The body without what the sender puts there. */
function removedFromBody(leftOut: NonNullable<Draft['leftOut']>): fc.Arbitrary<Tamper> {
  return fc.constant((draft) => {
    const without = { ...draft, leftOut }
    // Only the timestamp may be missing from what is signed, and is looked for after the signature.
    const signed = leftOut === 'timestamp' ? without : draft
    return { tampering: `${leftOut} removed from the body`, ...writeDelivery(without, writeSignature(signed)) }
  })
}

/** The sender compressed the body, or a proxy did. The signature is good, but these are not the bytes that were signed. */
function encodings(): fc.Arbitrary<Tamper>[] {
  return [
    fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'GZIP', 'x-gzip', 'identity, gzip', 'aws-chunked').map(encoded),
  ]
}

function encoded(encoding: string): Tamper {
  return (draft) => ({
    tampering: `content-encoding ${encoding}`,
    headers: { ...writeDelivery(draft).headers, 'content-encoding': encoding },
  })
}

/** From one byte above the limit, correctly signed. A scheme's own limit is that of a service with bodies too large to make here. */
function oversizeBodies({ scheme, maxBodyBytes }: Scope): fc.Arbitrary<Tamper>[] {
  if (maxBodyBytes === scheme.maxBodyBytes) return []
  return [fc.nat(64).map((more) => filledUp(maxBodyBytes + 1 + more))]
}

function filledUp(length: number): Tamper {
  return (draft) => {
    const body = new Uint8Array(length).fill(0x20)
    body.set(draft.body)
    return { tampering: `body of ${length} bytes`, ...writeDelivery({ ...draft, body }) }
  }
}

function expiredSignatures({ expired }: Scope): fc.Arbitrary<Tamper>[] {
  if (!expired) return []
  return [
    fc.constant<Tamper>((draft) => ({
      tampering: 'signed with the expired secret',
      ...writeDelivery({ ...draft, key: expired }),
    })),
  ]
}
