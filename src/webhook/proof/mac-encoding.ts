// How a MAC is written in a header.

import { decodeBase64, decodeHex, encodeBase64, encodeHex } from '../../shared/encoding.ts'

/** Length of an HMAC-SHA256 in bytes (RFC 2104, FIPS 180-4). */
export const MAC_BYTES = 32

/** How a MAC is written in a header. `decode` accepts only the canonical text of exactly 32 bytes. */
export interface MacEncoding {
  encode(mac: Uint8Array): string
  decode(text: string): Uint8Array | undefined
  /** Its name, which messages show in angle brackets: `hex`, `base64`. */
  readonly form?: string
}

/** Lower-case hexadecimal. */
export const hex: MacEncoding = /* @__PURE__ */ hexEncoding('lower case')

/** Hexadecimal, written in lower case and read in either case. */
export const hexAnyCase: MacEncoding = /* @__PURE__ */ hexEncoding('any case')

function hexEncoding(letters: 'lower case' | 'any case'): MacEncoding {
  return Object.freeze({
    form: 'hex',
    encode: encodeHex,
    decode(text: string): Uint8Array | undefined {
      if (text.length !== 2 * MAC_BYTES) return undefined
      return decodeHex(text, letters)
    },
  })
}

/** Base64 with padding (RFC 4648 section 4). Url-safe, unpadded and non-canonical texts are refused. */
export const base64: MacEncoding = /* @__PURE__ */ Object.freeze({
  form: 'base64',
  encode: encodeBase64,
  decode(text: string): Uint8Array | undefined {
    // Checked first, so that a long text is never decoded. 44 characters are 31, 32 or 33 bytes, depending on the padding.
    if (text.length !== 44) return undefined
    const mac = decodeBase64(text)
    return mac?.length === MAC_BYTES ? mac : undefined
  },
})
