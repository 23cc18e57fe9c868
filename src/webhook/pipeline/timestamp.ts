// A delivery's timestamp: as it is received, judged, and sent.

import { WebhookError } from '../../shared/webhook-error.ts'
import { type Refusal, refuse } from '../codes.ts'
import { isBeyondSeconds } from './unix-seconds.ts'

/** The timestamp as a number; undefined where the scheme does without and none was sent. */
export function checkTimestamp(
  text: string | undefined,
  toleranceSeconds: number,
  now: number,
): number | undefined | Refusal {
  if (text === undefined) return undefined
  const timestamp = readTimestamp(text)
  if (timestamp === undefined) {
    return refuse('invalid_timestamp', 'The timestamp must be Unix seconds in plain digits.')
  }
  const age = now - timestamp
  if (Math.abs(age) <= toleranceSeconds) return timestamp
  return refuse('timestamp_outside_tolerance', describeAge(timestamp, age, toleranceSeconds))
}

function describeAge(timestamp: number, age: number, toleranceSeconds: number): string {
  if (isBeyondSeconds(timestamp)) return 'The timestamp looks like milliseconds: this scheme sends seconds.'
  return `The timestamp is ${Math.abs(age)} seconds ${age > 0 ? 'old' : 'ahead'}; ${toleranceSeconds} are allowed.`
}

/** Plain ASCII digits, no sign, no leading zero, at most 2^53 - 1; undefined for any other text. */
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
  // An object may have no text at all, and then stands for no time.
  const text = typeof timestamp === 'object' ? '' : String(timestamp)
  const seconds = readTimestamp(text)
  if (seconds === undefined) throw new WebhookError('invalid_input', 'timestamp must be whole Unix seconds.')
  if (!isBeyondSeconds(seconds)) return text
  throw new WebhookError('invalid_input', 'timestamp looks like milliseconds: it must be whole Unix seconds.')
}
