// Step 1, headers: finds the headers of a delivery, and gives each field its value.

import { type Refusal, refuse } from '../codes.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import { toRereadable, visitHeaders, type WantedNames } from './headers.ts'
import { lengthsOf } from './name-lengths.ts'

/** What a header of a delivery is for. */
export type HeaderField = keyof WebhookScheme['headers'] | 'contentEncoding'

/** Which headers to look for, prepared once for each verifier. */
export interface HeaderPlan extends WantedNames {
  readonly headers: ReadonlyMap<string, WantedHeader>
}

interface WantedHeader {
  readonly field: HeaderField
  readonly slot: number
  /** Whether the field has other names too. */
  readonly hasAliases: boolean
}

/** Where the value of each field is kept while the headers are read. Kept by name instead, `verify` would take 3 percent longer. */
const SLOTS: Readonly<Record<HeaderField, number>> = {
  deliveryId: 0,
  timestamp: 1,
  signature: 2,
  event: 3,
  contentEncoding: 4,
}

/** The value of each field. Several values are joined by `, `, as a transport would (RFC 9110 section 5.3). */
export interface FoundHeaders extends Readonly<Record<HeaderField, string | undefined>> {
  readonly ok: true
  /** The fields that have more than one value. */
  readonly repeated: readonly HeaderField[]
  /** The headers that were read, in a form that can be read again. */
  readonly bag: unknown
}

export function planHeaders(names: WebhookScheme['headers']): HeaderPlan {
  const headers = new Map<string, WantedHeader>()
  const add = (field: HeaderField, ofField: readonly string[]): void => {
    const header = { field, slot: SLOTS[field], hasAliases: new Set(ofField).size > 1 }
    for (const name of ofField) headers.set(name, { ...header }) // an object for each name: that is how `aliasesSeen` tells them apart
  }
  add('deliveryId', names.deliveryId)
  add('timestamp', names.timestamp)
  add('signature', names.signature)
  add('event', names.event)
  add('contentEncoding', ['content-encoding'])
  return { headers, names: [...headers.keys()], lengths: lengthsOf(headers.keys()) }
}

/** Finds the headers of a plan in a bag of any kind. */
export function findHeaders(plan: HeaderPlan, given: unknown): FoundHeaders | Refusal<'ambiguous_header'> {
  const bag = toRereadable(given)
  const values: (string | undefined)[] = [undefined, undefined, undefined, undefined, undefined]
  let aliasesSeen: readonly WantedHeader[] = NO_HEADERS
  let repeated: readonly HeaderField[] = NONE
  const visitor = (name: string, value: string): void => {
    const header = plan.headers.get(name) ?? plan.headers.get(name.toLowerCase())
    if (!header) return
    const { field, slot, hasAliases } = header
    const former = values[slot]
    if (former === undefined) values[slot] = value
    // A sender that renames a header may send both names for a while: equal values count as one. The same name twice never does.
    else if (!hasAliases || former !== value || aliasesSeen.includes(header)) {
      values[slot] = `${former}, ${value}`
      if (!repeated.includes(field)) repeated = [...repeated, field]
    }
    if (hasAliases && !aliasesSeen.includes(header)) aliasesSeen = [...aliasesSeen, header]
  }
  if (!visitHeaders(bag, visitor, plan)) return refuse('ambiguous_header', 'The headers could not be read.')
  return {
    ok: true,
    bag,
    deliveryId: values[SLOTS.deliveryId],
    timestamp: values[SLOTS.timestamp],
    signature: values[SLOTS.signature],
    event: values[SLOTS.event],
    contentEncoding: values[SLOTS.contentEncoding],
    repeated,
  }
}

const NONE: readonly HeaderField[] = []
const NO_HEADERS: readonly WantedHeader[] = []
