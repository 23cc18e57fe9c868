// The few structures of DER (ITU-T X.690) that keys and ECDSA signatures need. Lengths beyond 65,535 do not occur in them.

import { concatBytes } from '../../../shared/bytes.ts'

/** A value with its tag and length. */
export function derValue(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(parts)
  return concatBytes([Uint8Array.of(tag, ...lengthOctets(content.length)), content])
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  return [0x82, length >> 8, length & 0xff]
}

/** The content of the one value that the bytes are, and nothing after it; undefined if they are anything else, or not in DER. */
export function derContent(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  const [first, ...rest] = derValues(bytes) ?? []
  return first?.tag === tag && rest.length === 0 ? first.content : undefined
}

/** The values that the bytes are, one after the other; undefined if they are not in DER. */
export function derValues(bytes: Uint8Array): { tag: number; content: Uint8Array }[] | undefined {
  const values: { tag: number; content: Uint8Array }[] = []
  let at = 0
  while (at < bytes.length) {
    const length = readLength(bytes, at + 1)
    if (!length || length.end + length.value > bytes.length) return undefined
    values.push({ tag: bytes[at] ?? 0, content: bytes.subarray(length.end, length.end + length.value) })
    at = length.end + length.value
  }
  return values
}

/** Section 10.1: in as few octets as possible. */
function readLength(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  const first = bytes[at]
  if (first === undefined) return undefined
  if (first < 0x80) return { value: first, end: at + 1 }
  const second = bytes[at + 1] ?? 0
  if (first === 0x81) return second >= 0x80 ? { value: second, end: at + 2 } : undefined
  if (first !== 0x82 || second === 0) return undefined
  return { value: (second << 8) | (bytes[at + 2] ?? 0), end: at + 3 }
}
