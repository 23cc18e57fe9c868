// The same headers in every kind of bag that a framework hands over, among headers that have nothing to do with them.

import * as fc from 'fast-check'
import { invalidOption } from '../../shared/webhook-error.ts'
import type { HeaderBag } from '../../webhook/pipeline/headers.ts'

/** `object`: as Node's `request.headers`. `rawHeaders`: Node's flat list of names and values. */
export type HeaderBagKind = 'object' | 'Headers' | 'Map' | 'pairs' | 'rawHeaders'

/** Options of `headerBag`. */
export interface HeaderBagConstraints {
  /**
   * Headers that every bag holds; a list of values for a header that was sent several times.
   *
   * @defaultValue one to four headers of any name
   */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  /**
   * Kinds of bags, the first being where a counterexample shrinks to.
   *
   * @defaultValue all of them, `object` first
   */
  readonly kinds?: readonly HeaderBagKind[] | undefined
  /**
   * Whether there are other headers among them: a proxy's, a browser's, and names that trip up plain objects, such as `__proto__`.
   *
   * @defaultValue true
   */
  readonly noise?: boolean | undefined
}

/**
 * Bags of headers: names in any case, in any order, among others. Shrinks towards a plain object with the headers alone.
 *
 * @throws {WebhookError} `invalid_option`
 * @example
 * const received = signedDelivery().chain((delivery) => fc.record({
 *   delivery: fc.constant(delivery),
 *   headers: headerBag({ headers: delivery.headers }),
 * }))
 */
export function headerBag(constraints: HeaderBagConstraints = {}): fc.Arbitrary<HeaderBag> {
  const { headers, kinds = KINDS, noise = true } = constraints
  if (kinds.length === 0 || !kinds.every((kind) => KINDS.includes(kind)))
    throw invalidOption('kinds', `a list of ${KINDS.join(', ')}`)
  if (typeof noise !== 'boolean') throw invalidOption('noise', 'true or false')
  const given = headers === undefined ? anyHeaders() : fc.constant(readHeaders(headers))
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      entries: given,
      cases: fc.array(fc.constantFrom<Casing>('lower', 'Title', 'UPPER', 'aLtErNaTe'), { minLength: 8, maxLength: 8 }),
      others: noise ? fc.subarray(NOISE) : fc.constant<Entry[]>([]),
      turn: fc.nat(20),
    })
    .map(({ kind, entries, cases, others, turn }) => {
      const names = new Set(entries.map(([name]) => name.toLowerCase()))
      const all = [...entries, ...others.filter(([name]) => !names.has(name.toLowerCase()))]
      // Turned, not shuffled: two values of one header keep their order.
      const at = turn % Math.max(1, all.length)
      const turned = [...all.slice(at), ...all.slice(0, at)]
      // One spelling a name: a Node object or a Map would hold two as two headers.
      return BAGS[kind](turned.map(([name, values], index) => [respell(name, cases[index % 8] as Casing), values]))
    })
}

type Entry = readonly [name: string, values: readonly string[]]
type Casing = 'lower' | 'Title' | 'UPPER' | 'aLtErNaTe'

const KINDS: readonly HeaderBagKind[] = ['object', 'Headers', 'Map', 'pairs', 'rawHeaders']

const BAGS: Readonly<Record<HeaderBagKind, (entries: readonly Entry[]) => HeaderBag>> = {
  object(entries) {
    const bag: Record<string, string | readonly string[]> = {}
    for (const [name, values] of entries) {
      // Assigned, `__proto__` would set the prototype.
      const value = values.length === 1 ? (values[0] as string) : values
      Object.defineProperty(bag, name, { value, enumerable: true, writable: true, configurable: true })
    }
    return bag
  },
  Headers: (entries) => new Headers(flat(entries)),
  Map: (entries) =>
    new Map(entries.map(([name, values]) => [name, values.length === 1 ? (values[0] as string) : values])),
  pairs: flat,
  rawHeaders: (entries) => flat(entries).flat(),
}

function flat(entries: readonly Entry[]): [string, string][] {
  return entries.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]))
}

/** What arrives beside a webhook's own headers. None is a security header of any scheme, and none is `content-encoding`. */
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
    const values = [value].flat() as readonly string[]
    if (values.length === 0 || values.some((each) => typeof each !== 'string'))
      throw invalidOption('headers', 'an object of names and values, each text or a list of texts')
    return [name, values]
  })
}

function respell(name: string, casing: Casing): string {
  if (casing === 'UPPER') return name.toUpperCase()
  if (casing === 'Title') return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
  if (casing === 'aLtErNaTe') {
    return name.replace(/./g, (letter, index: number) => (index % 2 === 0 ? letter : letter.toUpperCase()))
  }
  return name
}
