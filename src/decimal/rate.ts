/**
 * Rates as exact rationals, units over seconds. One unit a day has no seven-digit price per second; 1 over 86,400 has.
 *
 * @module
 */
import { misuse } from './errors.ts'
import type { Units } from './policy.ts'

/** Whole Unix seconds, or a number of them: a safe integer or a bigint. Never milliseconds. */
export type Seconds = number | bigint

/** So many units every so many seconds. Made by {@link rateOver}; an object of this shape from a database will do too. */
export interface Rate<Scale extends number = number> {
  /** Not negative. */
  readonly units: Units<Scale>
  /** Positive. */
  readonly seconds: bigint
}

/**
 * The rate that pays `units` over `seconds`, exactly.
 *
 * @throws DecimalError `DECIMAL_INVALID_ARGUMENT` unless the units are a non-negative bigint and the seconds a positive
 * safe integer or bigint.
 *
 * @example
 * ```ts
 * const rate = rateOver(toUnits('365'), 365 * 86_400)
 * ```
 */
export function rateOver<const Scale extends number>(units: Units<Scale>, seconds: Seconds): Rate<Scale> {
  checkAmount(units, 'units')
  const duration = wholeSeconds(seconds, 'seconds')
  if (duration <= 0n) throw misuse('ARGUMENT', 'seconds')
  return Object.freeze({ units, seconds: duration })
}

/** The rate of `units` a second: `rateOver(units, 1)`. */
export function ratePerSecond<const Scale extends number>(units: Units<Scale>): Rate<Scale> {
  return rateOver(units, 1)
}

/**
 * Whether a deposit pays for the rate during `seconds`. Exact: both sides are multiplied, nothing is divided.
 *
 * @throws DecimalError `DECIMAL_INVALID_ARGUMENT` for a bad rate, a negative deposit or negative seconds.
 */
export function covers<const Scale extends number>(
  deposit: Units<NoInfer<Scale>>,
  rate: Rate<Scale>,
  seconds: Seconds,
): boolean {
  checkRate(rate)
  const duration = wholeSeconds(seconds, 'seconds')
  if (duration < 0n) throw misuse('ARGUMENT', 'seconds')
  return rate.units * duration <= checkAmount(deposit, 'deposit') * rate.seconds
}

/** @internal */
export function checkRate(rate: Rate): void {
  const { units, seconds }: Rate = Object(rate)
  checkAmount(units, 'rate')
  if (typeof seconds !== 'bigint' || seconds <= 0n) throw misuse('ARGUMENT', 'rate')
}

/** @internal */
export function checkAmount(units: unknown, name: string): bigint {
  if (typeof units !== 'bigint' || units < 0n) throw misuse('ARGUMENT', name)
  return units
}

/** @internal */
export function wholeSeconds(seconds: unknown, name: string): bigint {
  if (typeof seconds === 'bigint') return seconds
  if (!Number.isSafeInteger(seconds)) throw misuse('ARGUMENT', name)
  return BigInt(seconds as number)
}
