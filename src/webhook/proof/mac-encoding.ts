// How a signature is written in a header.

import { decodeBase64, decodeHex, encodeBase64, encodeHex } from '../../shared/encoding.ts'
import type { SignatureLength } from './key-material.ts'

/** Length of an HMAC-SHA256 in bytes (RFC 2104, FIPS 180-4). */
export const MAC_BYTES = 32

const MAC_LENGTH: SignatureLength = /* @__PURE__ */ Object.freeze({ least: MAC_BYTES, most: MAC_BYTES })

/** How a signature is written in a header. */
export interface MacEncoding {
  encode(mac: Uint8Array): string
  /** Accepts only the canonical text of bytes of this length; by default of the 32 bytes of an HMAC-SHA256. */
  decode(text: string, length?: SignatureLength): Uint8Array | undefined
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
    decode(text: string, { least, most }: SignatureLength = MAC_LENGTH): Uint8Array | undefined {
      if (text.length < 2 * least || text.length > 2 * most) return undefined
      return decodeHex(text, letters)
    },
  })
}

/** Base64 with padding (RFC 4648 section 4). Url-safe, unpadded and non-canonical texts are refused. */
export const base64: MacEncoding = /* @__PURE__ */ Object.freeze({
  form: 'base64',
  encode: encodeBase64,
  decode(text: string, { least, most }: SignatureLength = MAC_LENGTH): Uint8Array | undefined {
    // Checked first, so that a long text is never decoded.
    if (text.length > 4 * Math.ceil(most / 3)) return undefined
    const mac = decodeBase64(text)
    return mac && mac.length >= least && mac.length <= most ? mac : undefined
  },
})
