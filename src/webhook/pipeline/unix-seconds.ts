// Times are Unix seconds in every option and header. Milliseconds, as `Date.now()` gives them, are recognised and named: taken for seconds,
// they would switch off the check that they are for, or let a secret live forever.

import { invalidOption, WebhookError } from '../../shared/webhook-error.ts'

/** The latest time that counts as seconds, in the year 5138. As milliseconds it would be in 1973. */
export const MAX_UNIX_SECONDS = 1e11

/** Reads an option that is a time. `place` is its full path, such as `secrets[1].expiresAt`, if that is more than its name. */
export function readUnixSeconds(option: string, value: unknown, place: string = option): number {
  const expected = `Unix seconds from 0 to ${MAX_UNIX_SECONDS}`
  if (isBeyondSeconds(value)) throw looksLikeMilliseconds(option, expected, place)
  if (typeof value === 'number' && value >= 0 && value <= MAX_UNIX_SECONDS) return value
  throw invalidOption(option, expected, place)
}

/** Reads what a clock gave, in whole seconds. With a clock that is not a number every check of time would pass, so it is misuse. */
export function readClock(now: unknown): number {
  if (isBeyondSeconds(now)) throw looksLikeMilliseconds('now', 'Unix seconds', 'now')
  if (typeof now === 'number' && Number.isFinite(now)) return Math.floor(now)
  throw invalidOption('now', 'finite Unix seconds')
}

export function systemClock(): number {
  return Date.now() / 1000
}

/** Whether a value is a number too large to be Unix seconds. */
export function isBeyondSeconds(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > MAX_UNIX_SECONDS
}

export function looksLikeMilliseconds(option: string, expected: string, place: string): WebhookError {
  return new WebhookError('invalid_option', `${place} looks like milliseconds: it must be ${expected}.`, option)
}
