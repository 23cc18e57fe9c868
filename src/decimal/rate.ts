// Rates as exact fractions, units over seconds: one unit a day has no exact price per second in seven decimals, but 1 over 86,400 is exact.

import { invalidArgument } from './errors.ts'
import type { Units } from './policy.ts'
import { invalidTime, readDuration, readSeconds, type Seconds } from './seconds.ts'

/** A number of units every number of seconds. Made by {@link rateOver}; an object of this shape from a database works too. */
export interface Rate<Scale extends number = number> {
  /** Not negative. */
  readonly units: Units<Scale>
  /** Above zero, and as large as needed: a price per second in 18 decimals is a number of units of 7 decimals every 10^11 seconds. */
  readonly seconds: bigint
}

/**
 * The rate that pays `units` over `seconds`, exactly.
 *
 * @param units Not negative.
 * @param seconds Above zero, at most 100,000,000,000.
 * @returns The rate, frozen.
 * @throws {DecimalError} `DECIMAL_INVALID_ARGUMENT` if the units are not a bigint from 0, or the seconds not a safe integer or bigint in range.
 *
 * @example
 * ```ts
 * const rate = rateOver(toUnits('365'), 365 * 86_400)
 * ```
 */
export function rateOver<const Scale extends number>(units: Units<Scale>, seconds: Seconds): Rate<Scale> {
  checkAmount(units, 'units')
  const duration = readSeconds(seconds, 'seconds')
  if (duration <= 0n) throw invalidTime('seconds', 'must be above zero.')
  return Object.freeze({ units, seconds: duration })
}

/**
 * The rate of `units` a second: `rateOver(units, 1)`.
 *
 * @param units Not negative.
 * @returns The rate, frozen.
 * @throws {DecimalError} `DECIMAL_INVALID_ARGUMENT` if the units are not a bigint from 0.
 *
 * @example
 * ```ts
 * const rate = ratePerSecond(toUnits('0.0000116'))
 * ```
 */
export function ratePerSecond<const Scale extends number>(units: Units<Scale>): Rate<Scale> {
  return rateOver(units, 1)
}

/**
 * Whether a deposit pays for the rate during `seconds`. Exact: both sides are multiplied and nothing is divided.
 *
 * @param deposit In units, not negative.
 * @param rate A rate of the same scale.
 * @param seconds From 0 to 100,000,000,000.
 * @returns True if the deposit is enough.
 * @throws {DecimalError} `DECIMAL_INVALID_ARGUMENT` for an invalid rate, a negative deposit, or seconds out of range.
 *
 * @example
 * ```ts
 * covers(toUnits('30'), rateOver(toUnits('10'), 60), 180) // true
 * ```
 */
export function covers<const Scale extends number>(
  deposit: Units<NoInfer<Scale>>,
  rate: Rate<Scale>,
  seconds: Seconds,
): boolean {
  checkRate(rate)
  const duration = readDuration(seconds, 'seconds')
  checkAmount(deposit, 'deposit')
  return rate.units * duration <= deposit * rate.seconds
}

export function checkRate(rate: Rate): void {
  const { units, seconds }: Rate = Object(rate)
  const isValid = typeof units === 'bigint' && units >= 0n && typeof seconds === 'bigint' && seconds > 0n
  if (isValid) return
  const shape = '{ units, seconds } with two bigints: units not negative, seconds above zero'
  throw invalidArgument('rate', `rate must be ${shape}. Make it with rateOver.`)
}

export function checkAmount(units: bigint, name: string): void {
  if (typeof units === 'bigint' && units >= 0n) return
  throw invalidArgument(name, `${name} must be a bigint that is not negative.`)
}
