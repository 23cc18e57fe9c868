// Times are Unix seconds in every option and header. The milliseconds of `Date.now()` in their place are told as what they are: taken
// for seconds, they would switch off the check that they belong to, or make a secret live for ever.

import { invalidOption, WebhookError } from '../../shared/webhook-error.ts'

/** The latest time that is taken for seconds, in the year 5138; as milliseconds it lies in 1973. */
export const MAX_UNIX_SECONDS = 1e11

/** Reads an option that is a time. `place` says where it stands, if that is more than its name. */
export function readUnixSeconds(option: string, value: unknown, place: string = option): number {
  const expected = `Unix seconds from 0 to ${MAX_UNIX_SECONDS}`
  if (isBeyondSeconds(value)) throw looksLikeMilliseconds(option, expected, place)
  if (typeof value === 'number' && value >= 0 && value <= MAX_UNIX_SECONDS) return value
  throw invalidOption(option, expected, place)
}

/** Reads what a clock gave, in whole seconds. A clock that is not a number would switch every check of time off, so it is misuse. */
export function readClock(now: unknown): number {
  if (Number.isFinite(now) && (now as number) <= MAX_UNIX_SECONDS) return Math.floor(now as number)
  throw isBeyondSeconds(now)
    ? looksLikeMilliseconds('now', 'Unix seconds', 'now')
    : invalidOption('now', 'finite Unix seconds')
}

export function systemClock(): number {
  return Date.now() / 1000
}

/** Whether a number is too large for Unix seconds. */
export function isBeyondSeconds(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) > MAX_UNIX_SECONDS
}

export function looksLikeMilliseconds(option: string, expected: string, place: string): WebhookError {
  return new WebhookError('invalid_option', `${place} looks like milliseconds: it must be ${expected}.`, option)
}
