// Signatures that anybody can make without the secret. They have the right form, so only the proof can refuse them.

import * as fc from 'fast-check'
import { flip } from '../../../shared/bytes.ts'
import type { WebhookScheme } from '../../../webhook/schemes/scheme.ts'
import { type Draft, macOf, messageOf, signsUrl, writeDelivery, writeSignature } from '../../draft.ts'
import { derSignature } from '../../signing/ecdsa-p256.ts'
import { ED25519_ORDER, littleEndian } from '../../signing/ed25519.ts'
import { hmac } from '../../signing/hmac.ts'
import { otherKey, type PrivateKey, publicPem, type SigningKey, signatureLength } from '../../signing/key.ts'
import { toNumber } from '../../signing/numbers.ts'
import { type Scope, sameBytes, type Tamper, type Tampered } from './tampering.ts'

export function forgeries({ scheme, expired }: Scope): fc.Arbitrary<Tamper>[] {
  const withOtherSecret = fc.nat(255).map((byte) => signedWithOtherSecret(byte, expired))
  const withGuess = fc.constant(signedWithGuess(expired))
  if (scheme.proof.algorithm === 'token') return [withOtherSecret, ...otherTokens(expired), withGuess]
  return [
    withOtherSecret,
    fc.nat(8 * FLIPPED_BYTES - 1).map(flippedMac),
    fc.constantFrom(0, 255).map(constantMac),
    withGuess,
    ...OTHERS.filter(({ isPossible }) => isPossible(scheme)).map(({ forge }) => fc.constant(forge)),
  ]
}

/** Of longer signatures, the bits are spread over all bytes. */
const FLIPPED_BYTES = 32

/** What some algorithms are famous for accepting where they were implemented wrongly; and a signature that is good elsewhere. */
const OTHERS: readonly { readonly isPossible: (scheme: WebhookScheme) => boolean; readonly forge: Tamper }[] = [
  {
    isPossible: ({ proof }) => proof.algorithm === 'ed25519',
    forge: (draft) => forged('a second form of the signature, S + L', draft, secondForm),
  },
  {
    isPossible: ({ proof }) => proof.algorithm === 'ecdsa-p256-sha256',
    forge: (draft) => forged('a signature of r = 0 and s = 0', draft, zeros),
  },
  { isPossible: signsUrl, forge: signedForOtherAddress },
]

function forged(tampering: string, draft: Draft, make: (signature: Uint8Array) => Uint8Array): Tampered {
  return { tampering, ...writeDelivery(draft, writeSignature(draft, make(macOf(draft)))) }
}

/** RFC 8032 section 5.1.7: S must be below the order. */
function secondForm(signature: Uint8Array): Uint8Array {
  const number = toNumber(signature.slice(32).reverse())
  const changed = signature.slice()
  changed.set(littleEndian(number + ED25519_ORDER), 32)
  return changed
}

/** CVE-2022-21449: checked without its bounds, it proves everything. */
function zeros(): Uint8Array {
  return derSignature(0n, 0n)
}

/** Also for content that cannot be changed. */
export function signedWithOtherSecret(byte: number, expired: SigningKey | undefined): Tamper {
  return (draft) => {
    // One bit flipped, rather than another text: to HMAC, a key is the same with zeros behind it.
    const near = otherKey(draft.key, 8 * (byte % draft.key.bytes.length))
    const key = unknownKey(near, draft.key, expired)
    return { tampering: 'signed with another secret', ...writeDelivery({ ...draft, key }) }
  }
}

function flippedMac(index: number): Tamper {
  return (draft) => {
    const mac = macOf(draft)
    const bit = Math.floor((index * mac.length) / FLIPPED_BYTES)
    return {
      tampering: `bit ${bit} of the MAC flipped`,
      ...writeDelivery(draft, writeSignature(draft, flip(mac, bit))),
    }
  }
}

function constantMac(byte: number): Tamper {
  return (draft) => {
    const length = signatureLength(draft.key)
    return {
      tampering: `MAC of ${length} bytes of ${byte}`,
      ...writeDelivery(draft, writeSignature(draft, new Uint8Array(length).fill(byte))),
    }
  }
}

function signedForOtherAddress(draft: Draft): Tampered {
  const other = { ...draft, url: `${draft.url}/other` }
  return { tampering: 'signed for another address', ...writeDelivery(draft, writeSignature(draft, macOf(other))) }
}

function signedWithGuess(expired: SigningKey | undefined): Tamper {
  return (draft) => {
    if (draft.key.kind === 'private') return signedWithPublicKey(draft, draft.key)
    const key = unknownKey({ ...draft.key, bytes: new TextEncoder().encode('secret') }, draft.key, expired)
    return { tampering: 'signed with a secret that is easily guessed', ...writeDelivery({ ...draft, key }) }
  }
}

/** The public key as the secret of an HMAC: it passes wherever what was received chooses the algorithm. */
function signedWithPublicKey(draft: Draft, key: PrivateKey): Tampered {
  const mac = hmac('sha512', new TextEncoder().encode(publicPem(key)), messageOf(draft))
  // RSA's are longer.
  const signature = new Uint8Array(Math.max(key.length, mac.length))
  signature.set(mac)
  return {
    tampering: 'an HMAC under the public key',
    ...writeDelivery(draft, writeSignature(draft, signature)),
  }
}

/** A token compared only as far as one of the two goes. Of one character nothing would be left, and a zero takes its place. */
function otherTokens(expired: SigningKey | undefined): fc.Arbitrary<Tamper>[] {
  return [
    fc.constant(replacedToken('token with a character behind it', (token) => [...token, 0x30], expired)),
    fc.constant(replacedToken('token cut short', (token) => [...token.slice(0, -1)], expired)),
  ]
}

function replacedToken(
  tampering: string,
  change: (token: Uint8Array) => readonly number[],
  expired: SigningKey | undefined,
): Tamper {
  return (draft) => {
    const [first = 0x30, ...rest] = change(draft.key.bytes)
    const bytes = Uint8Array.of(first, ...rest)
    const key = unknownKey({ ...draft.key, bytes }, draft.key, expired)
    return { tampering, ...writeDelivery({ ...draft, key }) }
  }
}

/** The key, or one near it if the receiver happens to know it. */
function unknownKey(key: SigningKey, ...known: readonly (SigningKey | undefined)[]): SigningKey {
  let made = key
  for (let bit = 0; known.some((other) => other && sameBytes(made.bytes, other.bytes)); bit++) made = otherKey(key, bit)
  return made
}
