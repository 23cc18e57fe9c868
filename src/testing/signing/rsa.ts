// Signing with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017 section 8.2.1), for fixtures only.

import { concatBytes } from '../../shared/bytes.ts'
import { power, toBytes, toNumber } from './numbers.ts'
import { sha256 } from './sha256.ts'

/** Section 9.2, note 1: what says that a digest is a SHA-256. */
const SHA256 = /* @__PURE__ */ Uint8Array.of(
  ...[0x30, 0x31, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32],
)

/** `modulus` without a leading zero byte: the signature has as many. */
export function rsaSign(modulus: Uint8Array, exponent: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = concatBytes([SHA256, sha256(message)])
  const filling = new Uint8Array(modulus.length - digest.length - 3).fill(0xff)
  const padded = concatBytes([Uint8Array.of(0, 1), filling, Uint8Array.of(0), digest])
  return toBytes(power(toNumber(padded), toNumber(exponent), toNumber(modulus)), modulus.length)
}
