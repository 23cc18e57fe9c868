// Deliveries whose signature is of the right form, and of another secret or of other content.

import * as fc from 'fast-check'
import { concatBytes, flip } from '../../../shared/hmac.ts'
import { macOf, writeHeaders, writeSignature } from '../../draft.ts'
import type { Scope, Tamper } from './by-code.ts'

/** @internal Signatures that whoever has no secret can make. */
export function forgeries({ expired }: Scope): fc.Arbitrary<Tamper>[] {
  const bit = fc.nat(8 * 32 - 1)
  return [
    fc.nat(255).map(
      (index): Tamper =>
        (draft) => {
          // A flipped bit, not another text: HMAC takes a key and the same key with zeros behind it for one.
          const key = unknownKey(flip(draft.key, 8 * (index % draft.key.length)), draft.key, expired)
          return { tampering: 'signed with another secret', headers: writeHeaders({ ...draft, key }) }
        },
    ),
    bit.map(
      (index): Tamper =>
        (draft) => ({
          tampering: `bit ${index} of the MAC flipped`,
          headers: writeHeaders(draft, writeSignature(draft, flip(macOf(draft), index))),
        }),
    ),
    fc.constantFrom(0, 255).map(
      (byte): Tamper =>
        (draft) => ({
          tampering: `MAC of 32 bytes of ${byte}`,
          headers: writeHeaders(draft, writeSignature(draft, new Uint8Array(32).fill(byte))),
        }),
    ),
    fc.constant<Tamper>((draft) => {
      const key = unknownKey(new TextEncoder().encode('secret'), draft.key, expired)
      return { tampering: 'signed with a secret that is easily guessed', headers: writeHeaders({ ...draft, key }) }
    }),
  ]
}

/** @internal What is signed, changed after it was signed. */
export function alterations({ scheme, toleranceSeconds, marginSeconds, maxBodyBytes }: Scope): fc.Arbitrary<Tamper>[] {
  const change = (body: Uint8Array, index: number): ReturnType<Tamper> => {
    if (body.length === 0) return { tampering: 'a byte put into an empty body', body: new Uint8Array(1) }
    const bit = index % (8 * body.length)
    return { tampering: `bit ${bit} of the body flipped`, body: flip(body, bit) }
  }
  const ways = [
    fc.constantFrom(' ', '\n', '\0', '}').map(
      (end): Tamper =>
        ({ body }) => {
          if (body.length === maxBodyBytes) return change(body, 0) // a longer one would be too large
          const tampering = `${JSON.stringify(end)} added to the body`
          return { tampering, body: concatBytes(body, new TextEncoder().encode(end)) }
        },
    ),
    fc.nat(1_000_000).map(
      (index): Tamper =>
        ({ body }) =>
          change(body, index),
    ),
    fc.nat(1_000_000).map(
      (index): Tamper =>
        ({ body }) => {
          if (body.length === 0) return change(body, index)
          const length = index % body.length
          return { tampering: `body cut to ${length} bytes`, body: body.slice(0, length) }
        },
    ),
  ]
  const reach = toleranceSeconds - marginSeconds
  if (scheme.timestampSigned && reach > 0) {
    ways.push(
      fc.nat(2 * reach - 1).map(
        (index): Tamper =>
          (draft, now) => {
            // Another timestamp within the tolerance: a captured delivery made fresh.
            const oldest = Math.max(1, now - reach)
            const times = now + reach - oldest
            const at = oldest + (index % times)
            const timestamp = String(at < Number(draft.timestamp) ? at : at + 1)
            return {
              tampering: `timestamp ${draft.timestamp} replaced by ${timestamp}`,
              headers: writeHeaders({ ...draft, timestamp }, writeSignature({ ...draft, timestamp }, macOf(draft))),
            }
          },
      ),
    )
  }
  if (scheme.deliveryIdSigned) {
    ways.push(
      fc.stringMatching(/^[0-9a-z]{1,8}$/).map(
        (end): Tamper =>
          (draft) => ({
            tampering: 'delivery id replaced',
            headers: writeHeaders({ ...draft, deliveryId: draft.deliveryId + end }, writeSignature(draft)),
          }),
      ),
    )
  }
  return ways
}

/** A key that is none of those that the receiver knows. */
function unknownKey(key: Uint8Array, ...known: readonly (Uint8Array | undefined)[]): Uint8Array {
  let made = key
  for (let bit = 0; known.some((other) => other && sameBytes(made, other)); bit++) made = flip(key, bit)
  return made
}

/** @internal */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
