// Whole seconds: moments and lengths of time, with milliseconds refused.

import { type DecimalError, invalidArgument } from './errors.ts'

/**
 * Whole Unix seconds, or a number of seconds: a safe integer or a bigint, within ±100,000,000,000 (the year 5138). Anything beyond that
 * is taken for milliseconds, microseconds or nanoseconds, and is refused.
 */
export type Seconds = number | bigint

// As seconds this is the year 5138, as milliseconds March 1973.
const MAX_SECONDS = 100_000_000_000

/** Reads a moment or a length of time. `path` is where it comes from, such as `pause.total`. */
export function readSeconds(seconds: unknown, path: string): bigint {
  if (typeof seconds !== 'bigint' && !(typeof seconds === 'number' && Number.isInteger(seconds))) {
    throw invalidTime(path, 'must be whole seconds, given as an integer or a bigint.')
  }
  if (seconds > MAX_SECONDS || seconds < -MAX_SECONDS) {
    const problem = `cannot be in seconds: it is beyond ±${MAX_SECONDS}.`
    throw invalidTime(path, `${problem} Divide milliseconds by 1000 and round down.`)
  }
  return BigInt(seconds)
}

/** Reads a length of time, which must not be negative. */
export function readDuration(seconds: unknown, path: string): bigint {
  const duration = readSeconds(seconds, path)
  if (duration < 0n) throw invalidTime(path, 'must not be negative.')
  return duration
}

/** Reads a moment that may be missing. */
export function readOptionalSeconds(seconds: Seconds | null | undefined, path: string): bigint | undefined {
  if (seconds === null || seconds === undefined) return undefined
  return readSeconds(seconds, path)
}

/** The error for a time. Its `reason` is the argument that holds the time: the first name in the path. */
export function invalidTime(path: string, problem: string): DecimalError {
  return invalidArgument(path.replace(/\..*/, ''), `${path} ${problem}`)
}
