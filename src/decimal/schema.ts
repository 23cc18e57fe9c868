/**
 * A decimal amount as a Standard Schema, for the frameworks that validate with any library.
 *
 * @module
 */
import { invalidArgument } from './errors.ts'
import { MAX_LENGTH } from './limits.ts'
import { parseDecimal } from './parse.ts'
import { decimalPattern } from './pattern.ts'
import { FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, type DecimalPolicy, type UnitsOf } from './policy.ts'
import { writeUnits } from './write.ts'

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
 * The Standard JSON Schema interface, version 1, copied likewise.
 *
 * @see {@link https://standardschema.dev/json-schema}
 */
export interface StandardJSONSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': StandardJSONSchemaProps<Input, Output>
}

/** The properties of a Standard JSON Schema. */
export interface StandardJSONSchemaProps<Input = unknown, Output = Input> {
  readonly version: 1
  readonly vendor: string
  readonly jsonSchema: {
    /** The JSON Schema of what goes in. */
    readonly input: (options: StandardJSONSchemaOptions) => Record<string, unknown>
    /** The JSON Schema of what comes out. */
    readonly output: (options: StandardJSONSchemaOptions) => Record<string, unknown>
  }
  readonly types?: { readonly input: Input; readonly output: Output } | undefined
}

/** Which dialect of JSON Schema is asked for. */
export interface StandardJSONSchemaOptions {
  readonly target: 'draft-2020-12' | 'draft-07' | 'openapi-3.0' | (string & {})
  readonly libraryOptions?: Record<string, unknown> | undefined
}

/** A schema that validates and can be described: text in, units out. */
export interface DecimalSchema<Scale extends number = number> {
  readonly '~standard': StandardSchemaProps<string, UnitsOf<Scale>> & StandardJSONSchemaProps<string, UnitsOf<Scale>>
}

/**
 * A Standard Schema that takes an amount as text and gives its units, and a Standard JSON Schema that describes the text: type,
 * {@link decimalPattern}, `maxLength`, and in words the bounds, which no pattern can hold.
 *
 * @param policy {@link FLUXORA_AMOUNT} by default.
 * @throws DecimalError `DECIMAL_INVALID_POLICY`, here and not while validating. `jsonSchema.input` throws
 * `DECIMAL_INVALID_ARGUMENT` for a target that it does not know, `jsonSchema.output` always: there is no JSON for a bigint.
 *
 * @example
 * ```ts
 * // Hono, with @hono/standard-validator
 * app.post('/tip', sValidator('json', decimalSchema(STELLAR_AMOUNT)), (context) => {
 *   const units = context.req.valid('json') // bigint
 *   return context.text('thanks')
 * })
 * decimalSchema(STELLAR_AMOUNT)['~standard'].jsonSchema.input({ target: 'openapi-3.0' })
 * // { type: 'string', pattern: '^[+\\-]?[0-9]+(\\.([0-9]{1,7}|[0-9]{7}0+))?$', maxLength: 128, description: … }
 * ```
 */
export function decimalSchema<const Scale extends number = 7>(
  policy: DecimalPolicy<Scale> = FLUXORA_AMOUNT as DecimalPolicy<number> as DecimalPolicy<Scale>,
): DecimalSchema<Scale> {
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
      jsonSchema: Object.freeze({
        input: (options: StandardJSONSchemaOptions) => describeText(policy, options),
        output: refuseOutput,
      }),
    } as const),
  })
}

// The keywords below mean the same in all of them.
const TARGETS = ['draft-2020-12', 'draft-2019-09', 'draft-07', 'draft-06', 'draft-04', 'openapi-3.1', 'openapi-3.0']

function describeText(policy: DecimalPolicy, options: StandardJSONSchemaOptions): Record<string, unknown> {
  if (!TARGETS.includes(Object(options).target)) {
    throw invalidArgument('target', `target must be one of ${TARGETS.join(', ')}.`)
  }
  const { scale, min, max } = policy
  const [least, most] = [writeUnits(min, scale), writeUnits(max, scale)]
  return {
    type: 'string',
    pattern: decimalPattern(policy),
    maxLength: MAX_LENGTH,
    description: `A decimal amount from ${least} to ${most}, with at most ${scale} decimal places.`,
  }
}

function refuseOutput(): never {
  const message = 'The output is a bigint, which JSON Schema cannot describe. Ask jsonSchema.input for the text.'
  throw invalidArgument('output', message)
}
