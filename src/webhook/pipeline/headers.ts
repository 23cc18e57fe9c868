// Reading headers from whatever a framework hands over. Names match in any case.

import { ANY_LENGTH, mayHold, type NameLengths } from './name-lengths.ts'

/**
 * Headers as frameworks give them: a Node header object, a Fetch `Headers`, a `Map`, `[name, value]` pairs, or the flat
 * `[name, value, name, value, …]` of Node's `rawHeaders`, the only form that always shows a header that was sent twice.
 */
export type HeaderBag =
  | { get(name: string): string | null; has(name: string): boolean }
  | Iterable<readonly [string, string | readonly string[]]>
  | readonly string[]
  | { readonly [name: string]: string | readonly string[] | undefined }

/** All headers by lower-case name, frozen. Several values of one header are joined by `, ` (RFC 9110 section 5.3). */
export function snapshotHeaders(bag: unknown): Readonly<Record<string, string>> {
  // Without a prototype, a header named __proto__ or constructor is a header like any other.
  const headers: Record<string, string> = Object.create(null)
  visitHeaders(bag, (name, value) => {
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value
  })
  return Object.freeze(headers)
}

/** The name, in lower case, of the first header that passes the test; undefined if none does. */
export function findHeaderName(bag: unknown, test: (name: string) => boolean): string | undefined {
  let found: string | undefined
  visitHeaders(bag, (name) => {
    const lower = name.toLowerCase()
    if (found === undefined && test(lower)) found = lower
  })
  return found
}

/** The same bag, or a copy if it can be read only once, like `headers.entries()`: bags are read again for the delivery's headers. */
export function toRereadable(bag: unknown): unknown {
  try {
    if (typeof (bag as { next?: unknown }).next !== 'function') return bag
    const entries: unknown[] = []
    for (const entry of bag as Iterable<unknown>) if (entries.push(entry) > MAX_HEADERS) break
    return entries
  } catch {
    return bag // null, or an iterator that throws
  }
}

/** An iterable may be endless and an array may claim to be billions long. A server accepts hundreds of headers (Node: 2,000). */
const MAX_HEADERS = 10_000

export type HeaderVisitor = (name: string, value: string) => void

/** The only headers that a visitor is interested in. It may be shown others too. */
export interface WantedNames {
  /** In lower case. */
  readonly names: Iterable<string>
  readonly lengths: NameLengths
}

/** Shows a visitor every header, or every one that may be wanted. False if the bag cannot be read: then nothing in it counts. */
export function visitHeaders(bag: unknown, visitor: HeaderVisitor, wanted?: WantedNames): boolean {
  const lengths = wanted?.lengths ?? ANY_LENGTH
  try {
    if (typeof bag !== 'object' || bag === null) return true
    if (Array.isArray(bag) && typeof bag[0] === 'string') return visitRawHeaders(bag, visitor, lengths)
    if (wanted && isFetchHeaders(bag)) {
      for (const name of wanted.names) visitValue(name, bag.get(name), visitor)
      return true
    }
    if (Symbol.iterator in bag) return visitPairs(bag as Iterable<unknown>, visitor)
    for (const name of Object.keys(bag)) {
      if (mayHold(lengths, name)) visitValue(name, (bag as Record<string, unknown>)[name], visitor)
    }
    return true
  } catch {
    return false // a getter, a proxy or an iterator that throws
  }
}

function visitRawHeaders(bag: readonly unknown[], visitor: HeaderVisitor, lengths: NameLengths): boolean {
  if (bag.length > 2 * MAX_HEADERS) return false
  for (let i = 0; i + 1 < bag.length; i += 2) {
    const name = bag[i]
    if (typeof name === 'string' && mayHold(lengths, name)) visitValue(name, bag[i + 1], visitor)
  }
  return true
}

function visitPairs(bag: Iterable<unknown>, visitor: HeaderVisitor): boolean {
  let left = MAX_HEADERS
  for (const entry of bag) {
    if (left-- === 0) return false
    if (Array.isArray(entry) && typeof entry[0] === 'string') visitValue(entry[0], entry[1], visitor)
  }
  return true
}

function visitValue(name: string, value: unknown, visitor: HeaderVisitor): void {
  if (typeof value === 'string') visitor(name, value)
  if (!Array.isArray(value)) return
  // A second value already shows that the header was sent more than once. How often does not matter.
  for (let i = 0; i < value.length && i < MAX_HEADERS; i++) {
    if (typeof value[i] === 'string') visitor(name, value[i])
  }
}

function isFetchHeaders(bag: object): bag is { get(name: string): unknown } {
  const { get, [Symbol.toStringTag]: tag } = bag as { get?: unknown; [Symbol.toStringTag]?: unknown }
  return typeof get === 'function' && tag !== 'Map' // by its tag, which a Map of another realm has too
}
