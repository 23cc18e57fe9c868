// Digests of texts.

import { encodeHex } from '../../shared/encoding.ts'

/** The digest of a text's UTF-8 bytes, in hexadecimal. */
export async function hexDigest(algorithm: 'SHA-1' | 'SHA-256', text: string): Promise<string> {
  const digest = await crypto.subtle.digest(algorithm, new TextEncoder().encode(text))
  return encodeHex(new Uint8Array(digest))
}
