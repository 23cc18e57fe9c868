// Step 4, timestamp: a plain number of seconds, close enough to the clock. And how one is written by a sender.

import { WebhookError } from '../../shared/webhook-error.ts'
import { type Refusal, refuse } from '../codes.ts'
import type { Checks } from './checks.ts'
import { readWholeNumber, type TimestampForm, unixSeconds } from './timestamp-formats.ts'
import { isBeyondSeconds } from './unix-seconds.ts'

/** When a delivery says that it was sent, and when it was judged. The clock is read once. */
export interface Time {
  readonly ok: true
  /** Undefined if the scheme works without one and none was sent. */
  readonly timestamp: number | undefined
  readonly now: number
}

type TimeRefusal = Refusal<'invalid_timestamp' | 'timestamp_outside_tolerance'>

export function checkTime(checks: Checks, text: string | undefined): Time | TimeRefusal {
  return checkAge(checks, text, checks.now())
}

/** The same for a time that is known already. */
export function checkAge(
  { scheme, toleranceSeconds }: Checks,
  text: string | undefined,
  now: number,
): Time | TimeRefusal {
  if (text === undefined) return { ok: true, timestamp: undefined, now }
  const timestamp = scheme.timestamp.read(text)
  if (timestamp === undefined) return refuse('invalid_timestamp', `The timestamp must be ${scheme.timestamp.form}.`)
  const age = now - timestamp
  if (Math.abs(age) <= toleranceSeconds) return { ok: true, timestamp, now }
  return refuse('timestamp_outside_tolerance', describeAge(scheme.timestamp, timestamp, age, toleranceSeconds))
}

function describeAge(form: TimestampForm, timestamp: number, age: number, toleranceSeconds: number): string {
  if (form === unixSeconds && isBeyondSeconds(timestamp))
    return 'The timestamp looks like milliseconds: this scheme sends seconds.'
  const direction = age > 0 ? 'old' : 'ahead'
  return `The timestamp is ${Math.abs(age)} seconds ${direction}; ${toleranceSeconds} are allowed.`
}

/** The text of a time to be sent, given in Unix seconds. */
export function writeTimestamp(timestamp: unknown, form: TimestampForm = unixSeconds): string {
  // An object may have no text at all, and is never a time.
  const text = typeof timestamp === 'object' ? '' : String(timestamp)
  const seconds = readWholeNumber(text)
  if (seconds === undefined) throw new WebhookError('invalid_input', 'timestamp must be whole Unix seconds.')
  if (!isBeyondSeconds(seconds)) return form.write(seconds)
  throw new WebhookError('invalid_input', 'timestamp looks like milliseconds: it must be whole Unix seconds.')
}
