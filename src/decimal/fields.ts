/**
 * The amounts of one object: all of them read, or all that is wrong with them.
 *
 * @module
 */
import { rejectUnknownNames } from '../shared/options.ts'
import { readNames } from './arguments.ts'
import { invalidPolicy } from './errors.ts'
import { parseDecimal } from './parse.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import type { DecimalPolicy, UnitsOf } from './policy.ts'
import type { DecimalRefusal } from './refusals.ts'

/** A refused field: the refusal, and whose it is. */
export interface AmountFieldError extends Omit<DecimalRefusal, 'ok'> {
  readonly field: string
}

/** The units of every field, or every error, in the order of the fields. */
export type AmountFields<Amounts> =
  | { readonly ok: true; readonly units: Amounts }
  | { readonly ok: false; readonly errors: readonly AmountFieldError[] }

/** The policy of a field that may be missing. */
export interface OptionalAmount<Scale extends number = number> {
  readonly optional: DecimalPolicy<Scale>
}

/** What `parseAmountFields` may be told of each field: its policy, or that it may be missing. */
export interface AmountFieldPolicies {
  readonly [field: string]: (DecimalPolicy & { readonly optional?: never }) | OptionalAmount
}

/** The units of fields by their policies; those of an optional field may be missing. */
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
 * Only the object's own properties count; a field that is missing, inherited or null is `DECIMAL_EMPTY_VALUE`, and so is
 * every field when there is no object at all. A field that may be missing has its policy as `{ optional: policy }`: absent,
 * undefined or null, it gives no units and no error; anything else in it, blank text too, is read as an amount. Properties that
 * are not named are not looked at.
 *
 * @param fields The names, all under `policy`; or an object with a policy for each name.
 * @throws DecimalError `DECIMAL_INVALID_POLICY`, or `DECIMAL_INVALID_ARGUMENT` when the fields are neither.
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
  for (const { field, rules, optional } of readFields(fields, policy)) {
    const result = parseDecimal(Object.hasOwn(source, field) ? source[field] : undefined, rules)
    if (result.ok) units.push([field, result.units])
    else if (!optional || result.reason !== 'missing') {
      const { ok, ...refusal } = result
      errors.push({ field, ...refusal })
    }
  }
  // fromEntries defines own properties, so that a field called __proto__ stays a field.
  return errors.length > 0 ? { ok: false, errors } : { ok: true, units: Object.fromEntries(units) }
}

interface Field {
  readonly field: string
  readonly rules: DecimalPolicy
  readonly optional: boolean
}

function readFields(fields: readonly string[] | AmountFieldPolicies, policy: DecimalPolicy): Field[] {
  if (Array.isArray(fields) || typeof fields !== 'object' || fields === null) {
    return readNames(fields).map((field) => ({ field, rules: policy, optional: false }))
  }
  return Object.entries(fields as AmountFieldPolicies).map(([field, rules]) => {
    if (!Object.hasOwn(Object(rules), 'optional')) return { field, rules: Object(rules), optional: false }
    rejectUnknownNames(rules, ['optional'], invalidPolicy)
    return { field, rules: Object((rules as OptionalAmount).optional), optional: true }
  })
}
