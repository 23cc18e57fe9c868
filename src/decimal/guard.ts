/**
 * A guard for payloads: numbers where amounts belong, found before they lose digits unseen.
 *
 * @module
 */
import { readNames } from './arguments.ts'
import { type DecimalErrorCode, type DecimalReason, refuseType, refuseUnread } from './refusals.ts'

/** A number where an amount belongs, or a part of the payload that could not be searched. */
export interface UnsafeAmount {
  /** Where, as a JSON Pointer (RFC 6901): `/streams/0/depositAmount`. */
  readonly pointer: string
  /** The field; '' where the search stopped at what is none. */
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
 * @throws DecimalError `DECIMAL_INVALID_ARGUMENT` when the fields are no list of names.
 *
 * @example
 * ```ts
 * findUnsafeAmounts(JSON.parse('{"streams":[{"depositAmount":1.5}]}'), ['depositAmount'])
 * // [{ pointer: '/streams/0/depositAmount', field: 'depositAmount', found: 'number', code: 'DECIMAL_INVALID_TYPE', … }]
 * ```
 */
export function findUnsafeAmounts(payload: unknown, fields: Iterable<string> & object): UnsafeAmount[] {
  const names: ReadonlySet<string> = new Set(readNames(fields))
  const findings: UnsafeAmount[] = []
  // The way down to the value in hand: the containers, and the key taken in each. A pointer is made only for a finding.
  const containers: unknown[] = []
  const keys: (string | number)[] = []
  let nodes = 0
  let stopped = false

  search({ payload }, 0, '')
  return findings

  /** Looks through a container. What an array holds belongs to the field that holds the array. */
  function search(container: object, depth: number, field: string): void {
    containers[depth] = container
    if (Array.isArray(container)) {
      for (let i = 0; i < container.length && !stopped; i++) {
        nodes++
        try {
          const value: unknown = container[i]
          if (typeof value !== 'string') look(value, depth, i, field)
        } catch {
          report('unread', depth, i, field)
        }
      }
      return
    }
    // For-in with the read in its body is twice as fast as Object.keys.
    for (const key in container) {
      if (stopped) return
      nodes++
      try {
        const value: unknown = container[key as keyof typeof container]
        if (typeof value !== 'string') look(value, depth, key, key)
      } catch {
        report('unread', depth, key, key)
      }
    }
  }

  /** Looks at what the container at that depth holds under a key, as one of the field's amounts. */
  function look(value: unknown, depth: number, key: string | number, field: string): void {
    const type = typeof value
    const number = type === 'number' || type === 'bigint'
    if (number ? !names.has(field) : type !== 'object' || value === null || containers.lastIndexOf(value, depth) >= 0)
      return
    if (!Object.hasOwn(containers[depth] as object, key)) return
    if (number) report(type, depth, key, field)
    else if (depth === MAX_DEPTH || nodes > MAX_NODES) report('unread', depth, key, field)
    else {
      keys[depth] = key
      search(value as object, depth + 1, field)
    }
  }

  function report(kind: UnsafeAmount['found'], depth: number, key: string | number, field: string): void {
    keys[depth] = key
    stopped = findings.length === MAX_FINDINGS || nodes > MAX_NODES
    let found = stopped ? 'unread' : kind
    let pointer = ''
    // The first key is that of the box around the payload.
    for (const token of keys.slice(1, depth + 1).map(String)) {
      if (pointer.length + token.length > MAX_POINTER) {
        found = 'unread'
        break
      }
      pointer += `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`
    }
    const { ok, ...refusal } = found === 'unread' ? refuseUnread() : refuseType(`a ${found}`)
    findings.push({ pointer, field: names.has(field) ? field : '', found, ...refusal })
  }
}
