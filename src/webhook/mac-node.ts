// The one file of this room that touches node:crypto.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { SyncMacEngine } from './mac.ts'

/** HMAC-SHA256 (RFC 2104) and SHA-256 (FIPS 180-4) by node:crypto, synchronously. */
export const nodeMac: SyncMacEngine<Uint8Array> = /* @__PURE__ */ Object.freeze({
  importKey: (bytes: Uint8Array): Uint8Array => bytes,
  mac(key: Uint8Array, before: string, body: Uint8Array, after: string): Uint8Array {
    const hmac = createHmac('sha256', key)
    if (before !== '') hmac.update(before)
    hmac.update(body)
    if (after !== '') hmac.update(after)
    return hmac.digest()
  },
  equal: (a: Uint8Array, b: Uint8Array): boolean => timingSafeEqual(a, b),
  digest: (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex'),
})
