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

/** What was found under one set of names. `count` above one is a header that stands twice. */
export interface Found {
  value: string | undefined
  count: number
}

/** Finds the headers wanted, each known by one or several names; undefined where the bag itself cannot be read. */
export function findHeaders(bag: unknown, wanted: readonly (readonly string[])[]): Found[] | undefined {
  const found = wanted.map((): Found => ({ value: undefined, count: 0 }))
  const note = (slot: Found, value: string): void => {
    slot.value = slot.count++ === 0 ? value : `${slot.value}, ${value}`
  }
  const readable = visit(bag, wanted, (name, value) => {
    for (let i = 0; i < wanted.length; i++) {
      for (const each of wanted[i] as readonly string[]) {
        if (each.length === name.length && each === name.toLowerCase()) note(found[i] as Found, value)
      }
    }
  })
  return readable ? found : undefined
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

/** An iterable may be of any length; a server lets through some hundreds of headers (Node: 2,000). */
const MAX_ENTRIES = 10_000

type Visitor = (name: string, value: string) => void

function visit(bag: unknown, wanted: readonly (readonly string[])[] | undefined, visitor: Visitor): boolean {
  try {
    if (typeof bag !== 'object' || bag === null) return true
    if (Array.isArray(bag) && typeof bag[0] === 'string') {
      for (let i = 0; i + 1 < bag.length; i += 2) visitValue(bag[i], bag[i + 1], visitor)
      return true
    }
    if (wanted && isFetchHeaders(bag)) {
      for (const names of wanted) for (const name of names) visitValue(name, bag.get(name), visitor)
      return true
    }
    if (Symbol.iterator in bag) {
      let left = MAX_ENTRIES
      for (const entry of bag as Iterable<unknown>) {
        if (left-- === 0) return false
        if (Array.isArray(entry)) visitValue(entry[0], entry[1], visitor)
      }
      return true
    }
    for (const name of Object.keys(bag)) visitValue(name, (bag as Record<string, unknown>)[name], visitor)
    return true
  } catch {
    return false // a getter, a proxy or an iterator that throws: nothing in such a bag is believed
  }
}

function visitValue(name: unknown, value: unknown, visitor: Visitor): void {
  if (typeof name !== 'string') return
  if (typeof value === 'string') visitor(name, value)
  else if (Array.isArray(value)) for (const each of value) if (typeof each === 'string') visitor(name, each)
}

function isFetchHeaders(bag: object): bag is { get(name: string): unknown } {
  return typeof (bag as { get?: unknown }).get === 'function' && !(bag instanceof Map)
}
