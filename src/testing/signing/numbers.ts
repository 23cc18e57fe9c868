// Whole numbers of hundreds or thousands of bits, for fixtures only: nothing here takes the same time for all values, as real signing must.

/** The number that the bytes are, most significant first. */
export function toNumber(bytes: Uint8Array): bigint {
  let number = 0n
  for (const byte of bytes) number = (number << 8n) | BigInt(byte)
  return number
}

/** The number in so many bytes, most significant first. */
export function toBytes(number: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let rest = number
  for (let at = length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

/** The remainder, from 0 up to the modulus. */
export function modulo(number: bigint, modulus: bigint): bigint {
  const rest = number % modulus
  return rest < 0n ? rest + modulus : rest
}

/** `base` to the power of `exponent`, modulo `modulus`. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = modulo(base, modulus)
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The inverse modulo a prime (Fermat's little theorem). */
export function invert(number: bigint, prime: bigint): bigint {
  return power(number, prime - 2n, prime)
}

/** Adds a point to itself as often as the factor says. */
export function multiply<Point>(
  point: Point,
  factor: bigint,
  { zero, add }: { readonly zero: Point; readonly add: (one: Point, other: Point) => Point },
): Point {
  let sum = zero
  let doubled = point
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) sum = add(sum, doubled)
    doubled = add(doubled, doubled)
  }
  return sum
}
