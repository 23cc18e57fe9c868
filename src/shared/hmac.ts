// HMAC-SHA256 in plain, synchronous JavaScript, for test fixtures only: an arbitrary must sign synchronously, WebCrypto answers with a
// promise, and node:crypto is not available everywhere. Nothing is ever verified with it, so it is neither fast nor constant-time.

import { concatBytes } from './bytes.ts'

/** HMAC (RFC 2104) over SHA-256 (FIPS 180-4). */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = keyBlock(key)
  const innerPad = block.map((byte) => byte ^ 0x36)
  const outerPad = block.map((byte) => byte ^ 0x5c)
  return sha256(concatBytes([outerPad, sha256(concatBytes([innerPad, message]))]))
}

/** RFC 2104 section 2: the key, or the hash of a key that is longer than a block, filled up with zeros. */
function keyBlock(key: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK)
  if (key.length > BLOCK) block.set(sha256(key))
  else block.set(key)
  return block
}

/** SHA-256 (FIPS 180-4 section 6.2). */
export function sha256(message: Uint8Array): Uint8Array {
  let state = INITIAL
  const padded = concatBytes([message, padding(message.length)])
  for (let at = 0; at < padded.length; at += BLOCK) state = compress(state, new DataView(padded.buffer, at, BLOCK))
  const digest = new DataView(new ArrayBuffer(4 * state.length))
  for (const [index, word] of state.entries()) digest.setUint32(4 * index, word)
  return new Uint8Array(digest.buffer)
}

/** Section 5.1.1: a one bit, zeros up to the end of a block, and before it the message's length in bits, as 64 bits. */
function padding(length: number): Uint8Array {
  const zeros = (2 * BLOCK - 1 - 8 - (length % BLOCK)) % BLOCK
  const bytes = new Uint8Array(1 + zeros + 8)
  bytes[0] = 0x80
  const tail = new DataView(bytes.buffer, 1 + zeros)
  tail.setUint32(0, Math.floor(length / 2 ** 29))
  tail.setUint32(4, length << 3)
  return bytes
}

const BLOCK = 64

/** Eight words of 32 bits. */
type State = readonly [number, number, number, number, number, number, number, number]

/** Section 6.2.2, for one block. */
function compress(state: State, block: DataView): State {
  const words = schedule(block)
  let [a, b, c, d, e, f, g, h] = state
  for (let t = 0; t < 64; t++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const first = h + sum1 + ((e & f) ^ (~e & g)) + wordAt(CONSTANTS, t) + wordAt(words, t)
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const second = sum0 + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  const [a0, b0, c0, d0, e0, f0, g0, h0] = state
  return [add(a0, a), add(b0, b), add(c0, c), add(d0, d), add(e0, e), add(f0, f), add(g0, g), add(h0, h)]
}

/** The message schedule: the block's 16 words, and 48 that are mixed from those before them. */
function schedule(block: DataView): Uint32Array {
  const words = new Uint32Array(64)
  for (let t = 0; t < 16; t++) words[t] = block.getUint32(4 * t)
  for (let t = 16; t < 64; t++) {
    const [early, late] = [wordAt(words, t - 15), wordAt(words, t - 2)]
    const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    words[t] = wordAt(words, t - 16) + sigma0 + wordAt(words, t - 7) + sigma1
  }
  return words
}

/** Addition modulo 2^32. */
function add(one: number, other: number): number {
  return (one + other) | 0
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}

function wordAt(words: Uint32Array, index: number): number {
  return words[index] as number
}

// Sections 4.2.2 and 5.3.3: the first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of
// the first 8. They are computed, since nobody can check a table by eye. A double has room for the integer part and 32 bits of fraction.
const PRIMES: readonly number[] = /* @__PURE__ */ firstPrimes(64)
const CONSTANTS: Uint32Array = /* @__PURE__ */ fractions(PRIMES, Math.cbrt)
const INITIAL: State = /* @__PURE__ */ initialState()

function initialState(): State {
  const words: readonly number[] = [...fractions(PRIMES.slice(0, 8), Math.sqrt)]
  return words as State
}

function fractions(primes: readonly number[], root: (value: number) => number): Uint32Array {
  return Uint32Array.from(primes, (prime) => (root(prime) % 1) * 2 ** 32)
}

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}
