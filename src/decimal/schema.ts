/**
 * A decimal amount as a Standard Schema, for the frameworks that validate with any library.
 *
 * @module
 */
import { parseDecimal } from './parse.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, type DecimalPolicy, type UnitsOf } from './policy.ts'

/**
 * The Standard Schema interface, version 1, copied from its specification, so that nothing need be installed.
 *
 * @see {@link https://standardschema.dev}
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': StandardSchemaProps<Input, Output>
}

/** The properties of a Standard Schema. */
export interface StandardSchemaProps<Input = unknown, Output = Input> {
  readonly version: 1
  readonly vendor: string
  readonly validate: (value: unknown) => StandardSchemaResult<Output>
  readonly types?: { readonly input: Input; readonly output: Output } | undefined
}

/** What `validate` returns: the output, or what is wrong. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] }

/** What is wrong, with the code, reason and `at` of the refusal beside the message of the specification. */
export interface StandardSchemaIssue {
  readonly message: string
  readonly path?: readonly PropertyKey[] | undefined
  readonly code: string
  readonly reason: string
  readonly at?: number
}

/**
 * A Standard Schema that takes an amount as text and gives its units.
 *
 * @param policy {@link FLUXORA_AMOUNT} by default.
 * @throws DecimalError `DECIMAL_INVALID_POLICY`, here and not while validating.
 *
 * @example
 * ```ts
 * // Hono, with @hono/standard-validator
 * app.post('/tip', sValidator('json', decimalSchema(STELLAR_AMOUNT)), (context) => {
 *   const units = context.req.valid('json') // bigint
 *   return context.text('thanks')
 * })
 * ```
 */
export function decimalSchema<const Scale extends number = 7>(
  policy: DecimalPolicy<Scale> = FLUXORA_AMOUNT as DecimalPolicy<number> as DecimalPolicy<Scale>,
): StandardSchemaV1<string, UnitsOf<Scale>> {
  checkPolicy(policy)
  return Object.freeze({
    '~standard': Object.freeze({
      version: 1,
      vendor: 'fluxora',
      validate(value: unknown): StandardSchemaResult<UnitsOf<Scale>> {
        const result = parseDecimal(value, policy)
        if (result.ok) return { value: result.units }
        const { ok, ...issue } = result
        return { issues: [issue] }
      },
    } as const),
  })
}
