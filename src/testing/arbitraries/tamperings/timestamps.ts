// Timestamps in the wrong form or too far away, each signed as it is written.

import * as fc from 'fast-check'
import { unixMilliseconds, unixSeconds } from '../../../webhook/pipeline/timestamp-formats.ts'
import type { WebhookScheme } from '../../../webhook/schemes/scheme.ts'
import { writeDelivery } from '../../draft.ts'
import { type Scope, secondsOf, type Tamper } from './tampering.ts'

export function wrongTimestamps({ scheme }: Scope): fc.Arbitrary<Tamper>[] {
  if (!hasTimestamp(scheme)) return []
  return [
    fc.constant(wrong('negative', (text) => `-${text}`)),
    fc.constant(wrong('with a sign', (text) => `+${text}`)),
    fc.constant(wrong('with a leading zero', (text) => `0${text}`)),
    fc
      .constantFrom('.0', '.5', 'e0', 's', 'n', '_')
      .map((end) => wrong('with something behind it', (text) => text + end)),
    fc.constant(wrong('in hexadecimal', (_, seconds) => `0x${seconds.toString(16)}`)),
    fc.constant(inOtherForm(scheme)),
    fc
      .constantFrom('0', 'NaN', 'Infinity', '1e9', 'now', '9007199254740993', '9'.repeat(400))
      .map((text) => wrong('not a time', () => text)),
  ]
}

/** A date in place of a number, or a number in place of a date. */
function inOtherForm(scheme: WebhookScheme): Tamper {
  if (scheme.timestamp.read('1') === undefined) return wrong('as a number', (_, seconds) => String(seconds))
  return wrong('as a date', (_, seconds) => new Date(Math.min(seconds * 1000, 8.64e15)).toISOString())
}

function wrong(how: string, change: (timestamp: string, seconds: number) => string): Tamper {
  return (draft) => {
    const timestamp = change(draft.timestamp, secondsOf(draft))
    return { tampering: `timestamp ${how}: ${timestamp}`, ...writeDelivery({ ...draft, timestamp }) }
  }
}

export function farTimestamps({ scheme, toleranceSeconds, marginSeconds }: Scope): fc.Arbitrary<Tamper>[] {
  if (!hasTimestamp(scheme)) return []
  const edge = toleranceSeconds + marginSeconds + 1
  const distance = fc.oneof(fc.nat(10), fc.nat(100_000_000)).map((more) => edge + more)
  return [
    distance.map((seconds) => at(`timestamp ${seconds} seconds away`, (now) => away(now, seconds))),
    distance.map((seconds) => at(`timestamp ${seconds} seconds ahead`, (now) => now + seconds)),
    ...inOtherUnit(scheme, edge),
  ]
}

/** A receiver that takes seconds where it should take milliseconds, or the other way round, checks no age at all. */
function inOtherUnit(scheme: WebhookScheme, edge: number): fc.Arbitrary<Tamper>[] {
  if (scheme.timestamp.form === unixSeconds.form)
    return [fc.constant(at('timestamp in milliseconds', (now) => Math.max(1000 * now, now + edge)))]
  if (scheme.timestamp.form !== unixMilliseconds.form) return []
  return [
    fc.constant<Tamper>((draft, now) => {
      const isFar = now - Math.floor(now / 1000) >= edge
      const timestamp = isFar ? String(now) : scheme.timestamp.write(now + edge)
      return { tampering: `timestamp in seconds: ${timestamp}`, ...writeDelivery({ ...draft, timestamp }) }
    }),
  ]
}

function at(tampering: string, time: (now: number) => number): Tamper {
  return (draft, now) => {
    const timestamp = draft.scheme.timestamp.write(time(now))
    return { tampering, ...writeDelivery({ ...draft, timestamp }) }
  }
}

/** In the past, or else in the future: for a receiver whose clock is near zero, no time is old enough. */
function away(now: number, seconds: number): number {
  if (now - seconds >= 1) return now - seconds
  return now + seconds
}

function hasTimestamp(scheme: WebhookScheme): boolean {
  const isInBody = scheme.bodyFields?.timestamp !== undefined
  return isInBody || scheme.signature.carriesTimestamp || scheme.headers.timestamp.length > 0
}
