// The same headers in every kind of bag that a framework hands over, among other headers.

import * as fc from 'fast-check'
import { invalidOption } from '../../shared/webhook-error.ts'
import type { HeaderBag } from '../../webhook/pipeline/headers.ts'

/** `object` is like Node's `request.headers`, `rawHeaders` like Node's flat list of names and values. */
export type HeaderBagKind = 'object' | 'Headers' | 'Map' | 'pairs' | 'rawHeaders'

/** Options of `headerBag`. */
export interface HeaderBagConstraints {
  /** Headers that every bag holds, one to four of any name by default. A list of values is a header that was sent several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** Kinds of bags, all of them by default. A counterexample shrinks to the first, which is `object` by default. */
  readonly kinds?: readonly HeaderBagKind[] | undefined
  /** Whether there are other headers too, as of a proxy or a browser, and names that trip up plain objects. True by default. */
  readonly noise?: boolean | undefined
}

/**
 * Generates bags of headers: names in any case and in any order, among other headers. Shrinks towards a plain object with the headers
 * alone.
 *
 * @param constraints `headers`: any by default. `kinds`: all by default. `noise`: true by default.
 * @returns An arbitrary of everything that a verifier takes as `headers`.
 * @throws {WebhookError} `invalid_option` for an option that makes no sense.
 *
 * @example
 * ```ts
 * const { headers, body } = signTestDelivery({ secret: 'topsecret', body: '{}' })
 * fc.assert(fc.property(headerBag({ headers }), (bag) => verifier.verify({ headers: bag, body }).ok))
 * ```
 */
export function headerBag(constraints: HeaderBagConstraints = {}): fc.Arbitrary<HeaderBag> {
  const { headers, kinds = KINDS, noise = true } = constraints
  if (kinds.length === 0 || !kinds.every((kind) => KINDS.includes(kind)))
    throw invalidOption('kinds', `a list of ${KINDS.join(', ')}`)
  if (typeof noise !== 'boolean') throw invalidOption('noise', 'true or false')
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      entries: headers === undefined ? anyHeaders() : fc.constant(readHeaders(headers)),
      spellings: fc.array(fc.constantFrom(...SPELLINGS), { minLength: 8, maxLength: 8 }),
      others: noise ? fc.subarray(NOISE) : fc.constant<Entry[]>([]),
      turn: fc.nat(20),
    })
    .map(({ kind, entries, spellings, others, turn }) => {
      const names = new Set(entries.map(([name]) => name.toLowerCase()))
      const all = [...entries, ...others.filter(([name]) => !names.has(name.toLowerCase()))]
      return BAGS[kind](respell(rotate(all, turn), spellings))
    })
}

type Entry = readonly [name: string, values: readonly string[]]

const KINDS: readonly HeaderBagKind[] = ['object', 'Headers', 'Map', 'pairs', 'rawHeaders']

const BAGS: Readonly<Record<HeaderBagKind, (entries: readonly Entry[]) => HeaderBag>> = {
  object(entries) {
    const bag: Record<string, string | readonly string[]> = {}
    for (const [name, values] of entries) {
      // Defined, not assigned: to assign `__proto__` would set the prototype.
      const value = oneOrAll(values)
      Object.defineProperty(bag, name, { value, enumerable: true, writable: true, configurable: true })
    }
    return bag
  },
  Headers: (entries) => new Headers(toPairs(entries)),
  Map: (entries) => new Map(entries.map(([name, values]) => [name, oneOrAll(values)])),
  pairs: toPairs,
  rawHeaders: (entries) => toPairs(entries).flat(),
}

function oneOrAll(values: readonly string[]): string | readonly string[] {
  const [only, ...more] = values
  if (only === undefined || more.length > 0) return values
  return only
}

function toPairs(entries: readonly Entry[]): [string, string][] {
  return entries.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]))
}

/** Another order, but not any: two values of one header must keep theirs. */
function rotate(entries: readonly Entry[], turn: number): readonly Entry[] {
  const at = turn % Math.max(1, entries.length)
  return [...entries.slice(at), ...entries.slice(0, at)]
}

/** Spells each name in one way. A Node object or a Map would hold two spellings as two headers. */
function respell(entries: readonly Entry[], spellings: readonly Spelling[]): readonly Entry[] {
  return entries.map(([name, values], index) => [spellings[index % spellings.length]!(name), values])
}

type Spelling = (name: string) => string

const SPELLINGS: readonly Spelling[] = [asItIs, titleCase, upperCase, alternatingCase]

function asItIs(name: string): string {
  return name
}

function titleCase(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}

function upperCase(name: string): string {
  return name.toUpperCase()
}

function alternatingCase(name: string): string {
  return name.replace(/.(.)?/g, (pair) => pair.slice(0, 1) + pair.slice(1).toUpperCase())
}

/** What arrives beside the headers of a webhook. No scheme reads any of these. */
const NOISE: Entry[] = [
  ['host', ['api.example.com']],
  ['content-length', ['2']],
  ['user-agent', ['Mozilla/5.0 (compatible; sender/1.0)']],
  ['accept', ['*/*']],
  ['accept-encoding', ['gzip, br']],
  ['x-request-id', ['7f6d0a9e-0000-4000-8000-000000000000']],
  ['x-forwarded-for', ['192.0.2.1, 198.51.100.7']],
  ['traceparent', ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']],
  ['cookie', ['a=1; b=2']],
  ['x-legacy-signature', ['0'.repeat(64)]],
  ['x-empty', ['']],
  ['__proto__', ['polluted']],
  ['constructor', ['x']],
  ['tostring', ['x']],
]

function anyHeaders(): fc.Arbitrary<Entry[]> {
  const name = fc.stringMatching(/^x-[a-z][a-z0-9-]{0,12}[a-z]$/)
  const value = fc.stringMatching(/^([!-~]([ -~]{0,30}[!-~])?)?$/)
  return fc.uniqueArray(fc.tuple(name, fc.array(value, { minLength: 1, maxLength: 2 })), {
    minLength: 1,
    maxLength: 4,
    selector: ([each]) => each,
  })
}

function readHeaders(headers: Readonly<Record<string, string | readonly string[]>>): Entry[] {
  if (typeof headers !== 'object' || headers === null) throw invalidOption('headers', 'an object of names and values')
  return Object.entries(headers).map(([name, value]) => {
    const values = [value].flat()
    if (values.length === 0 || values.some((each) => typeof each !== 'string'))
      throw invalidOption('headers', 'an object of names and values, each value a text or a list of texts')
    return [name, values]
  })
}
