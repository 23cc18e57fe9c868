// Content that was changed after it was signed.

import * as fc from 'fast-check'
import { concatBytes, flip } from '../../../shared/bytes.ts'
import { bodyPointers } from '../../body-members.ts'
import {
  type Draft,
  macOf,
  messageOf,
  messageWith,
  signedHeaderNames,
  writeDelivery,
  writeSignature,
} from '../../draft.ts'
import { signedWithOtherSecret } from './forgeries.ts'
import { type Scope, sameBytes, secondsOf, type Tamper } from './tampering.ts'

/** None with a token, which signs nothing. */
export function alterations(scope: Scope): fc.Arbitrary<Tamper>[] {
  if (scope.scheme.proof.algorithm === 'token') return []
  return [...alteredBodies(scope), ...alteredTimestamps(scope), ...alteredIds(scope), ...alteredHeaders(scope)]
}

function alteredBodies(scope: Scope): fc.Arbitrary<Tamper>[] {
  const { maxBodyBytes } = scope
  const place = fc.nat(1_000_000)
  return [
    fc
      .constantFrom(' ', '\n', '\0', '}')
      .map((end) => alteredBody(scope, (body) => addToBody(body, end, maxBodyBytes))),
    place.map((index) => alteredBody(scope, (body) => flipInBody(body, index))),
    place.map((index) => alteredBody(scope, (body) => cutBody(body, index))),
  ]
}

interface AlteredBody {
  readonly tampering: string
  readonly body: Uint8Array
}

/** A change that the signature does not cover, as in the order of form fields, is none: another secret takes its place. */
function alteredBody({ scheme, expired }: Scope, alter: (body: Uint8Array) => AlteredBody): Tamper {
  return (draft, now) => {
    const { body } = writeDelivery(draft)
    const altered = alter(body)
    const isCovered = scheme.content === undefined && scheme.bodyFields === undefined
    if (isCovered || changesMessage(draft, body, altered.body)) return altered
    return signedWithOtherSecret(0, expired)(draft, now)
  }
}

/** Whether a receiver finds the same signature and time in the body, and another message. */
function changesMessage(draft: Draft, body: Uint8Array, altered: Uint8Array): boolean {
  const read = draft.scheme.bodyFields?.read
  const [found, foundInAltered] = [read?.(body), read?.(altered)]
  if (found?.signature !== foundInAltered?.signature || found?.timestamp !== foundInAltered?.timestamp) return false
  const message = messageWith(draft, altered)
  return message instanceof Uint8Array && !sameBytes(message, messageOf(draft))
}

function addToBody(body: Uint8Array, end: string, maxBodyBytes: number): AlteredBody {
  // A longer body would be refused for its size.
  if (body.length === maxBodyBytes) return flipInBody(body, 0)
  const tampering = `${JSON.stringify(end)} added to the body`
  return { tampering, body: concatBytes([body, new TextEncoder().encode(end)]) }
}

function flipInBody(body: Uint8Array, index: number): AlteredBody {
  if (body.length === 0) return { tampering: 'a byte put into an empty body', body: new Uint8Array(1) }
  const bit = index % (8 * body.length)
  return { tampering: `bit ${bit} of the body flipped`, body: flip(body, bit) }
}

function cutBody(body: Uint8Array, index: number): AlteredBody {
  if (body.length === 0) return flipInBody(body, index)
  const length = index % body.length
  return { tampering: `body cut to ${length} bytes`, body: body.slice(0, length) }
}

/** Another timestamp within the tolerance: a captured delivery that was made to look fresh. */
function alteredTimestamps({ scheme, toleranceSeconds, marginSeconds }: Scope): fc.Arbitrary<Tamper>[] {
  const reach = toleranceSeconds - marginSeconds
  if (!scheme.timestampSigned || reach <= 0) return []
  return [fc.nat(2 * reach - 1).map((index) => replacedTimestamp(index, reach))]
}

function replacedTimestamp(index: number, reach: number): Tamper {
  return (draft, now) => {
    const oldest = Math.max(1, now - reach)
    const times = now + reach - oldest
    let time = oldest + (index % times)
    // Skips the genuine one.
    if (time >= secondsOf(draft)) time++
    const altered = { ...draft, timestamp: draft.scheme.timestamp.write(time) }
    return {
      tampering: `timestamp ${draft.timestamp} replaced by ${altered.timestamp}`,
      ...writeDelivery(altered, writeSignature(altered, macOf(draft))),
    }
  }
}

function alteredIds({ scheme }: Scope): fc.Arbitrary<Tamper>[] {
  if (!scheme.deliveryIdSigned && bodyPointers(scheme).fields.length === 0) return []
  return [fc.stringMatching(/^[0-9a-z]{1,8}$/).map(lengthenedId)]
}

function lengthenedId(end: string): Tamper {
  return (draft) => ({
    tampering: 'delivery id replaced',
    ...writeDelivery({ ...draft, deliveryId: draft.deliveryId + end }, writeSignature(draft)),
  })
}

/** A signed header that is not one of the scheme's own. Doubled, it is still a list of names, as Contentful's has to be. */
function alteredHeaders({ scheme }: Scope): fc.Arbitrary<Tamper>[] {
  return signedHeaderNames(scheme).map((name) => fc.constant(doubledHeader(name)))
}

function doubledHeader(name: string): Tamper {
  return (draft) => {
    const value = draft.signedHeaders[name]
    const signedHeaders = { ...draft.signedHeaders, [name]: `${value},${value}` }
    return { tampering: `${name} replaced`, ...writeDelivery({ ...draft, signedHeaders }, writeSignature(draft)) }
  }
}
