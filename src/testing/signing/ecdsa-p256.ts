// Signing with ECDSA over P-256 and SHA-256 (FIPS 186-5), for fixtures only. What is random there is derived from key and message here
// (RFC 6979), so that a seed gives the same signature each time.

import { concatBytes } from '../../shared/bytes.ts'
import { derValue } from '../../webhook/proof/public-key/der.ts'
import { hmac } from './hmac.ts'
import { invert, modulo, multiply, toBytes, toNumber } from './numbers.ts'
import { sha256 } from './sha256.ts'

// SP 800-186 section 3.2.1.3.
const PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
export const P256_ORDER: bigint = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const BASE: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  1n,
]

/** In Jacobian coordinates: x = X/Z², y = Y/Z³. With Z = 0 it is the point at infinity. */
type Point = readonly [X: bigint, Y: bigint, Z: bigint]

const GROUP = { zero: [1n, 1n, 0n], add } as const

/** Explicit-Formulas Database, "add-2007-bl" without its shortcuts. */
function add(one: Point, other: Point): Point {
  const [x1, y1, z1] = one
  const [x2, y2, z2] = other
  if (z1 === 0n) return other
  if (z2 === 0n) return one
  const [squared1, squared2] = [(z1 * z1) % PRIME, (z2 * z2) % PRIME]
  const [u1, u2] = [(x1 * squared2) % PRIME, (x2 * squared1) % PRIME]
  const [s1, s2] = [(y1 * z2 * squared2) % PRIME, (y2 * z1 * squared1) % PRIME]
  if (u1 === u2) return s1 === s2 ? double(one) : GROUP.zero
  const [h, r] = [u2 - u1, s2 - s1]
  const squared = (h * h) % PRIME
  const cubed = (h * squared) % PRIME
  const v = (u1 * squared) % PRIME
  const x = modulo(r * r - cubed - 2n * v, PRIME)
  return [x, modulo(r * (v - x) - s1 * cubed, PRIME), modulo(z1 * z2 * h, PRIME)]
}

/** The same, "dbl-2001-b", for a curve with a = -3. */
function double([x1, y1, z1]: Point): Point {
  const delta = (z1 * z1) % PRIME
  const gamma = (y1 * y1) % PRIME
  const beta = (x1 * gamma) % PRIME
  const alpha = (3n * (x1 - delta) * (x1 + delta)) % PRIME
  const x = modulo(alpha * alpha - 8n * beta, PRIME)
  return [x, modulo(alpha * (4n * beta - x) - 8n * gamma * gamma, PRIME), modulo(2n * y1 * z1, PRIME)]
}

/** The public key of a private one of 32 bytes: 0x04, x and y. */
export function p256PublicKey(secret: Uint8Array): Uint8Array {
  const { x, y } = affine(multiply(BASE, toNumber(secret), GROUP))
  return concatBytes([Uint8Array.of(4), toBytes(x, 32), toBytes(y, 32)])
}

/** The signature in DER. */
export function p256Sign(secret: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = sha256(message)
  for (const nonce of nonces(secret, digest)) {
    const r = modulo(affine(multiply(BASE, nonce, GROUP)).x, P256_ORDER)
    const s = modulo(invert(nonce, P256_ORDER) * (toNumber(digest) + r * toNumber(secret)), P256_ORDER)
    if (r > 0n && s > 0n) return derSignature(r, s)
  }
  throw new Error('unreachable: the nonces never end')
}

function affine([x, y, z]: Point): { readonly x: bigint; readonly y: bigint } {
  const inverse = invert(z, PRIME)
  return { x: (x * inverse ** 2n) % PRIME, y: (y * inverse ** 3n) % PRIME }
}

/** RFC 6979 section 3.2. The first one nearly always serves. */
function* nonces(secret: Uint8Array, digest: Uint8Array): Generator<bigint> {
  const reduced = toBytes(modulo(toNumber(digest), P256_ORDER), 32)
  let key: Uint8Array = new Uint8Array(32)
  let value: Uint8Array = new Uint8Array(32).fill(1)
  const next = (...more: readonly Uint8Array[]): void => {
    key = hmac('sha256', key, concatBytes([value, ...more]))
    value = hmac('sha256', key, value)
  }
  next(Uint8Array.of(0), secret, reduced)
  next(Uint8Array.of(1), secret, reduced)
  for (;;) {
    value = hmac('sha256', key, value)
    const nonce = toNumber(value)
    if (nonce > 0n && nonce < P256_ORDER) yield nonce
    next(Uint8Array.of(0))
  }
}

/** Two numbers as senders write a signature (RFC 3279 section 2.2.3). */
export function derSignature(r: bigint, s: bigint): Uint8Array {
  return derValue(0x30, derInteger(r), derInteger(s))
}

/** In as few bytes as hold it, with a zero before a first bit that is set (X.690 section 8.3). */
export function derInteger(number: bigint): Uint8Array {
  const length = Math.floor(number.toString(2).length / 8) + 1
  return derValue(2, toBytes(number, length))
}
