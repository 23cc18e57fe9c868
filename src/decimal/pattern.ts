// The grammar as a regular expression, for whoever checks a text without this library.

import { FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, type DecimalPolicy } from './policy.ts'

/**
 * The grammar of a policy's amounts as an anchored ECMA-262 pattern: for the `pattern` of JSON Schema, OpenAPI or an HTML input.
 *
 * It covers how an amount is written, and that decimals beyond the scale are zeros. It does not cover the bounds, nor the limit of 128
 * characters (`maxLength` does). So it matches a text of at most 128 characters exactly if `parseDecimal` accepts the text, or refuses it
 * only as `above_maximum` or `below_minimum`.
 *
 * It works in every mode (no flag, `u`, `v`) and in RE2, and takes time in proportion to the text.
 *
 * @param policy {@link FLUXORA_AMOUNT} by default. Only its scale matters here.
 * @returns The pattern, anchored at both ends.
 * @throws {DecimalError} `DECIMAL_INVALID_POLICY` if the policy makes no sense.
 * @see {@link https://262.ecma-international.org/#sec-patterns}
 *
 * @example
 * ```ts
 * decimalPattern() // '^[+\\-]?[0-9]+(\\.([0-9]{1,7}|[0-9]{7}0+))?$'
 * ```
 */
export function decimalPattern(policy: DecimalPolicy = FLUXORA_AMOUNT): string {
  checkPolicy(policy)
  const { scale } = policy
  // Two branches that cannot match the same text: `[0-9]{1,7}0*` would try a long run of zeros seven times.
  const decimals = scale === 0 ? '0+' : `([0-9]{1,${scale}}|[0-9]{${scale}}0+)`
  return `^[+\\-]?[0-9]+(\\.${decimals})?$`
}
