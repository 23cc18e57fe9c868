// Bytes and their written forms. Decoding is strict: one text for one value, or undefined.

/** Length in bytes of an HMAC-SHA256, the one MAC that all schemes here use (RFC 2104, FIPS 180-4). */
export const MAC_BYTES = 32

/** How a MAC is written in a header. `decode` takes only the canonical text of exactly 32 bytes. */
export interface MacEncoding {
  encode(mac: Uint8Array): string
  decode(text: string): Uint8Array | undefined
  /** Its name, as messages write it in angle brackets: `hex`, `base64`. */
  readonly form?: string
}

const HEX = '0123456789abcdef'
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const INVALID = 255

/** Lower-case hexadecimal. */
export const hex: MacEncoding = /* @__PURE__ */ hexEncoding(HEX)

/** Hexadecimal that is written in lower case and read in either. */
export const hexAnyCase: MacEncoding = /* @__PURE__ */ hexEncoding(HEX, 'ABCDEF')

/** Base64 with padding (RFC 4648 section 4); url-safe, unpadded and non-canonical texts are refused. */
export const base64: MacEncoding = /* @__PURE__ */ Object.freeze({
  form: 'base64',
  encode: encodeBase64,
  decode(text: string): Uint8Array | undefined {
    // 44 characters are 33 bytes without padding, 32 with one sign of it and 31 with two.
    const mac = text.length === 44 ? decodeBase64(text) : undefined
    return mac?.length === MAC_BYTES ? mac : undefined
  },
})

/** UTF-8 bytes of a text, or undefined where it holds a lone surrogate and so has no UTF-8 form. */
export function utf8(text: string): Uint8Array | undefined {
  return text.isWellFormed() ? encoder.encode(text) : undefined
}

/** Decodes base64 in whole groups of four characters; undefined for anything that is not the canonical text of some bytes. */
function decodeBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const digits = text.length - padding
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < digits; i++) {
    const value = BASE64.indexOf(text[i] as string)
    if (value < 0) return undefined
    bits = ((bits << 6) | value) & 0xfff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at++] = bits >> held
    }
  }
  // Bits left over beyond the last byte must be zero, or several texts would stand for one value.
  return (bits & ((1 << held) - 1)) === 0 ? bytes : undefined
}

/**
 * Decodes base64 as it is found in configuration: in the standard or the url-safe alphabet, padded or not, bits beyond the last byte
 * ignored. Undefined for other characters, for wrong padding, and for a digit left alone, which is no byte.
 */
export function decodeBase64Loosely(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, '')
  const left = digits.length % 4
  if (left === 1 || (digits !== text && text.length % 4 !== 0)) return undefined
  if (left === 0) return decodeBase64(toStandardAlphabet(digits))
  const spareBits = left === 2 ? 4 : 2
  const last = BASE64.indexOf(toStandardAlphabet(digits.slice(-1)))
  if (last < 0) return undefined
  const canonical = BASE64[(last >> spareBits) << spareBits] as string
  return decodeBase64(toStandardAlphabet(digits.slice(0, -1)) + canonical + '='.repeat(4 - left))
}

function toStandardAlphabet(digits: string): string {
  return digits.replaceAll('-', '+').replaceAll('_', '/')
}

function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] as number, bytes[i + 1], bytes[i + 2]]
    text += BASE64[a >> 2] as string
    text += BASE64[((a & 3) << 4) | ((b ?? 0) >> 4)] as string
    text += b === undefined ? '=' : (BASE64[((b & 15) << 2) | ((c ?? 0) >> 6)] as string)
    text += c === undefined ? '=' : (BASE64[c & 63] as string)
  }
  return text
}

function hexEncoding(lower: string, upper = ''): MacEncoding {
  const nibbles = new Uint8Array(128).fill(INVALID)
  for (let value = 0; value < 16; value++) nibbles[lower.charCodeAt(value)] = value
  for (let letter = 0; letter < upper.length; letter++) nibbles[upper.charCodeAt(letter)] = 10 + letter
  return Object.freeze({
    form: 'hex',
    encode(mac: Uint8Array): string {
      let text = ''
      for (const byte of mac) text += (HEX[byte >> 4] as string) + (HEX[byte & 15] as string)
      return text
    },
    decode(text: string): Uint8Array | undefined {
      if (text.length !== 2 * MAC_BYTES) return undefined
      const bytes = new Uint8Array(MAC_BYTES)
      for (let i = 0; i < MAC_BYTES; i++) {
        const high = nibbles[text.charCodeAt(2 * i)] ?? INVALID
        const low = nibbles[text.charCodeAt(2 * i + 1)] ?? INVALID
        if ((high | low) === INVALID) return undefined
        bytes[i] = (high << 4) | low
      }
      return bytes
    },
  })
}

const encoder = /* @__PURE__ */ new TextEncoder()
