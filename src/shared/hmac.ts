// HMAC-SHA256 in plain, synchronous JavaScript, for fixtures only: an arbitrary must sign where it stands, and WebCrypto answers by promise
// while node:crypto is not everywhere. Nothing is ever verified by it, so it need not be fast, nor constant in time.

/**
 * HMAC (RFC 2104) over SHA-256 (FIPS 180-4).
 *
 * @internal
 */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK)
  block.set(key.length > BLOCK ? sha256(key) : key)
  const inner = sha256(
    concatBytes(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  )
  return sha256(
    concatBytes(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  )
}

/** @internal SHA-256 (FIPS 180-4 section 6.2). */
export function sha256(message: Uint8Array): Uint8Array {
  const state = INITIAL.slice()
  const whole = message.length - (message.length % BLOCK)
  for (let at = 0; at < whole; at += BLOCK)
    compress(state, new DataView(message.buffer, message.byteOffset + at, BLOCK))
  // Section 5.1.1: a one bit, zeros, and the length in bits as 64 bits, up to the end of a block.
  const rest = message.subarray(whole)
  const padded = new Uint8Array(rest.length < BLOCK - 8 ? BLOCK : 2 * BLOCK)
  padded.set(rest)
  padded[rest.length] = 0x80
  const tail = new DataView(padded.buffer)
  tail.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29))
  tail.setUint32(padded.length - 4, message.length << 3)
  for (let at = 0; at < padded.length; at += BLOCK) compress(state, new DataView(padded.buffer, at, BLOCK))
  const digest = new DataView(new ArrayBuffer(32))
  for (let word = 0; word < 8; word++) digest.setUint32(4 * word, state[word] as number)
  return new Uint8Array(digest.buffer)
}

/** @internal */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** @internal The bytes with one bit changed, the bits of each byte counted from its least. */
export function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice()
  changed[bit >> 3]! ^= 1 << (bit & 7)
  return changed
}

const BLOCK = 64

/** Section 6.2.2, one block. */
function compress(state: Uint32Array, block: DataView): void {
  const words = new Uint32Array(64)
  for (let t = 0; t < 16; t++) words[t] = block.getUint32(4 * t)
  for (let t = 16; t < 64; t++) {
    const [early, late] = [words[t - 15] as number, words[t - 2] as number]
    const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    words[t] = (words[t - 16] as number) + sigma0 + (words[t - 7] as number) + sigma1
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let t = 0; t < 64; t++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const first = (h + sum1 + ((e & f) ^ (~e & g)) + (CONSTANTS[t] as number) + (words[t] as number)) | 0
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] as number) + word
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}

// Sections 4.2.2 and 5.3.3: the first 32 bits of the fractional parts of the cube (square) roots of the first 64 (8) primes. Computed
// rather than copied: nobody can check a table by eye. A double holds the integer part and 32 bits of fraction with room to spare.
const PRIMES: readonly number[] = /* @__PURE__ */ firstPrimes(64)
const CONSTANTS: Uint32Array = /* @__PURE__ */ fractions(PRIMES, Math.cbrt)
const INITIAL: Uint32Array = /* @__PURE__ */ fractions(PRIMES.slice(0, 8), Math.sqrt)

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
