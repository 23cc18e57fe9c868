/**
 * A guard for payloads: numbers where amounts belong, found before they lose digits unseen.
 *
 * @module
 */
import { type DecimalErrorCode, type DecimalReason, RANGE, refuse, TYPE } from './errors.ts'

/** A number where an amount belongs, or a part of the payload that could not be searched. */
export interface UnsafeAmount {
  /** Where, as a JSON Pointer (RFC 6901): `/streams/0/depositAmount`. */
  readonly pointer: string
  /** The name of the property: the field, or where the search stopped ('' at the top). */
  readonly field: string
  /** `unread`: too deep, too large, or it threw when read. Treat it like a number: nobody knows what is in it. */
  readonly found: 'number' | 'bigint' | 'unread'
  /** `DECIMAL_INVALID_TYPE`; `DECIMAL_OUT_OF_RANGE` for what is unread. */
  readonly code: DecimalErrorCode
  /** `not_a_string` or `unread`. */
  readonly reason: DecimalReason
  readonly message: string
}

// What lies beyond these is reported, never passed over.
const MAX_DEPTH = 64
const MAX_NODES = 1_000_000
const MAX_FINDINGS = 1000
const MAX_POINTER = 1024

/**
 * Finds the numbers (and bigints) that stand where amounts belong, at any depth of a parsed payload, in arrays too.
 *
 * A number has lost its digits before anyone sees it: `9007199254740993` in JSON is 9007199254740992 in the program. So
 * an amount that is a number is refused, whatever its value. Strings are left to `parseDecimal`.
 *
 * Never throws on a payload: cycles, getters that throw, a key called `__proto__` and very deep or large values are all
 * safe. Only own enumerable properties are read. What is not searched is reported as `unread`: what lies deeper than 64
 * containers or under a pointer of more than 1024 characters, and all that is left after 1,000,000 values or 1000 findings.
 *
 * @param fields Names of the properties that hold amounts.
 *
 * @example
 * ```ts
 * findUnsafeAmounts(JSON.parse('{"streams":[{"depositAmount":1.5}]}'), ['depositAmount'])
 * // [{ pointer: '/streams/0/depositAmount', field: 'depositAmount', found: 'number', code: 'DECIMAL_INVALID_TYPE', … }]
 * ```
 */
export function findUnsafeAmounts(payload: unknown, fields: Iterable<string>): UnsafeAmount[] {
  const names = new Set(fields)
  const findings: UnsafeAmount[] = []
  const ancestors: unknown[] = []
  let nodes = 0

  search({ '': payload }, '', 0, '')
  return findings

  /** Looks through a container. What an array holds belongs to the field that holds the array. */
  function search(container: object, pointer: string, depth: number, field: string): void {
    const keys = Object.keys(container)
    const list = Array.isArray(container)
    nodes += keys.length
    if (depth > MAX_DEPTH || nodes > MAX_NODES || pointer.length > MAX_POINTER) {
      report('unread', pointer, field)
      return
    }
    ancestors[depth] = container
    for (const key of keys) {
      if (nodes > MAX_NODES) return
      const name = list ? field : key
      try {
        const value: unknown = container[key as keyof typeof container]
        const type = typeof value
        if (type === 'object') {
          if (value !== null && !isAncestor(value, depth)) {
            search(value as object, step(pointer, key, depth), depth + 1, name)
          }
        } else if ((type === 'number' || type === 'bigint') && names.has(name)) {
          report(type, step(pointer, key, depth), name)
        }
      } catch {
        report('unread', step(pointer, key, depth), name)
      }
    }
  }

  function isAncestor(value: unknown, depth: number): boolean {
    for (let i = 0; i <= depth; i++) if (ancestors[i] === value) return true
    return false
  }

  function report(kind: UnsafeAmount['found'], pointer: string, field: string): void {
    if (findings.length === MAX_FINDINGS) nodes = Number.POSITIVE_INFINITY
    const found = nodes > MAX_NODES ? 'unread' : kind
    const { ok, ...refusal } = found === 'unread' ? refuse(RANGE, found) : refuse(TYPE, 'not_a_string')
    findings.push({ pointer, field, found, ...refusal })
  }
}

/** The pointer one key further; the outermost key is that of the box around the payload. */
function step(pointer: string, key: string, depth: number): string {
  return depth > 0 ? `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` : ''
}
