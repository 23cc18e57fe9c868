// The same time, written in another way than it was signed.

import { type Change, change } from '../../change.ts'

/** Another text for the time that is signed. */
export interface TimeChange extends Change {
  readonly timestamp: string
}

export function* contentTimes(received: string | undefined): Generator<TimeChange> {
  if (received === undefined) return
  const found = (what: string, timestamp: string) => ({
    ...change('content_timestamp', `content: time ${what}`),
    timestamp,
  })
  const trimmed = received.trim().replace(/^["']|["']$/g, '')
  if (trimmed !== received) yield found('trimmed', trimmed)
  const milliseconds = readMilliseconds(trimmed)
  if (milliseconds === undefined || Math.abs(milliseconds) > MAX_DATE) return
  const seconds = Math.floor(milliseconds / 1000)
  const iso = new Date(milliseconds).toISOString()
  yield found('in seconds', String(seconds))
  yield found('in milliseconds', String(Math.floor(milliseconds)))
  yield found('in milliseconds, the last three digits zero', String(1000 * seconds))
  yield found('in seconds with decimals', (milliseconds / 1000).toFixed(3))
  yield found('in seconds with one decimal', `${seconds}.0`)
  yield found('as an ISO 8601 date with milliseconds', iso)
  yield found('as an ISO 8601 date', iso.replace(/\.\d+Z$/, 'Z'))
  yield found('as an ISO 8601 date with +00:00', iso.replace(/\.\d+Z$/, '+00:00'))
  yield found('as an HTTP date', new Date(milliseconds).toUTCString())
}

const MAX_DATE = 8.64e15

/** Unix seconds, Unix milliseconds or a date. */
function readMilliseconds(text: string): number | undefined {
  if (/^\d{1,16}(?:\.\d{1,9})?$/.test(text)) {
    const number = Number(text)
    return number > 1e11 ? number : 1000 * number
  }
  const date = text.length <= 40 ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date
}
