// What TOML can hold at all, whatever the key: text, whole numbers, booleans, lists and tables.

import type { TomlProblemCode } from './problems.ts'
import { holdsSeed } from './seed.ts'

/** A TOML table: a plain object, or one without a prototype, as parsers make them. */
export type Table = Readonly<Record<string, unknown>>

/** Tables within tables, at most. SEP-1 itself needs two. */
export const MAX_DEPTH = 16

/** The most that wallets read, in bytes: SEP-1's 100 KB as stellar-sdk counts it. */
export const MAX_FILE_BYTES = 102_400

const MIN_INTEGER = -(2n ** 63n)
const MAX_INTEGER = 2n ** 63n - 1n

/** Whether a value is a table. An instance of a class is not one, and neither is a date or a list. */
export function isTable(value: unknown): value is Table {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object literal, of this realm or of another.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The keys that are set. One whose value is `undefined` counts as left out. */
export function entriesOf(table: Table): [string, unknown][] {
  return Object.entries(table).filter(([, value]) => value !== undefined)
}

/** What keeps a text, a number or a boolean out of the file, if anything does. */
export function scalarFault(value: unknown): TomlProblemCode | undefined {
  if (typeof value === 'string') return textFault(value)
  if (typeof value === 'number') return numberFault(value)
  if (typeof value === 'bigint') return integerFault(value)
  if (typeof value === 'boolean') return undefined
  if (value === null) return 'null_value'
  return value instanceof Date ? 'date_value' : 'wrong_type'
}

/** What keeps a text, or the name of a key, out of the file. */
export function textFault(text: string): TomlProblemCode | undefined {
  // Not searched for seeds: it is never written, and the search takes time.
  if (text.length > MAX_FILE_BYTES) return 'too_large'
  if (holdsSeed(text)) return 'secret_seed'
  return text.isWellFormed() ? undefined : 'ill_formed_text'
}

export function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Whether readers that count in doubles would lose digits of it. */
export function isBeyondSafe(value: number | bigint): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER
}

function numberFault(value: number): TomlProblemCode | undefined {
  if (!Number.isInteger(value)) return 'not_an_integer'
  return integerFault(BigInt(value))
}

function integerFault(value: bigint): TomlProblemCode | undefined {
  return value < MIN_INTEGER || value > MAX_INTEGER ? 'integer_out_of_range' : undefined
}
