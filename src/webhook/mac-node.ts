// The one file of this room that touches node:crypto.

import * as crypto from 'node:crypto'
import type { SyncMacEngine } from './mac.ts'

/** A key as HMAC uses it (RFC 2104): padded to a block, then XORed with the inner and with the outer pad. */
export interface NodeKey {
  readonly bytes: Uint8Array
  readonly inner: Uint8Array
  readonly outer: Uint8Array
}

/** HMAC-SHA256 (RFC 2104) and SHA-256 (FIPS 180-4) by node:crypto, synchronously. */
export const nodeMac: SyncMacEngine<NodeKey> = /* @__PURE__ */ Object.freeze({
  importKey(bytes: Uint8Array): NodeKey {
    const block = new Uint8Array(BLOCK)
    block.set(bytes.length > BLOCK ? crypto.createHash('sha256').update(bytes).digest() : bytes)
    return { bytes, inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) }
  },
  mac(key: NodeKey, before: string, body: Uint8Array, after: string): Uint8Array {
    const isShort = before.length + body.length + after.length <= ONE_SHOT
    return isShort && oneShot ? macOfShort(oneShot, key, before, body, after) : macOfLong(key, before, body, after)
  },
  equal: (a: Uint8Array, b: Uint8Array): boolean => crypto.timingSafeEqual(a, b),
  digest: (data: string | Uint8Array): string =>
    oneShot ? oneShot('sha256', data, 'hex') : crypto.createHash('sha256').update(data).digest('hex'),
})

/** SHA-256's block and digest, in bytes. */
const BLOCK = 64
const DIGEST = 32

function macOfLong(key: NodeKey, before: string, body: Uint8Array, after: string): Uint8Array {
  const hmac = crypto.createHmac('sha256', key.bytes)
  if (before !== '') hmac.update(before)
  hmac.update(body)
  if (after !== '') hmac.update(after)
  return hmac.digest()
}

// Making a Hmac object costs more than hashing a few KiB. For short messages the definition itself is quicker:
//
//   HMAC(key, message) = H(outer pad || H(inner pad || message))
//
// as two calls of the one-shot `crypto.hash` (Node 20.12 and later), over one buffer that is used again and again. That is safe because
// everything between the first write and the last read is synchronous. Digests travel as `latin1` text, a character a byte, which is the
// cheapest form that crosses from C++. Where the function is missing, or the message so long that copying it costs more than is saved,
// createHmac does the work. bench/verify.mjs has the figures; RFC 4231 and a comparison with createHmac over key lengths stand in the tests.
const ONE_SHOT = 4096
type OneShotHash = (algorithm: 'sha256', data: string | Uint8Array, encoding: 'hex' | 'latin1') => string
const oneShot = crypto.hash as OneShotHash | undefined
// Text of n UTF-16 units has at most 3n bytes of UTF-8.
const scratch = /* @__PURE__ */ Buffer.alloc(BLOCK + 3 * ONE_SHOT)
const finish = /* @__PURE__ */ Buffer.alloc(BLOCK + DIGEST)

function macOfShort(hash: OneShotHash, key: NodeKey, before: string, body: Uint8Array, after: string): Uint8Array {
  scratch.set(key.inner)
  let length = BLOCK + scratch.write(before, BLOCK)
  scratch.set(body, length)
  length += body.length
  if (after !== '') length += scratch.write(after, length)
  finish.set(key.outer)
  finish.write(hash('sha256', scratch.subarray(0, length), 'latin1'), BLOCK, 'latin1')
  return Buffer.from(hash('sha256', finish, 'latin1'), 'latin1')
}
