// Step 4, timestamp: a plain number of seconds, close enough to the clock. And how one is written by a sender.

import { WebhookError } from '../../shared/webhook-error.ts'
import { type Refusal, refuse } from '../codes.ts'
import type { Checks } from './checks.ts'
import { isBeyondSeconds } from './unix-seconds.ts'

/** When a delivery says that it was sent, and when it was judged. The clock is read once. */
export interface Time {
  readonly ok: true
  /** Undefined if the scheme works without one and none was sent. */
  readonly timestamp: number | undefined
  readonly now: number
}

export function checkTime(
  { now: readNow, toleranceSeconds }: Checks,
  text: string | undefined,
): Time | Refusal<'invalid_timestamp' | 'timestamp_outside_tolerance'> {
  const now = readNow()
  if (text === undefined) return { ok: true, timestamp: undefined, now }
  const timestamp = readTimestamp(text)
  if (timestamp === undefined) {
    return refuse('invalid_timestamp', 'The timestamp must be Unix seconds in plain digits.')
  }
  const age = now - timestamp
  if (Math.abs(age) <= toleranceSeconds) return { ok: true, timestamp, now }
  return refuse('timestamp_outside_tolerance', describeAge(timestamp, age, toleranceSeconds))
}

function describeAge(timestamp: number, age: number, toleranceSeconds: number): string {
  if (isBeyondSeconds(timestamp)) return 'The timestamp looks like milliseconds: this scheme sends seconds.'
  const direction = age > 0 ? 'old' : 'ahead'
  return `The timestamp is ${Math.abs(age)} seconds ${direction}; ${toleranceSeconds} are allowed.`
}

/** Plain ASCII digits, without a sign or a leading zero, at most 2^53 - 1; undefined for any other text. */
export function readTimestamp(text: string): number | undefined {
  if (text.length > 16 || text[0] === '0') return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    value = 10 * value + digit
  }
  return value > 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined
}

/** The text of a timestamp to be sent. */
export function writeTimestamp(timestamp: unknown): string {
  // An object may have no text at all, and is never a time.
  const text = typeof timestamp === 'object' ? '' : String(timestamp)
  const seconds = readTimestamp(text)
  if (seconds === undefined) throw new WebhookError('invalid_input', 'timestamp must be whole Unix seconds.')
  if (!isBeyondSeconds(seconds)) return text
  throw new WebhookError('invalid_input', 'timestamp looks like milliseconds: it must be whole Unix seconds.')
}
