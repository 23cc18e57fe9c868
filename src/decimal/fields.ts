// The amounts of one object: all of them, or everything that is wrong with them.

import { rejectUnknownNames } from '../shared/options.ts'
import { isList, readNames } from './arguments.ts'
import { invalidPolicy } from './errors.ts'
import { parseDecimal } from './parse.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import type { DecimalPolicy, UnitsOf } from './policy.ts'
import type { DecimalRefusal } from './refusals.ts'

/** A refused field: its name, and the refusal. */
export interface AmountFieldError extends Omit<DecimalRefusal, 'ok'> {
  /** Name of the property. */
  readonly field: string
}

/** The units of every field; or every error, in the order of the fields. */
export type AmountFields<Amounts> =
  | { readonly ok: true; readonly units: Amounts }
  | { readonly ok: false; readonly errors: readonly AmountFieldError[] }

/** The policy of a field that may be missing. */
export interface OptionalAmount<Scale extends number = number> {
  /** Its policy when there is an amount. */
  readonly optional: DecimalPolicy<Scale>
}

/** The policy of each field, or `{ optional: policy }` for a field that may be missing. */
export interface AmountFieldPolicies {
  readonly [field: string]: (DecimalPolicy & { readonly optional?: never }) | OptionalAmount
}

/** The units of each field by its policy. Those of an optional field may be missing. */
export type AmountUnits<Policies extends AmountFieldPolicies> = {
  readonly [Name in Exclude<keyof Policies, OptionalNames<Policies>>]: FieldUnits<Policies[Name]>
} & {
  readonly [Name in OptionalNames<Policies>]?: FieldUnits<Policies[Name]> | undefined
}

type FieldUnits<Field> =
  Field extends OptionalAmount<infer Scale>
    ? UnitsOf<Scale>
    : Field extends DecimalPolicy<infer Scale>
      ? UnitsOf<Scale>
      : never

type OptionalNames<Policies> = {
  [Name in keyof Policies]: Extract<Policies[Name], OptionalAmount> extends never ? never : Name
}[keyof Policies]

/**
 * Reads several amounts of one object, such as a parsed request body, and reports everything that is wrong at once.
 *
 * Only the object's own properties count. A field that is missing, inherited or null is `DECIMAL_EMPTY_VALUE`, and so is every field if
 * there is no object at all. A field that may be missing has `{ optional: policy }` for its policy: if it is absent, undefined or null it
 * gives neither units nor an error, and anything else in it, blank text included, is read as an amount. Other properties are ignored.
 *
 * @param object The object, of any origin.
 * @param fields The names of the fields, which all have `policy`; or an object with a policy for each name.
 * @param policy For a list of names: decimals and bounds; {@link FLUXORA_AMOUNT} by default.
 * @returns `{ ok: true, units }`, with the units under the names of their fields, or `{ ok: false, errors }`.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` if a policy makes no sense; `DECIMAL_INVALID_ARGUMENT` if `fields` is neither a list of
 * names nor an object.
 *
 * @example
 * ```ts
 * const amounts = parseAmountFields(body, { depositAmount: STELLAR_AMOUNT, tip: { optional: STELLAR_AMOUNT } })
 * if (!amounts.ok) return reply.code(400).send({ errors: amounts.errors }) // [{ field, code, reason, at?, message }, …]
 * amounts.units.depositAmount // bigint
 * amounts.units.tip // bigint | undefined
 * ```
 */
export function parseAmountFields<const Field extends string, const Scale extends number = 7>(
  object: unknown,
  fields: readonly Field[],
  policy?: DecimalPolicy<Scale>,
): AmountFields<{ readonly [Name in Field]: UnitsOf<Scale> }>
export function parseAmountFields<const Policies extends AmountFieldPolicies>(
  object: unknown,
  fields: Policies,
): AmountFields<AmountUnits<Policies>>
export function parseAmountFields(
  object: unknown,
  fields: readonly string[] | AmountFieldPolicies,
  policy: DecimalPolicy = FLUXORA_AMOUNT,
): AmountFields<Record<string, bigint>> {
  const source = Object(object)
  const units: [string, bigint][] = []
  const errors: AmountFieldError[] = []
  for (const { name, policy: own, isOptional } of readFields(fields, policy)) {
    const result = parseDecimal(Object.hasOwn(source, name) ? source[name] : undefined, own)
    if (result.ok) units.push([name, result.units])
    else if (!isOptional || result.reason !== 'missing') {
      const { ok, ...refusal } = result
      errors.push({ field: name, ...refusal })
    }
  }
  if (errors.length > 0) return { ok: false, errors }
  // fromEntries defines own properties, so a field called __proto__ is an ordinary field.
  return { ok: true, units: Object.fromEntries(units) }
}

interface Field {
  readonly name: string
  readonly policy: DecimalPolicy
  readonly isOptional: boolean
}

function readFields(fields: readonly string[] | AmountFieldPolicies, policy: DecimalPolicy): Field[] {
  if (arePoliciesByName(fields)) return Object.entries(fields).map(([name, own]) => readField(name, own))
  return readNames(fields).map((name) => ({ name, policy, isOptional: false }))
}

function arePoliciesByName(fields: readonly string[] | AmountFieldPolicies): fields is AmountFieldPolicies {
  return typeof fields === 'object' && fields !== null && !isList(fields)
}

/** The policies are checked by `parseDecimal`, which must have an object. */
function readField(name: string, policy: DecimalPolicy | OptionalAmount): Field {
  if (!isOptional(policy)) return { name, policy: Object(policy), isOptional: false }
  rejectUnknownNames(policy, ['optional'], invalidPolicy)
  return { name, policy: Object(policy.optional), isOptional: true }
}

function isOptional(policy: DecimalPolicy | OptionalAmount): policy is OptionalAmount {
  return Object.hasOwn(Object(policy), 'optional')
}
