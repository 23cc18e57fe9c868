// A decimal amount as a Standard Schema, for frameworks that validate with any library.

import type {
  StandardJSONSchemaOptions,
  StandardJSONSchemaProps,
  StandardSchemaIssue,
  StandardSchemaProps,
  StandardSchemaResult,
} from '../shared/standard-schema.ts'
import { invalidArgument } from './errors.ts'
import { MAX_LENGTH } from './limits.ts'
import { parseDecimal } from './parse.ts'
import { decimalPattern } from './pattern.ts'
import { DEFAULT_POLICY } from './policies.ts'
import { checkPolicy, type DecimalPolicy, type UnitsOf } from './policy.ts'
import type { DecimalRefusal } from './refusals.ts'
import { writeUnits } from './write.ts'

/** A schema of amounts: text in, units out. It validates, and it can be written as JSON Schema. */
export interface DecimalSchema<Scale extends number = number> {
  readonly '~standard': DecimalSchemaProps<Scale>
}

interface DecimalSchemaProps<Scale extends number>
  extends StandardSchemaProps<string, UnitsOf<Scale>>,
    StandardJSONSchemaProps<string, UnitsOf<Scale>> {
  /** Never a promise. An issue has the code, reason and `at` of the refusal beside its message. */
  readonly validate: (value: unknown) => StandardSchemaResult<UnitsOf<Scale>, DecimalIssue>
}

type DecimalIssue = StandardSchemaIssue & Omit<DecimalRefusal, 'ok'>

/**
 * A Standard Schema that takes an amount as text and gives its units. It is a Standard JSON Schema too, which describes the text by type,
 * {@link decimalPattern} and `maxLength`; the bounds are in its description, because no pattern can express them.
 *
 * @param policy Decimals and bounds; {@link FLUXORA_AMOUNT} by default.
 * @returns The schema, frozen. Its `jsonSchema.input` throws `DECIMAL_INVALID_ARGUMENT` for a target that it does not know, and its
 * `jsonSchema.output` always does, because JSON has no bigint.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` if the policy makes no sense: here, not while validating.
 * @see {@link https://standardschema.dev}
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
  policy: DecimalPolicy<Scale> = DEFAULT_POLICY,
): DecimalSchema<Scale> {
  checkPolicy(policy)
  return Object.freeze({
    '~standard': Object.freeze({
      version: 1,
      vendor: 'fluxora',
      validate(value: unknown) {
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

// The keywords below mean the same in all of these.
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
  const message =
    'The output is a bigint, which JSON Schema cannot describe. Use jsonSchema.input, which describes the text.'
  throw invalidArgument('output', message)
}
