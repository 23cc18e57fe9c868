// Content that was changed after it was signed.

import * as fc from 'fast-check'
import { concatBytes, flip } from '../../../shared/bytes.ts'
import { macOf, writeHeaders, writeSignature } from '../../draft.ts'
import type { Scope, Tamper, Tampered } from './tampering.ts'

export function alterations(scope: Scope): fc.Arbitrary<Tamper>[] {
  return [...alteredBodies(scope), ...alteredTimestamps(scope), ...alteredIds(scope)]
}

function alteredBodies({ maxBodyBytes }: Scope): fc.Arbitrary<Tamper>[] {
  const place = fc.nat(1_000_000)
  return [
    fc.constantFrom(' ', '\n', '\0', '}').map(
      (end): Tamper =>
        ({ body }) =>
          addToBody(body, end, maxBodyBytes),
    ),
    place.map(
      (index): Tamper =>
        ({ body }) =>
          flipInBody(body, index),
    ),
    place.map(
      (index): Tamper =>
        ({ body }) =>
          cutBody(body, index),
    ),
  ]
}

function addToBody(body: Uint8Array, end: string, maxBodyBytes: number): Tampered {
  // A longer body would be refused for its size.
  if (body.length === maxBodyBytes) return flipInBody(body, 0)
  const tampering = `${JSON.stringify(end)} added to the body`
  return { tampering, body: concatBytes([body, new TextEncoder().encode(end)]) }
}

function flipInBody(body: Uint8Array, index: number): Tampered {
  if (body.length === 0) return { tampering: 'a byte put into an empty body', body: new Uint8Array(1) }
  const bit = index % (8 * body.length)
  return { tampering: `bit ${bit} of the body flipped`, body: flip(body, bit) }
}

function cutBody(body: Uint8Array, index: number): Tampered {
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
    if (time >= Number(draft.timestamp)) time++
    const altered = { ...draft, timestamp: String(time) }
    return {
      tampering: `timestamp ${draft.timestamp} replaced by ${time}`,
      headers: writeHeaders(altered, writeSignature(altered, macOf(draft))),
    }
  }
}

function alteredIds({ scheme }: Scope): fc.Arbitrary<Tamper>[] {
  if (!scheme.deliveryIdSigned) return []
  return [fc.stringMatching(/^[0-9a-z]{1,8}$/).map(lengthenedId)]
}

function lengthenedId(end: string): Tamper {
  return (draft) => ({
    tampering: 'delivery id replaced',
    headers: writeHeaders({ ...draft, deliveryId: draft.deliveryId + end }, writeSignature(draft)),
  })
}
