// A clock that only a test moves.

import { invalidOption } from '../shared/webhook-error.ts'

/** A clock that stands still until a test moves it. */
export interface FakeClock {
  /** The time in Unix seconds. Works on its own as the `now` option of a verifier, a receiver or a signer. */
  now(): number
  /** The same time as a Date, for `reorgHealth` and `assessFreshness`. */
  date(): Date
  /** Moves the clock by some seconds, back if negative, and returns the new time. */
  advance(seconds: number): number
  /** Sets the clock to Unix seconds. */
  set(seconds: number): void
}

/**
 * Makes a clock that stands still until a test moves it.
 *
 * @param start Unix seconds, 1,700,000,000 by default (14 November 2023).
 * @returns A clock whose methods also work on their own.
 * @throws {WebhookError} `invalid_option` for a time that is not in finite seconds. `advance` and `set` throw the same.
 *
 * @example
 * ```ts
 * const clock = fakeClock()
 * const verifier = createWebhookVerifier({ secrets: 'topsecret', now: clock.now })
 * clock.advance(301) // a delivery that was signed before is now too old
 * ```
 */
export function fakeClock(start = 1_700_000_000): FakeClock {
  let time = readTime('start', start)
  return Object.freeze({
    now: () => time,
    date: () => new Date(time * 1000),
    advance(seconds: number): number {
      time += readTime('seconds', seconds)
      return time
    },
    set(seconds: number): void {
      time = readTime('seconds', seconds)
    },
  })
}

function readTime(option: string, value: number): number {
  if (typeof value === 'number' && Math.abs(value) <= MAX_SECONDS) return value
  throw invalidOption(option, 'finite seconds, not milliseconds')
}

/** The year 5138. A larger number is a time in milliseconds. */
const MAX_SECONDS = 1e11
