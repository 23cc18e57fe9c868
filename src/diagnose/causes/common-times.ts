// The timestamps of several deliveries, compared with each other.

import { toBytes } from '../../webhook/pipeline/body.ts'
import type { Finding } from '../finding.ts'
import { type DiagnoseInput, readInput } from '../input.ts'
import { fact, hint } from '../make-finding.ts'
import { readReceivedBody } from '../received-body.ts'
import { readSubject } from '../search/subject.ts'

/** When a delivery says that it was sent. */
export interface DeliveryTime {
  readonly text: string | undefined
  readonly deliveryId: string | undefined
  /** How far it is behind the clock, in seconds; negative if it is ahead. */
  readonly age: number | undefined
  readonly isOutside: boolean
}

export function readTime(input: DiagnoseInput): DeliveryTime {
  const { scheme, headers, target, body, checks, nowSeconds } = readInput(input)
  const received = readReceivedBody(toBytes(body) ?? new Uint8Array(), '')
  const { timestamp: text, deliveryId } = readSubject(scheme, headers, received, target)
  const timestamp = text === undefined ? undefined : scheme.timestamp.read(text)
  const age = timestamp === undefined ? undefined : nowSeconds - timestamp
  return { text, deliveryId, age, isOutside: age !== undefined && Math.abs(age) > checks.toleranceSeconds }
}

/** A finding, and how many deliveries it is about. */
export interface CommonFinding {
  readonly finding: Finding
  readonly count: number
}

/** Two clocks drift by less than this while a few deliveries arrive. */
const SAME_SECONDS = 10

/** One skew for all of them is a clock that is wrong, here or at the sender. */
export function sameSkew(times: readonly DeliveryTime[]): Finding[] {
  const ages = times.flatMap(({ age, isOutside }) => (age !== undefined && isOutside ? [age] : []))
  if (ages.length < 2 || ages.length < times.length) return []
  const [least, most] = [Math.min(...ages), Math.max(...ages)]
  const isReused = new Set(times.map(({ text }) => text)).size === 1
  if (most - least > SAME_SECONDS || isReused) return []
  const direction = least > 0 ? 'behind' : 'ahead of'
  const message = `All ${ages.length} timestamps are ${Math.abs(least)} seconds ${direction} the clock here, to within ${most - least}: one of the two clocks is wrong.`
  return [fact('clock_skew', message)]
}

/** One timestamp for several attempts of a delivery is a sender that does not sign anew. */
export function reusedTimes(times: readonly DeliveryTime[]): CommonFinding[] {
  const groups = new Map<string, DeliveryTime[]>()
  for (const time of times) {
    if (time.text !== undefined) groups.set(time.text, [...(groups.get(time.text) ?? []), time])
  }
  return [...groups.values()].flatMap((group) => {
    const count = group.length
    if (count < 2) return []
    const message = `${count} deliveries have the same timestamp.`
    const ids = new Set(group.map(({ deliveryId }) => deliveryId))
    const isOneDelivery = ids.size < count && !ids.has(undefined)
    if (isOneDelivery) return [{ finding: fact('timestamp_reused', `${message} They have the same id too.`), count }]
    if (!group.some(({ isOutside }) => isOutside)) return []
    return [{ finding: hint('timestamp_reused', message), count }]
  })
}
