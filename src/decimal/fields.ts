/**
 * The amounts of one object: all of them read, or all that is wrong with them.
 *
 * @module
 */
import type { DecimalRefusal } from './errors.ts'
import { parseDecimal } from './parse.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import type { DecimalPolicy, UnitsOf } from './policy.ts'

/** A refused field: the refusal, and whose it is. */
export interface AmountFieldError extends Omit<DecimalRefusal, 'ok'> {
  readonly field: string
}

/** The units of every field, or every error, in the order of the fields. */
export type AmountFields<Amounts> =
  | { readonly ok: true; readonly units: Amounts }
  | { readonly ok: false; readonly errors: readonly AmountFieldError[] }

/**
 * Reads several amounts of one object, such as a parsed request body, and reports everything that is wrong at once.
 *
 * Only the object's own properties count; a field that is missing, inherited or null is `DECIMAL_EMPTY_VALUE`, and so is
 * every field when there is no object at all. Properties that are not named are not looked at.
 *
 * @param fields The names, all under `policy`; or an object of a policy for each name.
 * @throws DecimalError `DECIMAL_INVALID_POLICY` only.
 *
 * @example
 * ```ts
 * const amounts = parseAmountFields(body, ['depositAmount', 'ratePerSecond'], STELLAR_AMOUNT)
 * if (!amounts.ok) return reply.code(400).send({ errors: amounts.errors }) // [{ field, code, reason, at?, message }, …]
 * amounts.units.depositAmount // bigint
 * ```
 */
export function parseAmountFields<const Field extends string, const Scale extends number = 7>(
  object: unknown,
  fields: readonly Field[],
  policy?: DecimalPolicy<Scale>,
): AmountFields<{ readonly [Name in Field]: UnitsOf<Scale> }>
export function parseAmountFields<const Policies extends { readonly [field: string]: DecimalPolicy }>(
  object: unknown,
  fields: Policies,
): AmountFields<{ readonly [Name in keyof Policies]: UnitsOf<Policies[Name]['scale']> }>
export function parseAmountFields(
  object: unknown,
  fields: readonly string[] | { readonly [field: string]: DecimalPolicy },
  policy: DecimalPolicy = FLUXORA_AMOUNT,
): AmountFields<Record<string, bigint>> {
  const source = Object(object)
  const units: [string, bigint][] = []
  const errors: AmountFieldError[] = []
  const policies = Array.isArray(fields) ? undefined : (fields as { readonly [field: string]: DecimalPolicy })
  for (const field of policies ? Object.keys(policies) : (fields as readonly string[])) {
    const value = Object.hasOwn(source, field) ? source[field] : undefined
    const result = parseDecimal(value, policies ? Object(policies[field]) : policy)
    if (result.ok) {
      units.push([field, result.units])
    } else {
      const { ok, ...refusal } = result
      errors.push({ field, ...refusal })
    }
  }
  // fromEntries defines own properties, so that a field called __proto__ stays a field.
  return errors.length > 0 ? { ok: false, errors } : { ok: true, units: Object.fromEntries(units) }
}
