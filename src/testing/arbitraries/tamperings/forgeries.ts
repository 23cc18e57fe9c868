// Signatures that anybody can make without the secret. They have the right form, so only the MAC can refuse them.

import * as fc from 'fast-check'
import { flip } from '../../../shared/bytes.ts'
import { macOf, writeHeaders, writeSignature } from '../../draft.ts'
import { type Scope, sameBytes, type Tamper } from './tampering.ts'

export function forgeries({ expired }: Scope): fc.Arbitrary<Tamper>[] {
  return [
    fc.nat(255).map((byte) => signedWithOtherSecret(byte, expired)),
    fc.nat(8 * 32 - 1).map(flippedMac),
    fc.constantFrom(0, 255).map(constantMac),
    fc.constant(signedWithGuessedSecret(expired)),
  ]
}

function signedWithOtherSecret(byte: number, expired: Uint8Array | undefined): Tamper {
  return (draft) => {
    // One bit flipped, rather than another text: to HMAC, a key is the same with zeros behind it.
    const near = flip(draft.key, 8 * (byte % draft.key.length))
    const key = unknownKey(near, draft.key, expired)
    return { tampering: 'signed with another secret', headers: writeHeaders({ ...draft, key }) }
  }
}

function flippedMac(bit: number): Tamper {
  return (draft) => ({
    tampering: `bit ${bit} of the MAC flipped`,
    headers: writeHeaders(draft, writeSignature(draft, flip(macOf(draft), bit))),
  })
}

function constantMac(byte: number): Tamper {
  return (draft) => ({
    tampering: `MAC of 32 bytes of ${byte}`,
    headers: writeHeaders(draft, writeSignature(draft, new Uint8Array(32).fill(byte))),
  })
}

function signedWithGuessedSecret(expired: Uint8Array | undefined): Tamper {
  return (draft) => {
    const key = unknownKey(new TextEncoder().encode('secret'), draft.key, expired)
    return { tampering: 'signed with a secret that is easily guessed', headers: writeHeaders({ ...draft, key }) }
  }
}

/** The key, or one near it if the receiver happens to know it. */
function unknownKey(key: Uint8Array, ...known: readonly (Uint8Array | undefined)[]): Uint8Array {
  let made = key
  for (let bit = 0; known.some((other) => other && sameBytes(made, other)); bit++) made = flip(key, bit)
  return made
}
