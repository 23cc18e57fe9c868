// How one delivery differs from another: names of headers and places in the body, never values, since signatures and personal data are values.

import { escapeToken } from '../../shared/json-pointer.ts'
import { printable } from './style.ts'

interface Delivery {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
}

/** Where two deliveries differ. */
export interface Differences {
  /** Names of headers, in lower case. */
  readonly headers: readonly string[]
  /** JSON Pointers into the body, up to 100; the whole body (``) if it is not JSON. */
  readonly body: readonly string[]
}

const MOST = 100

export function differencesBetween(before: Delivery, after: Delivery): Differences {
  const [old, now] = [before, after].map(
    ({ headers }) => new Map(headers.map(([name, value]) => [name.toLowerCase(), value])),
  )
  const names = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])
  const headers = [...names].filter((name) => old?.get(name) !== now?.get(name)).sort()
  const body: string[] = []
  if (!isSame(before.body, after.body)) compare(parse(before.body), parse(after.body), '', body, 0)
  return { headers, body }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return body
  }
}

/** Deeper than this, the difference is told of the place above. */
const DEEPEST = 100

function compare(old: unknown, now: unknown, pointer: string, found: string[], depth: number): void {
  if (found.length >= MOST || Object.is(old, now)) return
  if (!isTree(old) || !isTree(now) || Array.isArray(old) !== Array.isArray(now) || depth > DEEPEST) {
    found.push(pointer)
    return
  }
  const size = found.length
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const place = `${pointer}/${escapeToken(name)}`
    if (Object.hasOwn(old, name) && Object.hasOwn(now, name)) compare(old[name], now[name], place, found, depth + 1)
    else if (found.length < MOST) found.push(place)
  }
  // White space or order, then: the bytes differ and no member does.
  if (depth === 0 && found.length === size) found.push('')
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}

export function describeDifferences({ headers, body }: Differences): string {
  if (headers.length + body.length === 0) return '        the same as the one before\n'
  const places = body.map((pointer) => `body   ${printable(pointer) || 'as a whole'}`)
  const lines = [...headers.map((name) => `header ${printable(name)}`), ...places]
  return lines.map((line) => `        differs: ${line}\n`).join('')
}
