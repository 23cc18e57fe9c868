// HMAC (RFC 2104), by SHA-256, and by the two hashes that some senders use in its place.

import type { KeyMaterial, MacHash, Proof } from './key-material.ts'

/** HMAC-SHA256: the default of every scheme. */
export const hmacSha256: Proof = /* @__PURE__ */ hmacBy('sha256', 32)

/** HMAC-SHA512. */
export const hmacSha512: Proof = /* @__PURE__ */ hmacBy('sha512', 64)

/** HMAC-SHA1. SHA-1 collides, which does not break an HMAC (RFC 6194 section 3.3); but choose SHA-256 where you have the choice. */
export const hmacSha1: Proof = /* @__PURE__ */ hmacBy('sha1', 20)

function hmacBy(hash: Exclude<MacHash, 'sha384'>, bytes: number): Proof {
  return Object.freeze({
    algorithm: `hmac-${hash}` as const,
    length: Object.freeze({ least: bytes, most: bytes }),
    readKey(secret: string | Uint8Array, toBytes: (text: string) => Uint8Array | undefined): KeyMaterial | undefined {
      const key = typeof secret === 'string' ? toBytes(secret) : secret
      return key && { kind: 'hmac', hash, bytes: key }
    },
  })
}
