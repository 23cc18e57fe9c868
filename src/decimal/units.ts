// The arithmetic of amounts: the digits of a sound text to exact units.

import { isNegative, type Scan } from './grammar.ts'

const ZERO = 48

/** Index of the first decimal beyond the scale that is not zero; -1 if there is none. */
export function findExcess(text: string, { point }: Scan, scale: number): number {
  for (let at = point + 1 + scale; at < text.length; at++) {
    if (text.charCodeAt(at) !== ZERO) return at
  }
  return -1
}

/** The units of a text that has no fault and no excess. */
export function unitsOf(text: string, parts: Scan, scale: number): bigint {
  // Most amounts fit into a double, which is far quicker than a bigint. Doubles are exact up to 2^53 - 1, and rounding never brings a
  // larger number back below 2^53: a result that is small enough is exact.
  const units = shift(parts.digits, scale - countDecimals(parts))
  const magnitude = units <= Number.MAX_SAFE_INTEGER ? toBigInt(units) : largeUnits(text, parts, scale)
  if (!isNegative(text)) return magnitude
  // Unlike `-magnitude`, this throws if an overridden built-in gave anything but a bigint.
  return 0n - magnitude
}

function largeUnits(text: string, parts: Scan, scale: number): bigint {
  const missing = scale - countDecimals(parts)
  if (missing >= 0 && parts.digits <= Number.MAX_SAFE_INTEGER) return toBigInt(parts.digits) * powerOfTen(missing)
  const whole = text.slice(parts.start, parts.point)
  const decimals = text.slice(parts.point + 1, parts.point + 1 + scale)
  const kept = BigInt(whole + decimals)
  return missing > 0 ? kept * powerOfTen(missing) : kept
}

function countDecimals({ point, end }: Scan): number {
  return point < end ? end - point - 1 : 0
}

// The powers of ten that a double holds exactly.
const POWERS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

/** `integer * 10^places` as a double. Not a safe integer if `places` is beyond the table. */
function shift(integer: number, places: number): number {
  return integer * (POWERS[places] ?? Number.POSITIVE_INFINITY)
}

const bigPowers: bigint[] = []

/** 10 to the power of a whole number from 0. */
export function powerOfTen(exponent: number): bigint {
  const known = bigPowers[exponent]
  if (known !== undefined) return known
  const power = 10n ** BigInt(exponent)
  bigPowers[exponent] = power
  return power
}

const word: DataView = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8))

/** The bigint of a safe integer from 0: twice as fast as `BigInt(integer)`. */
function toBigInt(integer: number): bigint {
  word.setInt32(0, integer / 2 ** 32)
  word.setInt32(4, integer)
  return word.getBigInt64(0)
}
