// Timestamps in the wrong form or too far away, each signed as it is written.

import * as fc from 'fast-check'
import type { WebhookScheme } from '../../../webhook/schemes/scheme.ts'
import { writeHeaders } from '../../draft.ts'
import type { Scope, Tamper } from './tampering.ts'

export function wrongTimestamps({ scheme }: Scope): fc.Arbitrary<Tamper>[] {
  if (!hasTimestamp(scheme)) return []
  return [
    fc.constant(wrong('negative', (text) => `-${text}`)),
    fc.constant(wrong('with a sign', (text) => `+${text}`)),
    fc.constant(wrong('with a leading zero', (text) => `0${text}`)),
    fc
      .constantFrom('.0', '.5', 'e0', 's', 'n', '_')
      .map((end) => wrong('with something behind it', (text) => text + end)),
    fc.constant(wrong('in hexadecimal', (text) => `0x${Number(text).toString(16)}`)),
    fc.constant(wrong('as a date', (text) => new Date(Math.min(Number(text) * 1000, 8.64e15)).toISOString())),
    fc
      .constantFrom('0', 'NaN', 'Infinity', '1e9', 'now', '9007199254740993', '9'.repeat(400))
      .map((text) => wrong('not a time', () => text)),
  ]
}

function wrong(how: string, change: (timestamp: string) => string): Tamper {
  return (draft) => {
    const timestamp = change(draft.timestamp)
    return { tampering: `timestamp ${how}: ${timestamp}`, headers: writeHeaders({ ...draft, timestamp }) }
  }
}

export function farTimestamps({ scheme, toleranceSeconds, marginSeconds }: Scope): fc.Arbitrary<Tamper>[] {
  if (!hasTimestamp(scheme)) return []
  const edge = toleranceSeconds + marginSeconds + 1
  const distance = fc.oneof(fc.nat(10), fc.nat(100_000_000)).map((more) => edge + more)
  return [
    distance.map((seconds) => at(`timestamp ${seconds} seconds away`, (now) => away(now, seconds))),
    distance.map((seconds) => at(`timestamp ${seconds} seconds ahead`, (now) => now + seconds)),
    fc.constant(at('timestamp in milliseconds', (now) => Math.max(1000 * now, now + edge))),
  ]
}

function at(tampering: string, time: (now: number) => number): Tamper {
  return (draft, now) => ({ tampering, headers: writeHeaders({ ...draft, timestamp: String(time(now)) }) })
}

/** In the past, or else in the future: for a receiver whose clock is near zero, no time is old enough. */
function away(now: number, seconds: number): number {
  if (now - seconds >= 1) return now - seconds
  return now + seconds
}

function hasTimestamp(scheme: WebhookScheme): boolean {
  return scheme.signature.carriesTimestamp || scheme.headers.timestamp.length > 0
}
