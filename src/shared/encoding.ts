// Bytes and how they are written as text: hexadecimal and base64. Decoding is strict: each value has one text, and any other is undefined.

const HEX = '0123456789abcdef'
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Writes bytes in lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15)
  return text
}

/** Reads hexadecimal of any length. Letters must be lower-case unless `letters` is `'any case'`. */
export function decodeHex(text: string, letters: 'lower case' | 'any case' = 'lower case'): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined
  const values = letters === 'lower case' ? LOWER_CASE : ANY_CASE
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const high = values[text.charCodeAt(2 * i)] ?? INVALID
    const low = values[text.charCodeAt(2 * i + 1)] ?? INVALID
    if ((high | low) === INVALID) return undefined
    bytes[i] = (high << 4) | low
  }
  return bytes
}

const INVALID = 255
const LOWER_CASE = /* @__PURE__ */ digitValues(HEX)
const ANY_CASE = /* @__PURE__ */ digitValues(HEX, HEX.toUpperCase())
const BASE64_VALUES = /* @__PURE__ */ digitValues(BASE64)

/** The value of each ASCII character as a digit; 255 if it is not one. */
function digitValues(...alphabets: string[]): Uint8Array {
  const values = new Uint8Array(128).fill(INVALID)
  for (const alphabet of alphabets) {
    for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value
  }
  return values
}

/** Writes bytes in base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3)
    text += BASE64.charAt(a >> 2) + BASE64.charAt(((a & 3) << 4) | (b >> 4))
    text += BASE64.charAt(((b & 15) << 2) | (c >> 6)) + BASE64.charAt(c & 63)
  }
  const missing = (3 - (bytes.length % 3)) % 3
  return text.slice(0, text.length - missing) + '='.repeat(missing)
}

/** Reads base64 with padding (RFC 4648 section 4). Undefined unless the text is exactly what `encodeBase64` writes for some bytes. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const digits = text.length - paddingOf(text)
  const bytes = new Uint8Array((text.length / 4) * 3 - (text.length - digits))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < digits; i++) {
    const value = BASE64_VALUES[text.charCodeAt(i)] ?? INVALID
    if (value === INVALID) return undefined
    bits = ((bits << 6) | value) & 0xfff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at++] = bits >> held
    }
  }
  // Bits left over after the last byte must be zero. Otherwise one value could be written in several ways.
  return (bits & ((1 << held) - 1)) === 0 ? bytes : undefined
}

/** How many `=` are at the end, up to two. */
function paddingOf(text: string): number {
  if (!text.endsWith('=')) return 0
  return text.endsWith('==') ? 2 : 1
}

/**
 * Reads base64 as people put it in configuration: standard or url-safe alphabet, padded or not, bits after the last byte ignored.
 * Undefined for other characters, wrong padding, and a single digit left over, which is less than a byte.
 */
export function decodeBase64Loosely(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, '')
  const left = digits.length % 4
  if (left === 1 || (digits !== text && text.length % 4 !== 0)) return undefined
  const standard = digits.replaceAll('-', '+').replaceAll('_', '/')
  if (left === 0) return decodeBase64(standard)
  const spareBits = left === 2 ? 4 : 2
  const last = BASE64.indexOf(standard.slice(-1))
  if (last < 0) return undefined
  const canonical = BASE64.charAt((last >> spareBits) << spareBits)
  return decodeBase64(standard.slice(0, -1) + canonical + '='.repeat(4 - left))
}
