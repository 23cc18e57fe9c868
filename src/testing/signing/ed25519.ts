// Signing with Ed25519 (RFC 8032 section 5.1), for fixtures only.

import { concatBytes } from '../../shared/bytes.ts'
import { invert, modulo, multiply, toBytes, toNumber } from './numbers.ts'
import { sha512 } from './sha512.ts'

/** The order of the group that signatures are computed in. */
export const ED25519_ORDER: bigint = 2n ** 252n + 27742317777372353535851937790883648493n

const PRIME = 2n ** 255n - 19n
const D = /* @__PURE__ */ modulo(-121665n * invert(121666n, PRIME), PRIME)

/** In extended coordinates (section 5.1.4): x = X/Z, y = Y/Z, xy = T/Z. */
type Point = readonly [X: bigint, Y: bigint, Z: bigint, T: bigint]

const X = 15112221349535400772501151409588531511454012693041857206046113283949847762202n
const Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960n
const BASE: Point = /* @__PURE__ */ Object.freeze([X, Y, 1n, (X * Y) % PRIME] as const)
const GROUP = { zero: [0n, 1n, 1n, 0n], add } as const

function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = (y1 - x1) * (y2 - x2)
  const b = (y1 + x1) * (y2 + x2)
  const c = 2n * D * modulo(t1 * t2, PRIME)
  const d = 2n * z1 * z2
  const [e, f, g, h] = [b - a, d - c, d + c, b + a].map((each) => modulo(each, PRIME))
  return [product(e, f), product(g, h), product(f, g), product(e, h)]
}

function product(one = 0n, other = 0n): bigint {
  return (one * other) % PRIME
}

/** Section 5.1.2: y, least significant byte first, with the parity of x as its highest bit. */
function encode([x, y, z]: Point): Uint8Array {
  const inverse = invert(z, PRIME)
  return littleEndian(((product(x, inverse) & 1n) << 255n) | product(y, inverse))
}

/** The public key of a private one, both of 32 bytes. Each signature needs it, so it is kept. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const known = publicKeys.get(seed)
  if (known) return known
  const key = encode(multiply(BASE, expand(seed).scalar, GROUP))
  publicKeys.set(seed, key)
  return key
}

const publicKeys = /* @__PURE__ */ new WeakMap<Uint8Array, Uint8Array>()

export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const { scalar, prefix } = expand(seed)
  const nonce = hashToNumber(prefix, message)
  const start = encode(multiply(BASE, nonce, GROUP))
  const challenge = hashToNumber(start, ed25519PublicKey(seed), message)
  return concatBytes([start, littleEndian(modulo(nonce + challenge * scalar, ED25519_ORDER))])
}

/** Section 5.1.5. */
function expand(seed: Uint8Array): { readonly scalar: bigint; readonly prefix: Uint8Array } {
  const hash = sha512(seed)
  const bits = toNumber(hash.slice(0, 32).reverse())
  return { scalar: (bits & (2n ** 254n - 8n)) | (1n << 254n), prefix: hash.slice(32) }
}

function hashToNumber(...parts: readonly Uint8Array[]): bigint {
  return modulo(toNumber(sha512(concatBytes(parts)).reverse()), ED25519_ORDER)
}

/** A number as Ed25519 writes it: 32 bytes, least significant first. */
export function littleEndian(number: bigint): Uint8Array {
  return toBytes(number, 32).reverse()
}
