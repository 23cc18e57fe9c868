// SHA-1 (FIPS 180-4 section 6.1.2), for fixtures only: some senders still use it in an HMAC.

import { hashBlocks } from './merkle-damgard.ts'

export function sha1(message: Uint8Array): Uint8Array {
  return hashBlocks(message, INITIAL, compress)
}

const INITIAL: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]

/** Five words of 32 bits. */
type State = readonly [number, number, number, number, number]

function compress(state: State, block: DataView): State {
  const words = schedule(block)
  let [a, b, c, d, e] = state
  for (const [t, word] of words.entries()) {
    const next = (rotate(a, 5) + mix(t, b, c, d) + e + word) | 0
    e = d
    d = c
    c = rotate(b, 30)
    b = a
    a = next
  }
  const [a0, b0, c0, d0, e0] = state
  return [(a0 + a) | 0, (b0 + b) | 0, (c0 + c) | 0, (d0 + d) | 0, (e0 + e) | 0]
}

/** The message schedule: the block's 16 words, and 64 that are mixed from those before them. */
function schedule(block: DataView): Int32Array {
  const words = new Int32Array(80)
  for (let t = 0; t < 16; t++) words[t] = block.getInt32(4 * t)
  for (let t = 16; t < 80; t++) {
    const earlier = [words[t - 3], words[t - 8], words[t - 14], words[t - 16]]
    words[t] = rotate(
      earlier.reduce<number>((mixed, word = 0) => mixed ^ word, 0),
      1,
    )
  }
  return words
}

/** Sections 4.1.1 and 4.2.1: the function of each step, and its constant. */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) ^ (~b & d)) + 0x5a827999
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (t < 60) return ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc
  return (b ^ c ^ d) + 0xca62c1d6
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}
