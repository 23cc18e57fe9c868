// What a sender signs with, and what its receiver is given.

import { flip } from '../../shared/bytes.ts'
import { encodeBase64 } from '../../shared/encoding.ts'
import type { KeyMaterial } from '../../webhook/proof/key-material.ts'
import { derContent, derValue, derValues } from '../../webhook/proof/public-key/der.ts'
import { ecdsaP256 } from '../../webhook/proof/public-key/ecdsa-p256.ts'
import { ed25519 } from '../../webhook/proof/public-key/ed25519.ts'
import { P256_ORDER, p256PublicKey, p256Sign } from './ecdsa-p256.ts'
import { ed25519PublicKey, ed25519Sign } from './ed25519.ts'
import { type HashName, hmac } from './hmac.ts'
import { toBytes, toNumber } from './numbers.ts'
import { rsaSign } from './rsa.ts'

/** What a sender signs with. `bytes` is the secret itself, without the structure around it. */
export type SigningKey =
  | { readonly kind: 'hmac'; readonly bytes: Uint8Array; readonly hash: HashName }
  | { readonly kind: 'token'; readonly bytes: Uint8Array }
  | PrivateKey

/** A private key, and how many bytes its signatures have: of ECDSA, as many as most. */
export type PrivateKey = {
  readonly kind: 'private'
  readonly bytes: Uint8Array
  readonly length: number
} & (
  | { readonly algorithm: 'ed25519' }
  | { readonly algorithm: 'ecdsa' }
  | { readonly algorithm: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
)

/** The key of a secret that was read; undefined for one that cannot sign here. */
export function signingKey(material: KeyMaterial): SigningKey | undefined {
  const { kind, bytes } = material
  if (kind === 'token') return { kind, bytes }
  if (kind === 'private') return readPkcs8(material.rules.web.key.name, bytes)
  if (kind === 'hmac' && material.hash !== 'sha384') return { kind, bytes, hash: material.hash }
  return undefined
}

/** RFC 5958: a version, the algorithm, and the key in a structure of its own. */
function readPkcs8(algorithm: string, pkcs8: Uint8Array): PrivateKey | undefined {
  const [, , key] = derValues(derContent(pkcs8, 0x30) ?? NOTHING) ?? []
  if (!key) return undefined
  if (algorithm === 'Ed25519') return readEd25519(key.content)
  const numbers = derValues(derContent(key.content, 0x30) ?? NOTHING)?.map(({ content }) => content) ?? []
  if (algorithm === 'ECDSA') return readP256(numbers)
  return readRsa(numbers)
}

const NOTHING = /* @__PURE__ */ new Uint8Array()

/** RFC 8410 section 7: bytes within bytes. */
function readEd25519(key: Uint8Array): PrivateKey | undefined {
  const bytes = derContent(key, 4)
  return bytes && { kind: 'private', algorithm: 'ed25519', bytes, length: 64 }
}

/** RFC 5915: a version and the key, which may be followed by the public one. */
function readP256([, bytes]: readonly Uint8Array[]): PrivateKey | undefined {
  return bytes && { kind: 'private', algorithm: 'ecdsa', bytes, length: 70 }
}

/** RFC 8017 section A.1.2: a version, modulus, public exponent and private exponent, and more that signing can do without. */
function readRsa([, modulus, exponent, bytes]: readonly Uint8Array[]): PrivateKey | undefined {
  if (!modulus || !exponent || !bytes) return undefined
  // DER puts a zero before a first bit that is set, as that of a modulus is.
  const digits = modulus.slice(1)
  return { kind: 'private', algorithm: 'rsa', bytes, modulus: digits, exponent, length: digits.length }
}

/** The signature over a message. A token is its own. */
export function signWith(key: SigningKey, message: Uint8Array): Uint8Array {
  if (key.kind === 'token') return key.bytes
  if (key.kind === 'hmac') return hmac(key.hash, key.bytes, message)
  if (key.algorithm === 'ed25519') return ed25519Sign(key.bytes, message)
  if (key.algorithm === 'ecdsa') return p256Sign(key.bytes, message)
  return rsaSign(key.modulus, key.bytes, message)
}

/** How many bytes its signatures have. */
export function signatureLength(key: SigningKey): number {
  if (key.kind === 'private') return key.length
  if (key.kind === 'token') return key.bytes.length
  return { sha1: 20, sha256: 32, sha512: 64 }[key.hash]
}

/** Another key of the same kind. Each bit gives one of its own. */
export function otherKey(key: SigningKey, bit: number): SigningKey {
  if (key.kind === 'token') return { ...key, bytes: otherToken(key.bytes, bit >> 3) }
  if (key.kind === 'hmac' || key.algorithm === 'ed25519') return { ...key, bytes: flip(key.bytes, bit) }
  const next = toNumber(key.bytes) + BigInt(bit)
  if (key.algorithm === 'ecdsa') return { ...key, bytes: toBytes((next % (P256_ORDER - 1n)) + 1n, 32) }
  // Not a key at all, but nothing that it signs is valid: what no sender has is as good.
  return { ...key, bytes: toBytes(next + 1n, key.bytes.length + 1) }
}

/** A token has to fit into a header, so one character is replaced. */
function otherToken(token: Uint8Array, at: number): Uint8Array {
  const changed = token.slice()
  // A zero becomes a one, a one a zero, and anything else one of the two.
  changed[at] = 0x30 + ((Number(token[at]) & 1) ^ 1)
  return changed
}

/** What the receiver is given: a shared secret as it was configured, or else the public key as PEM, which every scheme takes. */
export function receiverSecret(key: SigningKey, configured: string): string {
  if (key.kind !== 'private') return configured
  return publicPem(key)
}

/** The public half of a private key, as PEM. */
export function publicPem(key: PrivateKey): string {
  return pem('PUBLIC KEY', publicStructure(key))
}

/** A SubjectPublicKeyInfo (RFC 5280). */
function publicStructure(key: PrivateKey): Uint8Array {
  if (key.algorithm === 'rsa') return rsaStructure(key.modulus, key.exponent)
  if (key.algorithm === 'ecdsa') return bytesOf(ecdsaP256.readKey(p256PublicKey(key.bytes), noText))
  return bytesOf(ed25519.readKey(ed25519PublicKey(key.bytes), noText))
}

/** Of a public key there always is one. */
function bytesOf({ bytes }: Pick<KeyMaterial, 'bytes'> = { bytes: NOTHING }): Uint8Array {
  return bytes
}

function noText(): undefined {}

/** RFC 3279 section 2.3.1. */
function rsaStructure(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  const key = derValue(0x30, derValue(2, Uint8Array.of(0), modulus), derValue(2, exponent))
  return derValue(0x30, RSA_ENCRYPTION, derValue(3, Uint8Array.of(0), key))
}

const RSA_ENCRYPTION = /* @__PURE__ */ Uint8Array.of(
  ...[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0],
)

/** A private key for ECDSA over P-256 as PEM, of a number that is not zero and below the order. */
export function p256Pem(secret: Uint8Array): string {
  const key = derValue(0x30, derValue(2, Uint8Array.of(1)), derValue(4, secret))
  return pem('PRIVATE KEY', derValue(0x30, derValue(2, Uint8Array.of(0)), P256, derValue(4, key)))
}

/** RFC 5480: a key on an elliptic curve, and the name of the curve. */
const P256 = /* @__PURE__ */ Uint8Array.of(
  ...[0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1],
  ...[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
)

/** RFC 7468: lines of 64 characters. */
function pem(label: string, der: Uint8Array): string {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')
}
