// A guard for payloads: finds numbers where amounts belong, before they silently lose digits.

import { escapeToken } from '../shared/json-pointer.ts'
import { readNames } from './arguments.ts'
import { type DecimalErrorCode, type DecimalReason, type DecimalRefusal, refuseType, refuseUnread } from './refusals.ts'

/** A number where an amount belongs, or a part of the payload that could not be searched. */
export interface UnsafeAmount {
  /** Where, as a JSON Pointer (RFC 6901): `/streams/0/depositAmount`. */
  readonly pointer: string
  /** The field; '' if the search stopped at something that is not one of the fields. */
  readonly field: string
  /** `unread`: too deep, too large, or reading it threw. Treat it like a number: nobody knows what is in it. */
  readonly found: 'number' | 'bigint' | 'unread'
  /** `DECIMAL_INVALID_TYPE`; `DECIMAL_OUT_OF_RANGE` for unread parts. */
  readonly code: DecimalErrorCode
  /** `not_a_string` or `unread`. */
  readonly reason: DecimalReason
  /** A sentence for people. It may change: decide by `code` and `reason`. */
  readonly message: string
}

// Anything beyond these limits is reported as unread.
const MAX_DEPTH = 64
const MAX_VALUES = 1_000_000
const MAX_FINDINGS = 1000
const MAX_POINTER = 1024

/**
 * Finds numbers (and bigints) where amounts belong, at any depth of a parsed payload, in arrays too.
 *
 * A number has lost its digits before anyone sees it: `9007199254740993` in JSON is 9007199254740992 in the program. So an amount that is a
 * number is refused, whatever its value. Strings are left to `parseDecimal`.
 *
 * Never throws because of the payload: cycles, getters that throw, a key called `__proto__` and very deep or large values are all safe. Only
 * own enumerable properties are read. What could not be searched is reported as `unread`: anything deeper than 64 containers or with a
 * pointer of more than 1024 characters, and everything after 1,000,000 values or 1000 findings.
 *
 * @param payload What was parsed, of any origin.
 * @param fields Names of the properties that hold amounts, in any iterable but a string.
 * @returns The findings, in the order of the payload; none if it is safe.
 * @throws {DecimalError} `DECIMAL_INVALID_ARGUMENT` if `fields` is not a list of names.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6901}
 *
 * @example
 * ```ts
 * findUnsafeAmounts(JSON.parse('{"streams":[{"depositAmount":1.5}]}'), ['depositAmount'])
 * // [{ pointer: '/streams/0/depositAmount', field: 'depositAmount', found: 'number', code: 'DECIMAL_INVALID_TYPE', … }]
 * ```
 */
export function findUnsafeAmounts(payload: unknown, fields: Iterable<string> & object): UnsafeAmount[] {
  const search = new Search(new Set(readNames(fields)))
  search.enter({ payload }, 0, '')
  return search.findings
}

type Container = unknown[] | Record<string, unknown>
type Key = string | number

class Search {
  readonly findings: UnsafeAmount[] = []
  private readonly fields: ReadonlySet<string>
  // The path to the present value: the containers, and the key taken in each. The first container is a wrapper around the payload.
  private readonly containers: Container[] = []
  private readonly keys: Key[] = []
  private values = 0
  private isStopped = false

  constructor(fields: ReadonlySet<string>) {
    this.fields = fields
  }

  /** Searches a container. The elements of an array count as amounts of the field that holds the array. */
  enter(container: Container, depth: number, field: string): void {
    this.containers[depth] = container
    if (Array.isArray(container)) this.searchArray(container, depth, field)
    else this.searchObject(container, depth)
  }

  private searchArray(array: readonly unknown[], depth: number, field: string): void {
    for (let i = 0; i < array.length && !this.isStopped; i++) {
      this.values++
      try {
        const value = array[i]
        if (typeof value !== 'string') this.look(value, depth, i, field)
      } catch {
        this.report('unread', depth, i, field)
      }
    }
  }

  private searchObject(object: Record<string, unknown>, depth: number): void {
    // A for-in loop that reads the value in its body is twice as fast as Object.keys.
    for (const key in object) {
      if (this.isStopped) return
      this.values++
      try {
        const value = object[key]
        if (typeof value !== 'string') this.look(value, depth, key, key)
      } catch {
        this.report('unread', depth, key, key)
      }
    }
  }

  /** Looks at the value under a key of the container at that depth. It counts as an amount of `field`. */
  private look(value: unknown, depth: number, key: Key, field: string): void {
    const type = typeof value
    if (type === 'number' || type === 'bigint') {
      if (this.fields.has(field) && this.owns(depth, key)) this.report(type, depth, key, field)
    } else if (isContainer(value) && !this.isInside(value, depth) && this.owns(depth, key)) {
      if (depth === MAX_DEPTH || this.values > MAX_VALUES) this.report('unread', depth, key, field)
      else {
        this.keys[depth] = key
        this.enter(value, depth + 1, field)
      }
    }
  }

  /** Whether the path to the present value leads through a container: then it contains itself. */
  private isInside(container: Container, depth: number): boolean {
    return this.containers.lastIndexOf(container, depth) >= 0
  }

  private owns(depth: number, key: Key): boolean {
    return Object.hasOwn(Object(this.containers[depth]), key)
  }

  private report(kind: UnsafeAmount['found'], depth: number, key: Key, field: string): void {
    this.keys[depth] = key
    this.isStopped = this.findings.length === MAX_FINDINGS || this.values > MAX_VALUES
    const { pointer, isWhole } = makePointer(this.keys.slice(1, depth + 1))
    const found = this.isStopped || !isWhole ? 'unread' : kind
    const { ok, ...refusal } = refuse(found)
    this.findings.push({ pointer, field: this.fields.has(field) ? field : '', found, ...refusal })
  }
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

/** The pointer of a path. If it would be too long, it ends at the last container that fits, and is not whole. */
function makePointer(path: readonly Key[]): { pointer: string; isWhole: boolean } {
  let pointer = ''
  for (const key of path) {
    const token = String(key)
    if (pointer.length + token.length > MAX_POINTER) return { pointer, isWhole: false }
    pointer += `/${escapeToken(token)}`
  }
  return { pointer, isWhole: true }
}

function refuse(found: UnsafeAmount['found']): DecimalRefusal {
  if (found === 'unread') return refuseUnread()
  return refuseType(`a ${found}`)
}
