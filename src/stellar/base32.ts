// Base32 without padding (RFC 4648 section 6), in its one canonical form.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Writes bytes as upper-case base32. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET.charAt((value >> bits) & 31)
    }
  }
  if (bits > 0) text += ALPHABET.charAt((value << (5 - bits)) & 31)
  return text
}

/**
 * Reads upper-case base32. Gives `undefined` for another character, for a length that no bytes have (1, 3 or 6 modulo 8), and for a last
 * character whose unused bits are not zero: two texts never give the same bytes.
 */
export function decodeBase32(text: string): Uint8Array | undefined {
  if ([1, 3, 6].includes(text.length % 8)) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  let written = 0
  let bits = 0
  let value = 0
  for (const character of text) {
    const digit = ALPHABET.indexOf(character)
    if (digit < 0) return undefined
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[written++] = (value >> bits) & 0xff
  }
  const unused = value & ((1 << bits) - 1)
  return unused === 0 ? bytes : undefined
}
