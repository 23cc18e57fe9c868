// Putting bytes together, comparing and changing them. How bytes are written as text is in encoding.ts.

/** One array with the bytes of all parts, in order. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** A copy of the bytes with one bit changed. In each byte, bit 0 is the least significant one. */
export function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice()
  changed[bit >> 3]! ^= 1 << (bit & 7)
  return changed
}

/** Whether the bytes are the same, in constant time: it goes over all of `expected`, and never branches on the bytes. */
export function isSameBytes(expected: Uint8Array, received: Uint8Array): boolean {
  let difference = expected.length ^ received.length
  // Past the end of what was received there is nothing to compare with: the lengths differ already.
  for (let i = 0; i < expected.length; i++) difference |= (expected[i] ?? 0) ^ (received[i] ?? 0)
  return difference === 0
}
