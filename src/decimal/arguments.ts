// Checks of arguments that several functions share.

import { invalidArgument } from './errors.ts'
import { describeKind } from './kind.ts'

export function checkUnits(units: unknown, name: string): void {
  if (typeof units === 'bigint') return
  throw invalidArgument(name, `${name} must be a bigint, not ${describeKind(units)}.`)
}

/** The names in a list of field names. */
export function readNames(fields: unknown): readonly string[] {
  if (isList(fields)) {
    const names = [...fields]
    if (names.every((name) => typeof name === 'string')) return names
  }
  throw invalidArgument('fields', "fields must be a list of names, such as ['depositAmount'].")
}

/** True for anything that can be iterated, except a text: its characters are not names. */
export function isList(value: unknown): value is Iterable<unknown> {
  return Object(value) === value && typeof Object(value)[Symbol.iterator] === 'function'
}
