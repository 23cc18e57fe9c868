// Writes a stellar.toml in the part of TOML that every parser reads alike: basic strings, whole numbers, booleans, lists, and tables under
// headers of their own. No inline tables, no dotted keys, no dates.

import { checkStellarToml } from './check.ts'
import { addError, addWarning, type TomlProblem } from './problems.ts'
import { entriesOf, isTable, MAX_DEPTH, MAX_FILE_BYTES, type Table } from './values.ts'

/** What {@link writeStellarToml} is given: SEP-1's own names as keys. A key whose value is `undefined` is left out. */
export interface StellarTomlSettings {
  readonly VERSION?: string | undefined
  readonly NETWORK_PASSPHRASE?: string | undefined
  readonly ACCOUNTS?: readonly string[] | undefined
  readonly DOCUMENTATION?: object | undefined
  readonly PRINCIPALS?: readonly object[] | undefined
  readonly CURRENCIES?: readonly object[] | undefined
  readonly VALIDATORS?: readonly object[] | undefined
  readonly [key: string]: unknown
}

/** The file, or what must be put right first. */
export type StellarTomlResult =
  | { readonly ok: true; readonly text: string; readonly warnings: TomlProblem[] }
  | { readonly ok: false; readonly errors: TomlProblem[] }

const COMFORTABLE_BYTES = 100_000

/**
 * Writes a stellar.toml (SEP-1 2.7.0). Whatever the settings hold, nothing can break out of its value, and no secret seed is written.
 *
 * @param settings The document, with SEP-1's own names as keys. Unknown keys are written too, with a warning.
 * @returns `{ ok: true, text, warnings }`, or `{ ok: false, errors }` and no text. Neither repeats a value.
 * @see {@link https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0001.md}
 *
 * @example
 * ```ts
 * const file = writeStellarToml({
 *   VERSION: '2.7.0',
 *   NETWORK_PASSPHRASE: 'Public Global Stellar Network ; September 2015',
 *   ACCOUNTS: ['GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'],
 *   DOCUMENTATION: { ORG_NAME: 'Example', ORG_URL: 'https://example.com' },
 * })
 * if (file.ok) response.writeHead(200, STELLAR_TOML_HEADERS).end(file.text)
 * ```
 */
export function writeStellarToml(settings: StellarTomlSettings): StellarTomlResult {
  const document = copyOf(settings)
  if (!isTable(document)) return { ok: false, errors: checkStellarToml(settings).errors }
  const findings = checkStellarToml(document)
  if (findings.errors.length > 0) return { ok: false, errors: findings.errors }
  const text = writeTable(document, [])
  const bytes = new TextEncoder().encode(text).length
  if (bytes > MAX_FILE_BYTES) addError(findings, '', 'too_large')
  else if (bytes > COMFORTABLE_BYTES) addWarning(findings, '', 'nearly_too_large')
  if (findings.errors.length > 0) return { ok: false, errors: findings.errors }
  return { ok: true, text, warnings: findings.warnings }
}

/** Deeper than the check goes, so nothing below it is ever written. */
const MAX_COPY_DEPTH = 2 * MAX_DEPTH

/**
 * The settings as they are now, as plain lists and tables: what is checked is what is written, even if a getter or a method of a list would
 * give something else the second time.
 */
function copyOf(value: unknown, depth = 0, copies = new Map<unknown, unknown>()): unknown {
  const known = copies.get(value)
  if (known !== undefined || depth > MAX_COPY_DEPTH) return known ?? value
  if (Array.isArray(value)) {
    const list: unknown[] = []
    copies.set(value, list)
    for (let at = 0; at < value.length; at++) list.push(copyOf(value[at], depth + 1, copies))
    return list
  }
  if (!isTable(value)) return value
  const table: Record<string, unknown> = Object.create(null)
  copies.set(value, table)
  for (const [key, inner] of entriesOf(value)) table[key] = copyOf(inner, depth + 1, copies)
  return table
}

/** Keys of a table come before the tables inside it: after a header, they would belong to the table under it. */
function writeTable(table: Table, path: readonly string[]): string {
  const entries = entriesOf(table)
  const own = entries.filter(([, value]) => !isTable(value) && !isListOfTables(value))
  const inner = entries.filter(([, value]) => isTable(value) || isListOfTables(value))
  const lines = own.map(([key, value]) => `${writeKey(key)} = ${writeValue(value)}\n`)
  const tables = inner.map(([key, value]) => writeInner([...path, key], value))
  return lines.join('') + tables.join('')
}

function writeInner(path: readonly string[], value: unknown): string {
  const name = path.map(writeKey).join('.')
  if (isTable(value)) return `\n[${name}]\n${writeTable(value, path)}`
  return (value as readonly Table[]).map((element) => `\n[[${name}]]\n${writeTable(element, path)}`).join('')
}

function isListOfTables(value: unknown): value is readonly Table[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTable)
}

function writeKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : writeText(key)
}

function writeValue(value: unknown): string {
  if (typeof value === 'string') return writeText(value)
  if (Array.isArray(value)) return `[${value.map(writeValue).join(', ')}]`
  // A whole number, or a boolean. BigInt writes all digits where a number would write an exponent.
  return typeof value === 'number' ? String(BigInt(value)) : String(value)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

/** A basic string. Every control character is escaped, in the forms that TOML 0.5 had already. */
function writeText(text: string): string {
  const escaped = text.replace(/["\\\p{Cc}]/gu, (character) => ESCAPES[character] ?? unicodeEscape(character))
  return `"${escaped}"`
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`
}
