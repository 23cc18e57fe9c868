// Reading headers from whatever a framework hands over. A name is matched in any case; a header that stands twice is never guessed at.

/**
 * Headers as frameworks give them: a Node header object, a Fetch `Headers`, a `Map`, `[name, value]` pairs, or the flat
 * `[name, value, name, value, …]` of Node's `rawHeaders`, which alone shows a header that was sent twice.
 */
export type HeaderBag =
  | { get(name: string): string | null; has(name: string): boolean }
  | Iterable<readonly [string, string | readonly string[]]>
  | readonly string[]
  | { readonly [name: string]: string | readonly string[] | undefined }

/** Which headers to look for: fields, each known by one or several names, prepared once. */
export interface HeaderPlan {
  /** Nothing found, as yet. */
  readonly none: readonly undefined[]
  /** Where each name's value goes: the first name's to its field's own place, any other's to one beyond all fields. */
  readonly places: ReadonlyMap<string, number>
  /** The places beyond, and the field that each belongs to. Most schemes have none. */
  readonly aliases: readonly { readonly place: number; readonly field: number }[]
  /** A bit for each length (modulo 32) of a wanted name: most headers are passed over by a look at it. */
  readonly lengths: number
}

/** What was found: the value of each field, in the plan's order, and a bit for each that stands twice. */
export interface FoundHeaders {
  readonly values: (string | undefined)[]
  repeated: number
}

/** A plan has a bit for each place, so that a scheme may name this many headers and leave room for those of its own. */
export const MAX_HEADER_NAMES = 24

export function planHeaders(wanted: readonly (readonly string[])[]): HeaderPlan {
  const places = new Map<string, number>()
  const aliases: { place: number; field: number }[] = []
  for (const [field, names] of wanted.entries()) {
    for (const [index, name] of [...new Set(names)].entries()) {
      const place = index === 0 ? field : wanted.length + aliases.length
      if (index > 0) aliases.push({ place, field })
      places.set(name, place)
    }
  }
  let lengths = 0
  for (const name of places.keys()) lengths |= 1 << name.length
  return { none: Object.freeze(Array(wanted.length + aliases.length).fill(undefined)), places, aliases, lengths }
}

/** The same bag, unless it can be read but once, like `headers.entries()`: it is read again for the delivery's headers. */
export function keepHeaders(bag: unknown): unknown {
  try {
    if (typeof (bag as { next?: unknown }).next !== 'function') return bag
    const entries: unknown[] = []
    for (const entry of bag as Iterable<unknown>) if (entries.push(entry) > MAX_ENTRIES) break
    return entries
  } catch {
    return bag // null, or an iterator that throws
  }
}

/** Finds the headers of a plan, in its order; undefined where the bag itself cannot be read. */
export function findHeaders(plan: HeaderPlan, bag: unknown): FoundHeaders | undefined {
  const found: FoundHeaders = { values: [...plan.none], repeated: 0 }
  const isRead = visit(bag, plan, (name, value) => {
    const place = plan.places.get(name) ?? plan.places.get(name.toLowerCase())
    if (place === undefined) return
    const former = found.values[place]
    if (former !== undefined) found.repeated |= 1 << place
    found.values[place] = former === undefined ? value : `${former}, ${value}`
  })
  for (const { place, field } of plan.aliases) mergeAlias(found, place, field)
  return isRead ? found : undefined
}

/** A sender that changes a header's name may send both for a while: equal values are one, unequal ones are two, as one name twice is. */
function mergeAlias(found: FoundHeaders, place: number, field: number): void {
  const [former, value] = [found.values[field], found.values[place]]
  if (value === undefined) return
  const isSecond = former !== undefined && former !== value
  if (isSecond || found.repeated & (1 << place)) found.repeated |= 1 << field
  found.values[field] = isSecond ? `${former}, ${value}` : value
}

/** The first header's name that is of a form, in lower case; undefined where there is none. */
export function findHeaderName(bag: unknown, isOfForm: (name: string) => boolean): string | undefined {
  let found: string | undefined
  visit(bag, undefined, (name) => {
    const lower = name.toLowerCase()
    if (found === undefined && isOfForm(lower)) found = lower
  })
  return found
}

/** All headers by lower-case name, frozen; values of a header that stands twice are joined by `, ` (RFC 9110 section 5.3). */
export function snapshotHeaders(bag: unknown): Readonly<Record<string, string>> {
  // Without a prototype, a header named __proto__ or constructor is a header and nothing else.
  const headers: Record<string, string> = Object.create(null)
  visit(bag, undefined, (name, value) => {
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value
  })
  return Object.freeze(headers)
}

/** An iterable may be endless, and an array say that it is billions long; a server lets through some hundreds of headers (Node: 2,000). */
const MAX_ENTRIES = 10_000

type Visitor = (name: string, value: string) => void

/** Visits every header, or with a plan those that may be in it. */
function visit(bag: unknown, plan: HeaderPlan | undefined, visitor: Visitor): boolean {
  const lengths = plan ? plan.lengths : -1
  try {
    if (typeof bag !== 'object' || bag === null) return true
    if (Array.isArray(bag) && typeof bag[0] === 'string') {
      if (bag.length > 2 * MAX_ENTRIES) return false
      for (let i = 0; i + 1 < bag.length; i += 2) {
        const name: unknown = bag[i]
        if (typeof name === 'string' && lengths & (1 << name.length)) visitValue(name, bag[i + 1], visitor)
      }
      return true
    }
    if (plan && isFetchHeaders(bag)) {
      for (const name of plan.places.keys()) visitValue(name, bag.get(name), visitor)
      return true
    }
    if (Symbol.iterator in bag) {
      let left = MAX_ENTRIES
      for (const entry of bag as Iterable<unknown>) {
        if (left-- === 0) return false
        if (Array.isArray(entry) && typeof entry[0] === 'string') visitValue(entry[0], entry[1], visitor)
      }
      return true
    }
    for (const name of Object.keys(bag)) {
      if (lengths & (1 << name.length)) visitValue(name, (bag as Record<string, unknown>)[name], visitor)
    }
    return true
  } catch {
    return false // a getter, a proxy or an iterator that throws: nothing in such a bag is believed
  }
}

function visitValue(name: string, value: unknown, visitor: Visitor): void {
  if (typeof value === 'string') visitor(name, value)
  else if (Array.isArray(value)) {
    // The second value has said already that the header stands more than once: how often is not asked.
    for (let i = 0; i < value.length && i < MAX_ENTRIES; i++) if (typeof value[i] === 'string') visitor(name, value[i])
  }
}

function isFetchHeaders(bag: object): bag is { get(name: string): unknown } {
  const { get, [Symbol.toStringTag]: tag } = bag as { get?: unknown; [Symbol.toStringTag]?: unknown }
  return typeof get === 'function' && tag !== 'Map' // by its tag, which a Map of another realm has too
}
