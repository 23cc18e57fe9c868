// The one file of this room that touches WebCrypto. Nothing here, and nothing it imports, is of Node.

import type { MacEngine } from './engine.ts'

/** HMAC-SHA256 (RFC 2104) and SHA-256 (FIPS 180-4) by WebCrypto. Keys are imported once and cannot be read back. */
export const webMac: MacEngine<CryptoKey> = /* @__PURE__ */ Object.freeze({
  importKey: (bytes: Uint8Array): Promise<CryptoKey> =>
    crypto.subtle.importKey('raw', bytes as BufferSource, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  async matches(
    key: CryptoKey,
    before: string,
    body: Uint8Array,
    after: string,
    candidates: readonly Uint8Array[],
  ): Promise<boolean> {
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, join(before, body, after)))
    let matches = false
    for (const candidate of candidates) matches = isSame(mac, candidate) || matches
    return matches
  },
  async digest(data: string | Uint8Array): Promise<string> {
    const bytes = typeof data === 'string' ? encoder.encode(data) : join('', data, '')
    let text = ''
    for (const byte of new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))) {
      text += byte.toString(16).padStart(2, '0')
    }
    return text
  },
})

/** No early exit and no branch on the bytes. `crypto.subtle.verify` would compute the MAC anew for each candidate. */
function isSame(mac: Uint8Array, candidate: Uint8Array): boolean {
  let difference = mac.length ^ candidate.length
  for (let i = 0; i < mac.length; i++) difference |= (mac[i] as number) ^ (candidate[i] as number)
  return difference === 0
}

/**
 * WebCrypto takes one buffer, and none that can be resized. What must be joined is written into one that is used again and again: `sign`
 * and `digest` take a copy before they return their promise (Web Cryptography API, sections 14.3.3 and 14.3.5).
 */
function join(before: string, body: Uint8Array, after: string): BufferSource {
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

/** A buffer larger than this, half a MiB, is not kept: few raise the limit of a body that far, and fewer are sent such bodies often. */
const KEPT = 2 ** 19
let scratch = /* @__PURE__ */ new Uint8Array(0)

const encoder = /* @__PURE__ */ new TextEncoder()
