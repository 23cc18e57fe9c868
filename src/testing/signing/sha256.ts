// SHA-256 (FIPS 180-4 section 6.2) in plain, synchronous JavaScript, for test fixtures only: an arbitrary must sign synchronously, WebCrypto
// answers with a promise, and node:crypto is not available everywhere. Nothing is ever verified with it, so it is neither fast nor constant-time.

import { hashBlocks } from './merkle-damgard.ts'

export function sha256(message: Uint8Array): Uint8Array {
  return hashBlocks(message, INITIAL, compress)
}

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
