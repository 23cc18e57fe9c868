// Checks a stellar.toml against SEP-1: the form of every value first, then what the keys must be to one another.

import { escapeToken } from '../../shared/json-pointer.ts'
import { decodeStrKey, isStellarPublicKey } from '../strkey.ts'
import { DOCUMENT, type Field, type Fields } from './fields.ts'
import { emailDomainOf, isE164, isHost, isHttpsUrl, isHttpUrl } from './forms.ts'
import { addError, addWarning, type Findings, isFull, type TomlProblem, type TomlProblemCode } from './problems.ts'
import { checkRules } from './rules.ts'
import { entriesOf, isBeyondSafe, isNumeric, isTable, MAX_DEPTH, scalarFault, type Table, textFault } from './values.ts'

/**
 * Checks a parsed stellar.toml, or the settings for one, against SEP-1 2.7.0. What must not be published is an error: a secret seed
 * anywhere, a bad key, a server without https, a value of the wrong type. What a reader may stumble over is a warning. It never throws
 * for what a TOML parser gives.
 *
 * @param document The document as a TOML parser gives it.
 * @returns `{ errors, warnings }`, each a list of `{ pointer, code, message }`. A complete, clean document has neither.
 * @see {@link https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0001.md}
 *
 * @example
 * ```ts
 * import { parse } from 'smol-toml'
 *
 * const { errors, warnings } = checkStellarToml(parse(await readFile('stellar.toml', 'utf8')))
 * for (const { pointer, message } of errors) console.error(pointer, message)
 * ```
 */
export function checkStellarToml(document: object): { errors: TomlProblem[]; warnings: TomlProblem[] } {
  const findings: Findings = { errors: [], warnings: [] }
  if (!isTable(document)) {
    addError(findings, '', 'wrong_type')
    return findings
  }
  checkTable(document, DOCUMENT, '', 0, findings)
  checkRules(document, findings)
  return findings
}

/** `fields` are the keys that SEP-1 has for this table; none where the table itself is unknown to it. */
function checkTable(table: Table, fields: Fields | undefined, path: string, depth: number, findings: Findings): void {
  for (const [key, value] of entriesOf(table)) {
    if (isFull(findings)) return
    const keyFault = textFault(key)
    if (keyFault) {
      // The key is not repeated, not even in a pointer.
      addError(findings, path, keyFault)
      continue
    }
    const pointer = `${path}/${escapeToken(key)}`
    const field = fields && Object.hasOwn(fields, key) ? fields[key] : undefined
    if (fields && !field) addWarning(findings, pointer, 'unknown_key')
    if (field) checkField(field, value, pointer, depth, findings)
    else checkUnknown(value, pointer, depth, findings)
  }
}

/** The value of a key that SEP-1 has. */
function checkField(field: Field, value: unknown, pointer: string, depth: number, findings: Findings): void {
  if (field.type === 'table') checkOneTable(field.keys, value, pointer, depth, findings)
  else if (field.type === 'tables') checkTables(field.keys, value, pointer, depth, findings)
  else if (field.type === 'texts') checkTexts(value, pointer, findings, () => undefined)
  else if (field.type === 'publicKeys') checkTexts(value, pointer, findings, publicKeyFault)
  else checkScalar(field, value, pointer, findings)
}

function checkScalar(field: Field, value: unknown, pointer: string, findings: Findings): void {
  const isMisplacedNumber = isNumeric(value) && field.type !== 'integer'
  const fault = isMisplacedNumber ? 'wrong_type' : (scalarFault(value) ?? formFault(field, value))
  if (fault) addFault(findings, pointer, fault)
  else warnOfSize(value, pointer, findings)
}

function checkOneTable(keys: Fields, value: unknown, pointer: string, depth: number, findings: Findings): void {
  if (isTable(value)) checkTable(value, keys, pointer, depth + 1, findings)
  else if (typeof value === 'string') addError(findings, pointer, textFault(value) ?? 'documentation_is_address')
  else addError(findings, pointer, scalarFault(value) ?? 'wrong_type')
}

function checkTables(keys: Fields, value: unknown, pointer: string, depth: number, findings: Findings): void {
  if (!Array.isArray(value)) {
    addError(findings, pointer, scalarFault(value) ?? 'wrong_type')
    return
  }
  for (const [at, element] of value.entries()) {
    if (isFull(findings)) return
    if (isTable(element)) checkTable(element, keys, `${pointer}/${at}`, depth + 1, findings)
    else addError(findings, `${pointer}/${at}`, scalarFault(element) ?? 'wrong_type')
  }
}

function checkTexts(
  value: unknown,
  pointer: string,
  findings: Findings,
  faultOf: (text: string) => TomlProblemCode | undefined,
): void {
  if (!Array.isArray(value)) {
    addError(findings, pointer, scalarFault(value) ?? 'wrong_type')
    return
  }
  for (const [at, element] of value.entries()) {
    if (isFull(findings)) return
    const fault = scalarFault(element) ?? (typeof element === 'string' ? faultOf(element) : 'wrong_type')
    if (fault) addError(findings, `${pointer}/${at}`, fault)
  }
}

/** Faults of form that a reader can live with. */
const HARMLESS: readonly TomlProblemCode[] = ['invalid_email', 'invalid_phone_number']

function addFault(findings: Findings, pointer: string, code: TomlProblemCode): void {
  if (HARMLESS.includes(code)) addWarning(findings, pointer, code)
  else addError(findings, pointer, code)
}

/** What is wrong with a value that TOML could hold. */
function formFault(field: Field, value: unknown): TomlProblemCode | undefined {
  if (field.type === 'boolean') return typeof value === 'boolean' ? undefined : 'wrong_type'
  if (field.type === 'integer') return rangeFault(value, field.min, field.max)
  if (typeof value !== 'string') return 'wrong_type'
  return textFormFault(field, value)
}

function rangeFault(value: unknown, min: number, max = Number.POSITIVE_INFINITY): TomlProblemCode | undefined {
  if (!isNumeric(value)) return 'wrong_type'
  if (value < min || value > max) return 'number_out_of_range'
  return undefined
}

function textFormFault(field: Field, text: string): TomlProblemCode | undefined {
  switch (field.type) {
    case 'text':
      return lengthFault(text, field.maxLength) ?? choiceFault(text, field.choices)
    case 'publicKey':
      return publicKeyFault(text)
    case 'contract':
      return contractFault(text)
    case 'httpsUrl':
      return httpsFault(text)
    case 'url':
      if (isHttpUrl(text)) return undefined
      return 'invalid_url'
    case 'email':
      if (emailDomainOf(text) === undefined) return 'invalid_email'
      return undefined
    case 'phone':
      if (isE164(text)) return undefined
      return 'invalid_phone_number'
    case 'alias':
      if (/^[a-z0-9-]{2,16}$/.test(text)) return undefined
      return 'invalid_alias'
    case 'host':
      if (isHost(text)) return undefined
      return 'invalid_host'
    default:
      return 'wrong_type'
  }
}

function lengthFault(text: string, maxLength = Number.POSITIVE_INFINITY): TomlProblemCode | undefined {
  if ([...text].length > maxLength) return 'text_too_long'
  return undefined
}

function choiceFault(text: string, choices: readonly string[] = [text]): TomlProblemCode | undefined {
  if (choices.includes(text)) return undefined
  return 'unknown_choice'
}

function publicKeyFault(text: string): TomlProblemCode | undefined {
  if (isStellarPublicKey(text)) return undefined
  return 'invalid_public_key'
}

function contractFault(text: string): TomlProblemCode | undefined {
  const key = decodeStrKey(text)
  if (key.ok && key.kind === 'contract') return undefined
  return 'invalid_contract'
}

function httpsFault(text: string): TomlProblemCode | undefined {
  if (isHttpsUrl(text)) return undefined
  if (isHttpUrl(text)) return 'not_https'
  return 'invalid_url'
}

function warnOfSize(value: unknown, pointer: string, findings: Findings): void {
  if (isNumeric(value) && isBeyondSafe(value)) addWarning(findings, pointer, 'integer_beyond_safe')
}

/** The value of a key that SEP-1 does not have: whatever TOML can hold without inline tables. */
function checkUnknown(value: unknown, pointer: string, depth: number, findings: Findings): void {
  if (depth > MAX_DEPTH) addError(findings, pointer, 'too_deep')
  else if (isTable(value)) checkTable(value, undefined, pointer, depth + 1, findings)
  else if (Array.isArray(value)) checkUnknownList(value, pointer, depth, findings)
  else {
    const fault = scalarFault(value)
    if (fault) addError(findings, pointer, fault)
    else warnOfSize(value, pointer, findings)
  }
}

function checkUnknownList(list: readonly unknown[], pointer: string, depth: number, findings: Findings): void {
  const types = new Set(Array.from(list, typeOf))
  if (types.size > 1) addError(findings, pointer, 'mixed_array')
  for (const [at, element] of list.entries()) {
    if (isFull(findings)) return
    // A table inside a list inside a list could only be written in line.
    const isInline = Array.isArray(element) && element.some((inner) => isTable(inner))
    if (isInline) addError(findings, `${pointer}/${at}`, 'wrong_type')
    else checkUnknown(element, `${pointer}/${at}`, depth + 1, findings)
  }
}

function typeOf(value: unknown): string {
  if (typeof value === 'bigint') return 'number'
  if (Array.isArray(value)) return 'list'
  return typeof value
}
