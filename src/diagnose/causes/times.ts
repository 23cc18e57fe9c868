// What is wrong with a timestamp: its form, its unit, or how far it is from the clock.

import { unixMilliseconds, unixSeconds } from '../../webhook/pipeline/timestamp-formats.ts'
import { MAX_UNIX_SECONDS } from '../../webhook/pipeline/unix-seconds.ts'
import type { Finding } from '../finding.ts'
import { fact } from '../make-finding.ts'
import type { Subject } from '../search/subject.ts'

interface Clock {
  readonly nowSeconds: number
  readonly toleranceSeconds: number
}

/** `isGenuine`: whether the signature is known to be the sender's. Only then is an error of whole quarters of an hour more than chance. */
export function timeFacts({ scheme, timestamp: text }: Subject, clock: Clock, isGenuine: boolean): Finding[] {
  if (text === undefined) return []
  const unit = otherUnit(text, scheme.timestamp)
  if (unit !== undefined) return [fact('timestamp_milliseconds', unit)]
  const timestamp = scheme.timestamp.read(text)
  if (timestamp === undefined) {
    const message = `The timestamp is not ${scheme.timestamp.form}${isGenuine ? ', though the signature covers it as it is' : ''}.`
    return [fact('content_timestamp', message)]
  }
  const age = clock.nowSeconds - timestamp
  if (Math.abs(age) <= clock.toleranceSeconds) return []
  if (isGenuine && isZone(age)) return [fact('timestamp_zone', describeZone(age))]
  return [fact('clock_skew', describeSkew(age, clock.toleranceSeconds))]
}

function otherUnit(text: string, form: Subject['scheme']['timestamp']): string | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (form === unixSeconds && number > MAX_UNIX_SECONDS)
    return 'The timestamp is in milliseconds; the scheme has seconds.'
  if (form === unixMilliseconds && number <= MAX_UNIX_SECONDS) {
    return 'The timestamp is in seconds; the scheme has milliseconds.'
  }
  return undefined
}

const QUARTER = 900
const WIDEST = 14 * 3600
/** How long a delivery takes, and how far two clocks are apart. */
const NEAR = 10

function isZone(age: number): boolean {
  const distance = Math.abs(age)
  const rest = distance % QUARTER
  if (distance < QUARTER - NEAR || distance > WIDEST + NEAR) return false
  return rest <= NEAR || QUARTER - rest <= NEAR
}

function describeZone(age: number): string {
  const minutes = 15 * Math.round(Math.abs(age) / QUARTER)
  if (age < 0) return `The timestamp is ${minutes} minutes ahead, to within seconds: a time zone.`
  return `The timestamp is ${minutes} minutes behind, to within seconds: a time zone, or else a retry that kept its first timestamp.`
}

function describeSkew(age: number, toleranceSeconds: number): string {
  const direction = age > 0 ? 'behind' : 'ahead of'
  return `The timestamp is ${Math.abs(age)} seconds ${direction} the clock here; ${toleranceSeconds} are allowed.`
}
