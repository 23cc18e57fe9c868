// The MACs and digests of node:crypto. No other file of this room touches it.

import * as crypto from 'node:crypto'
import type { ImmediateMacEngine, SignedContent } from './engine.ts'
import { MAC_BYTES } from './mac-encoding.ts'

/** A key as HMAC uses it (RFC 2104): padded to a block, then XORed with the inner and with the outer pad. */
export interface NodeKey {
  readonly bytes: Uint8Array
  readonly inner: Uint8Array
  readonly outer: Uint8Array
}

/** An engine that can sign too. */
interface NodeMac extends ImmediateMacEngine<NodeKey> {
  /** The HMAC-SHA256 of the content: 32 bytes. */
  mac(key: NodeKey, content: SignedContent): Uint8Array
}

/** HMAC-SHA256 (RFC 2104) and SHA-256 (FIPS 180-4) by node:crypto, synchronously. */
export const nodeMac: NodeMac = /* @__PURE__ */ Object.freeze({
  importKey(bytes: Uint8Array): NodeKey {
    const block = new Uint8Array(BLOCK)
    block.set(bytes.length > BLOCK ? crypto.createHash('sha256').update(bytes).digest() : bytes)
    return { bytes, inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) }
  },
  mac: (key: NodeKey, content: SignedContent): Uint8Array => Uint8Array.from(computeMac(key, content)),
  matches(key: NodeKey, content: SignedContent, candidates: readonly Uint8Array[]): boolean {
    computeMac(key, content)
    let matches = false
    for (const candidate of candidates) {
      if (candidate.length !== MAC_BYTES) continue
      received.set(candidate)
      matches = crypto.timingSafeEqual(computed, received) || matches
    }
    return matches
  },
  digest: (data: string | Uint8Array): string =>
    oneShot ? oneShot('sha256', data, 'hex') : crypto.createHash('sha256').update(data).digest('hex'),
})

/** SHA-256's block, in bytes. */
const BLOCK = 64

// Creating an Hmac object costs more than hashing a few KiB. For short messages it is faster to follow the definition,
//
//   HMAC(key, message) = H(outer pad || H(inner pad || message))
//
// with two calls of the one-shot `crypto.hash` (Node 20.12 and later) over one buffer that is used again and again. That is safe because
// everything between the first write and the last read is synchronous. Digests travel as `latin1` text, one character a byte, which is the
// cheapest form to get out of C++. If the function is missing, or the message is so long that copying it costs more than this saves,
// createHmac does the work. bench/verify.mjs has the figures; the tests have RFC 4231 and a comparison with createHmac over key lengths.
const ONE_SHOT = 4096
type OneShotHash = (algorithm: 'sha256', data: string | Uint8Array, encoding: 'hex' | 'latin1') => string
const oneShot = crypto.hash as OneShotHash | undefined
// Text of n UTF-16 units has at most 3n bytes of UTF-8.
const memory = /* @__PURE__ */ new ArrayBuffer(BLOCK + 3 * ONE_SHOT)
const scratch = /* @__PURE__ */ Buffer.from(memory)
const finish = /* @__PURE__ */ Buffer.alloc(BLOCK + MAC_BYTES)
const computed = /* @__PURE__ */ Buffer.alloc(MAC_BYTES)
const received = /* @__PURE__ */ Buffer.alloc(MAC_BYTES)

/** Leaves the MAC in `computed`, which the next call overwrites. */
function computeMac(key: NodeKey, { before, body, after }: SignedContent): Uint8Array {
  if (!oneShot || before.length + body.length + after.length > ONE_SHOT) {
    crypto.createHmac('sha256', key.bytes).update(before).update(body).update(after).digest().copy(computed)
    return computed
  }
  scratch.set(key.inner)
  let length = BLOCK + writeText(before, BLOCK)
  scratch.set(body, length)
  length += body.length
  length += writeText(after, length)
  finish.set(key.outer)
  finish.write(oneShot('sha256', new Uint8Array(memory, 0, length), 'latin1'), BLOCK, 'latin1')
  computed.write(oneShot('sha256', finish, 'latin1'), 'latin1')
  return computed
}

/** Writes a text into the scratch buffer and returns how many bytes it took. Most texts are a few digits, which need no call into C++. */
function writeText(text: string, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 127) return scratch.write(text, at)
    scratch[at + i] = unit
  }
  return text.length
}
