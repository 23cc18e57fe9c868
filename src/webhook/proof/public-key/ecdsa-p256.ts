// ECDSA over P-256 with SHA-256 (FIPS 186-5). Senders write the signature in DER (RFC 3279 section 2.2.3). For each valid signature (r, s)
// there is a second one, (r, n - s), that anybody can compute: it proves the same message, so nothing may be identified by its signature.

import { concatBytes } from '../../../shared/bytes.ts'
import type { KeyMaterial, Proof, PublicKeyRules } from '../key-material.ts'
import { derContent, derValue, derValues } from './der.ts'
import { isMeantFor, jwkBytes, readDigits, readJwk, readPem } from './forms.ts'

const rules: PublicKeyRules = /* @__PURE__ */ Object.freeze({
  node: { hash: 'sha256', dsaEncoding: 'der' },
  web: {
    key: { name: 'ECDSA', namedCurve: 'P-256' },
    signature: { name: 'ECDSA', hash: 'SHA-256' },
    convert: fromDer,
    write: toDer,
  },
} as const)

// RFC 5480: what stands before the 65 bytes of a point (0x04, x, y).
const SPKI = /* @__PURE__ */ Uint8Array.of(
  ...[0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1],
  ...[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 3, 0x42, 0],
)
/** Where the algorithm stands in it. */
const ALGORITHM = [2, 23] as const
const POINT_BYTES = 65
const HALF = 32

/** ECDSA P-256 signatures in DER. */
export const ecdsaP256: Proof = /* @__PURE__ */ Object.freeze({
  algorithm: 'ecdsa-p256-sha256',
  length: /* @__PURE__ */ Object.freeze({ least: 8, most: 72 }),
  readKey(secret: string | Uint8Array): KeyMaterial | undefined {
    if (typeof secret !== 'string') return publicKey(secret)
    const jwk = readJwk(secret)
    if (jwk) return readP256Jwk(jwk)
    const pkcs8 = readPem(secret, 'PRIVATE KEY')
    if (pkcs8) return isForP256(pkcs8) ? { kind: 'private', rules, bytes: pkcs8 } : undefined
    return publicKey(readPem(secret, 'PUBLIC KEY') ?? readDigits(secret, POINT_BYTES))
  },
})

/** A point, or the structure around one. */
function publicKey(bytes: Uint8Array | undefined): KeyMaterial | undefined {
  if (bytes?.length === POINT_BYTES && bytes[0] === 4)
    return { kind: 'public', rules, bytes: concatBytes([SPKI, bytes]) }
  const isSpki = bytes?.length === SPKI.length + POINT_BYTES && SPKI.every((byte, at) => bytes[at] === byte)
  if (isSpki) return { kind: 'public', rules, bytes }
  return undefined
}

/** RFC 7518 section 6.2. With `d` it is the private key, and never its public half. */
function readP256Jwk(jwk: Readonly<Record<string, unknown>>): KeyMaterial | undefined {
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256' || !isMeantFor(jwk, ['ES256'])) return undefined
  const [x, y] = [jwkBytes(jwk, 'x', HALF), jwkBytes(jwk, 'y', HALF)]
  if (!x || !y) return undefined
  if (jwk.d === undefined) return publicKey(concatBytes([Uint8Array.of(4), x, y]))
  return privateKey(jwkBytes(jwk, 'd', HALF))
}

/** RFC 5958 and RFC 5915: the number, in the structures around it. */
function privateKey(number: Uint8Array | undefined): KeyMaterial | undefined {
  if (!number) return undefined
  const key = derValue(0x30, derValue(2, Uint8Array.of(1)), derValue(4, number))
  const bytes = derValue(0x30, derValue(2, Uint8Array.of(0)), SPKI.slice(...ALGORITHM), derValue(4, key))
  return { kind: 'private', rules, bytes }
}

/** The object identifier of P-256, with its tag and length. */
const P256 = /* @__PURE__ */ SPKI.slice(13, 23)

function isForP256(pkcs8: Uint8Array): boolean {
  return pkcs8.some((_, at) => P256.every((byte, offset) => pkcs8[at + offset] === byte))
}

/** WebCrypto takes r and s in 32 bytes each. Undefined for what is not strict DER, which node:crypto refuses too. */
function fromDer(signature: Uint8Array): Uint8Array | undefined {
  const sequence = derContent(signature, 0x30)
  const numbers = sequence && derValues(sequence)
  if (numbers?.length !== 2) return undefined
  const [r, s] = numbers.map(({ tag, content }) => (tag === 2 ? fixedLength(content) : undefined))
  if (r && s) return concatBytes([r, s])
  return undefined
}

/** A positive INTEGER in its shortest form (X.690 section 8.3), as 32 bytes. */
function fixedLength(integer: Uint8Array): Uint8Array | undefined {
  const [first = 0x80, second = 0] = integer
  if (first >= 0x80 || (first === 0 && integer.length > 1 && second < 0x80)) return undefined
  const digits = first === 0 ? integer.subarray(1) : integer
  if (digits.length > HALF) return undefined
  const number = new Uint8Array(HALF)
  number.set(digits, HALF - digits.length)
  return number
}

/** r and s in 32 bytes each, as WebCrypto makes them, in DER. */
function toDer(made: Uint8Array): Uint8Array {
  return derValue(0x30, derInteger(made.subarray(0, HALF)), derInteger(made.subarray(HALF)))
}

/** A positive INTEGER in its shortest form: without zeros before it, but for one before a first bit that is set. */
function derInteger(number: Uint8Array): Uint8Array {
  const digits = number.subarray(number.findIndex((byte) => byte > 0))
  return derValue(2, (digits[0] ?? 0) < 0x80 ? digits : concatBytes([Uint8Array.of(0), digits]))
}
