// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2).

import { decodeBase64Loosely } from '../../../shared/encoding.ts'
import type { KeyMaterial, Proof, PublicKeyRules } from '../key-material.ts'
import { derContent, derValue, derValues } from './der.ts'
import { isMeantFor, jwkBytes, readJwk, readPem } from './forms.ts'

const rules: PublicKeyRules = /* @__PURE__ */ Object.freeze({
  node: { hash: 'sha256' },
  web: { key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, signature: { name: 'RSASSA-PKCS1-v1_5' } },
} as const)

// RFC 3279 section 2.3.1: rsaEncryption, without parameters.
const ALGORITHM = /* @__PURE__ */ Uint8Array.of(0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0)
/** Keys of 2,048 to 8,192 bits: smaller ones can be factored, and larger ones make each check slow. */
const MODULUS_BYTES = { least: 256, most: 1024 } as const

/** RSA signatures by SHA-256, as long as the key's modulus. */
export const rsa: Proof = /* @__PURE__ */ Object.freeze({
  algorithm: 'rsa-sha256',
  length: MODULUS_BYTES,
  readKey(secret: string | Uint8Array): KeyMaterial | undefined {
    if (typeof secret !== 'string') return publicKey(secret)
    const jwk = readJwk(secret)
    if (jwk) return readRsaJwk(jwk)
    const pkcs8 = readPem(secret, 'PRIVATE KEY')
    if (pkcs8) return includes(pkcs8, ALGORITHM) ? { kind: 'private', rules, bytes: pkcs8 } : undefined
    return publicKey(readPem(secret, 'PUBLIC KEY') ?? decodeBase64Loosely(secret))
  },
})

function publicKey(spki: Uint8Array | undefined): KeyMaterial | undefined {
  const structure = spki && derContent(spki, 0x30)
  if (!spki || !structure || !ALGORITHM.every((byte, at) => structure[at] === byte)) return undefined
  const bits = derContent(structure.subarray(ALGORITHM.length), 3)
  // The first octet of a BIT STRING says how many bits of the last are unused: none.
  const numbers = bits?.[0] === 0 ? derValues(derContent(bits.subarray(1), 0x30) ?? new Uint8Array()) : undefined
  if (numbers?.length !== 2) return undefined
  const [modulus, exponent] = numbers.map(({ content }) => (content[0] === 0 ? content.subarray(1) : content))
  const length = modulus?.length ?? 0
  const isUsable = length >= MODULUS_BYTES.least && length <= MODULUS_BYTES.most && isExponent(exponent)
  if (isUsable) return { kind: 'public', rules, bytes: spki }
  return undefined
}

/** Odd, and at least 3: with an exponent of 1 a message is its own signature. Libraries differ on those beyond 32 bits. */
function isExponent(digits: Uint8Array = new Uint8Array()): boolean {
  const last = digits.at(-1) ?? 0
  return digits.length <= 4 && last % 2 === 1 && (digits.length > 1 || last >= 3)
}

/** RFC 7518 section 6.3. With `d` it is the private key, and never its public half. */
function readRsaJwk(jwk: Readonly<Record<string, unknown>>): KeyMaterial | undefined {
  if (jwk.kty !== 'RSA' || !isMeantFor(jwk, ['RS256'])) return undefined
  const [n, e] = [jwkBytes(jwk, 'n'), jwkBytes(jwk, 'e')]
  if (!n || !e) return undefined
  const key = derValue(0x30, integer(n), integer(e))
  const found = publicKey(derValue(0x30, ALGORITHM, derValue(3, Uint8Array.of(0), key)))
  if (jwk.d === undefined) return found
  return found && privateKey(PRIVATE_MEMBERS.map((name) => jwkBytes(jwk, name)))
}

/** In the order of RFC 8017 section A.1.2. */
const PRIVATE_MEMBERS = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const

/** RFC 5958 and RFC 8017: the numbers, in the structures around them. All must be there, since libraries sign with all of them. */
function privateKey(numbers: readonly (Uint8Array | undefined)[]): KeyMaterial | undefined {
  const version = derValue(2, Uint8Array.of(0))
  const known = numbers.filter((number) => number !== undefined)
  if (known.length < numbers.length) return undefined
  const key = derValue(0x30, version, ...known.map(integer))
  return { kind: 'private', rules, bytes: derValue(0x30, version, ALGORITHM, derValue(4, key)) }
}

/** A positive INTEGER: with a zero octet before a first bit that is set. */
function integer(bytes: Uint8Array): Uint8Array {
  const isNegative = (bytes[0] ?? 0) >= 0x80
  if (isNegative) return derValue(2, Uint8Array.of(0), bytes)
  return derValue(2, bytes)
}

function includes(bytes: Uint8Array, part: Uint8Array): boolean {
  return bytes.some((_, at) => part.every((byte, offset) => bytes[at + offset] === byte))
}
