/**
 * What the program did wrong, said so that it can be mended: the errors of misuse, and the checks that several files make.
 *
 * @module
 */
import { describeUnknownName, findUnknownName } from '../shared/options.ts'
import { DecimalError } from './errors.ts'

/** @internal An error of misuse; `reason` is the name of the argument or policy member to blame. */
export function misuse(what: 'POLICY' | 'ARGUMENT', reason: string, message: string, field?: string): DecimalError {
  return new DecimalError({ code: `DECIMAL_INVALID_${what}`, reason, message }, field)
}

/** @internal Throws for a member that nobody reads, such as a misspelt `endtime`: what was meant by it would not hold, unseen. */
export function checkNames(what: 'POLICY' | 'ARGUMENT', options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) return
  const unknown = findUnknownName(options, known)
  if (unknown !== undefined) throw misuse(what, unknown, describeUnknownName(unknown, known))
}

/** @internal */
export function checkUnits(units: unknown, name: string): bigint {
  if (typeof units === 'bigint') return units
  throw misuse('ARGUMENT', name, `${name} must be a bigint, not ${kindOf(units)}.`)
}

/** @internal What a value is, in words that hold nothing of it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** @internal The names in a list of them. A text is a list too, of its characters, and is none of names. */
export function readNames(fields: unknown): readonly string[] {
  const isList = Object(fields) === fields && typeof (fields as Iterable<unknown>)[Symbol.iterator] === 'function'
  const names = isList ? [...(fields as Iterable<unknown>)] : undefined
  if (names?.every((name) => typeof name === 'string')) return names
  throw misuse('ARGUMENT', 'fields', "fields must be a list of names, as in ['depositAmount'].")
}
