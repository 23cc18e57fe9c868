/**
 * Rates as exact rationals, units over seconds. One unit a day has no seven-digit price per second; 1 over 86,400 has.
 *
 * @module
 */
import { type DecimalError, invalidArgument } from './errors.ts'
import type { Units } from './policy.ts'

/**
 * Whole Unix seconds, or a number of them: a safe integer or a bigint, within ±100,000,000,000 (the year 5138). What lies beyond is
 * a time in milliseconds, microseconds or nanoseconds, and is refused.
 */
export type Seconds = number | bigint

/** So many units every so many seconds. Made by {@link rateOver}; an object of this shape from a database will do too. */
export interface Rate<Scale extends number = number> {
  /** Not negative. */
  readonly units: Units<Scale>
  /** Positive, and of any size: a price of 18 decimals a second is so many units of 7 decimals every 10^11 seconds. */
  readonly seconds: bigint
}

/**
 * The rate that pays `units` over `seconds`, exactly.
 *
 * @throws DecimalError `DECIMAL_INVALID_ARGUMENT` unless the units are a non-negative bigint and the seconds a positive
 * safe integer or bigint, at most 100,000,000,000.
 *
 * @example
 * ```ts
 * const rate = rateOver(toUnits('365'), 365 * 86_400)
 * ```
 */
export function rateOver<const Scale extends number>(units: Units<Scale>, seconds: Seconds): Rate<Scale> {
  checkAmount(units, 'units')
  const duration = wholeSeconds(seconds, 'seconds')
  if (duration <= 0n) throw badTime('seconds', 'must be above zero.')
  return Object.freeze({ units, seconds: duration })
}

/** The rate of `units` a second: `rateOver(units, 1)`. */
export function ratePerSecond<const Scale extends number>(units: Units<Scale>): Rate<Scale> {
  return rateOver(units, 1)
}

/**
 * Whether a deposit pays for the rate during `seconds`. Exact: both sides are multiplied, nothing is divided.
 *
 * @throws DecimalError `DECIMAL_INVALID_ARGUMENT` for a bad rate, a negative deposit, or seconds that are negative or beyond
 * 100,000,000,000.
 */
export function covers<const Scale extends number>(
  deposit: Units<NoInfer<Scale>>,
  rate: Rate<Scale>,
  seconds: Seconds,
): boolean {
  checkRate(rate)
  const duration = lengthInSeconds(seconds, 'seconds')
  return rate.units * duration <= checkAmount(deposit, 'deposit') * rate.seconds
}

/** @internal */
export function checkRate(rate: Rate): void {
  const { units, seconds }: Rate = Object(rate)
  const isSound = typeof units === 'bigint' && units >= 0n && typeof seconds === 'bigint' && seconds > 0n
  if (!isSound) throw badRate()
}

/** @internal */
export function checkAmount(units: bigint, name: string): bigint {
  if (typeof units !== 'bigint' || units < 0n)
    throw invalidArgument(name, `${name} must be a bigint that is not negative.`)
  return units
}

// As seconds the year 5138, as milliseconds March 1973.
const MAX_SECONDS = 100_000_000_000

/** @internal A moment, or a length of time. `path` is where it stands, such as `pause.total`. */
export function wholeSeconds(seconds: unknown, path: string): bigint {
  if (typeof seconds === 'bigint') {
    if (seconds > MAX_SECONDS || seconds < -MAX_SECONDS) throw notInSeconds(path)
    return seconds
  }
  if (!Number.isInteger(seconds)) throw badTime(path, 'must be whole seconds, given as an integer or a bigint.')
  if (Math.abs(seconds as number) > MAX_SECONDS) throw notInSeconds(path)
  return BigInt(seconds as number)
}

/** @internal A length of time: not negative. */
export function lengthInSeconds(seconds: unknown, path: string): bigint {
  const length = wholeSeconds(seconds, path)
  if (length < 0n) throw badTime(path, 'must not be negative.')
  return length
}

function notInSeconds(path: string): DecimalError {
  return badTime(
    path,
    `cannot be in seconds: it is beyond ±${MAX_SECONDS}. Divide milliseconds by 1000 and round down.`,
  )
}

function badTime(path: string, problem: string): DecimalError {
  return invalidArgument(path.replace(/\..*/, ''), `${path} ${problem}`)
}

function badRate(): DecimalError {
  const parts = 'both bigints: units not negative, seconds above zero'
  return invalidArgument('rate', `rate must be { units, seconds }, ${parts}. rateOver makes one.`)
}
