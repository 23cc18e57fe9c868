// The MACs and digests of WebCrypto. No other file of this room touches it. Neither this file nor anything it imports needs Node.

import { encodeHex } from '../../shared/encoding.ts'
import type { MacEngine, SignedContent } from './engine.ts'

/** HMAC-SHA256 (RFC 2104) and SHA-256 (FIPS 180-4) by WebCrypto. Keys are imported once and cannot be read back. */
export const webMac: MacEngine<CryptoKey> = /* @__PURE__ */ Object.freeze({
  importKey: (bytes: Uint8Array): Promise<CryptoKey> =>
    crypto.subtle.importKey('raw', bytes as BufferSource, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  async matches(key: CryptoKey, content: SignedContent, candidates: readonly Uint8Array[]): Promise<boolean> {
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, join(content)))
    let matches = false
    for (const candidate of candidates) matches = isSame(mac, candidate) || matches
    return matches
  },
  async digest(data: string | Uint8Array): Promise<string> {
    const bytes = typeof data === 'string' ? encoder.encode(data) : join({ before: '', body: data, after: '' })
    return encodeHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  },
})

/** The HMAC-SHA256 of the content. */
export async function webSign(key: CryptoKey, content: SignedContent): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, join(content)))
}

/** Exits nowhere early and never branches on the bytes. `crypto.subtle.verify` would compute the MAC again for each candidate. */
function isSame(mac: Uint8Array, candidate: Uint8Array): boolean {
  let difference = mac.length ^ candidate.length
  // Past the end of a candidate there is nothing to compare with: the lengths differ already.
  for (let i = 0; i < mac.length; i++) difference |= (mac[i] ?? 0) ^ (candidate[i] ?? 0)
  return difference === 0
}

/**
 * WebCrypto takes one buffer, and not one that can be resized. What must be joined is written into a buffer that is used again and again:
 * `sign` and `digest` take a copy before they return their promise (Web Cryptography API, sections 14.3.3 and 14.3.5).
 */
function join({ before, body, after }: SignedContent): BufferSource {
  if (before === '' && after === '' && !(body.buffer as { resizable?: boolean }).resizable) return body as BufferSource
  // Text of n UTF-16 units has at most 3n bytes of UTF-8.
  const most = 3 * (before.length + after.length) + body.length
  if (scratch.length < most) scratch = new Uint8Array(2 * most)
  const buffer = scratch
  if (most > KEPT) scratch = new Uint8Array(0)
  let length = encoder.encodeInto(before, buffer).written
  buffer.set(body, length)
  length += body.length
  length += encoder.encodeInto(after, buffer.subarray(length)).written
  return buffer.subarray(0, length)
}

/** A buffer larger than half a MiB is not kept: few applications raise the body limit that far, and large bodies are rare even there. */
const KEPT = 2 ** 19
let scratch = /* @__PURE__ */ new Uint8Array(0)

const encoder = /* @__PURE__ */ new TextEncoder()
