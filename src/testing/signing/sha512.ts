// SHA-512 (FIPS 180-4 section 6.4), for fixtures only. Its words have 64 bits, and are held in two halves: with bigints, a body of the
// largest size would take seconds.

import { concatBytes } from '../../shared/bytes.ts'

const BLOCK = 128
const ROUNDS = 80

export function sha512(message: Uint8Array): Uint8Array {
  const padded = concatBytes([message, padding(message.length)])
  let state = INITIAL
  for (let at = 0; at < padded.length; at += BLOCK) state = compress(state, new DataView(padded.buffer, at, BLOCK))
  const digest = new DataView(new ArrayBuffer(64))
  for (const [index, [high, low]] of state.entries()) {
    digest.setInt32(8 * index, high)
    digest.setInt32(8 * index + 4, low)
  }
  return new Uint8Array(digest.buffer)
}

/** Section 5.1.2: a one bit, zeros up to the end of a block, and before it the message's length in bits, as 128 bits. */
function padding(length: number): Uint8Array {
  const zeros = (2 * BLOCK - 1 - 16 - (length % BLOCK)) % BLOCK
  const bytes = new Uint8Array(1 + zeros + 16)
  bytes[0] = 0x80
  new DataView(bytes.buffer).setBigUint64(1 + zeros + 8, 8n * BigInt(length))
  return bytes
}

/** 64 bits: the upper 32, and the lower. */
type Word = readonly [high: number, low: number]
type State = readonly [Word, Word, Word, Word, Word, Word, Word, Word]

function compress(state: State, block: DataView): State {
  const words = schedule(block)
  let [a, b, c, d, e, f, g, h] = state
  for (let t = 0; t < ROUNDS; t++) {
    const choice: Word = [(e[0] & f[0]) ^ (~e[0] & g[0]), (e[1] & f[1]) ^ (~e[1] & g[1])]
    const majority: Word = [
      (a[0] & b[0]) ^ (a[0] & c[0]) ^ (b[0] & c[0]),
      (a[1] & b[1]) ^ (a[1] & c[1]) ^ (b[1] & c[1]),
    ]
    const first = add(h, rotations(e, 14, 18, 41), choice, wordAt(CONSTANTS, t), wordAt(words, t))
    const second = add(rotations(a, 28, 34, 39), majority)
    h = g
    g = f
    f = e
    e = add(d, first)
    d = c
    c = b
    b = a
    a = add(first, second)
  }
  const [a0, b0, c0, d0, e0, f0, g0, h0] = state
  return [add(a0, a), add(b0, b), add(c0, c), add(d0, d), add(e0, e), add(f0, f), add(g0, g), add(h0, h)]
}

/** The message schedule: the block's 16 words, and 64 that are mixed from those before them. */
function schedule(block: DataView): Word[] {
  const words: Word[] = []
  for (let t = 0; t < 16; t++) words.push([block.getInt32(8 * t), block.getInt32(8 * t + 4)])
  for (let t = 16; t < ROUNDS; t++) {
    const [early, late] = [wordAt(words, t - 15), wordAt(words, t - 2)]
    const sigma0 = xor(rotate(early, 1), rotate(early, 8), shift(early, 7))
    const sigma1 = xor(rotate(late, 19), rotate(late, 61), shift(late, 6))
    words.push(add(wordAt(words, t - 16), sigma0, wordAt(words, t - 7), sigma1))
  }
  return words
}

/** Addition modulo 2^64. */
function add(...terms: readonly Word[]): Word {
  let high = 0
  let low = 0
  for (const term of terms) {
    high += term[0]
    low += term[1] >>> 0
  }
  return [(high + Math.floor(low / 2 ** 32)) | 0, low | 0]
}

function rotations(word: Word, one: number, other: number, third: number): Word {
  return xor(rotate(word, one), rotate(word, other), rotate(word, third))
}

function xor(one: Word, other: Word, third: Word): Word {
  return [one[0] ^ other[0] ^ third[0], one[1] ^ other[1] ^ third[1]]
}

/** To the right, by 1 to 63 bits, but not by 32. */
function rotate([high, low]: Word, by: number): Word {
  if (by > 32) return rotate([low, high], by - 32)
  return [(high >>> by) | (low << (32 - by)), (low >>> by) | (high << (32 - by))]
}

/** To the right, by 1 to 31 bits, with zeros from the left. */
function shift([high, low]: Word, by: number): Word {
  return [high >>> by, (low >>> by) | (high << (32 - by))]
}

function wordAt(words: readonly Word[], index: number): Word {
  return words[index] ?? [0, 0]
}

// Sections 4.2.3 and 5.3.5: the first 64 bits of the fractional parts of the cube roots of the first 80 primes, and of the square roots of
// the first 8. They are computed, since nobody can check a table by eye.
const PRIMES: readonly bigint[] = /* @__PURE__ */ firstPrimes(ROUNDS)
const CONSTANTS: readonly Word[] = /* @__PURE__ */ PRIMES.map((prime) => fractionOfRoot(prime, 3n))
const INITIAL: State = /* @__PURE__ */ initialState()

function initialState(): State {
  const [a, b, c, d, e, f, g, h] = PRIMES.map((prime) => fractionOfRoot(prime, 2n))
  const none: Word = [0, 0]
  return [a ?? none, b ?? none, c ?? none, d ?? none, e ?? none, f ?? none, g ?? none, h ?? none]
}

function fractionOfRoot(number: bigint, degree: bigint): Word {
  const root = wholeRoot(number << (64n * degree), degree)
  return [Number(BigInt.asIntN(32, root >> 32n)), Number(BigInt.asIntN(32, root))]
}

/** The root without its fraction, bit by bit from above. */
function wholeRoot(number: bigint, degree: bigint): bigint {
  let root = 0n
  for (let bit = 1n << 72n; bit > 0n; bit >>= 1n) {
    if ((root | bit) ** degree <= number) root |= bit
  }
  return root
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = []
  for (let candidate = 2n; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate)
  }
  return primes
}
