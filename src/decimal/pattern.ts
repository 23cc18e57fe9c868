/**
 * The grammar as a regular expression, for those who check a text without this library.
 *
 * @module
 */
import { FLUXORA_AMOUNT } from './policies.ts'
import { checkPolicy, type DecimalPolicy } from './policy.ts'

/**
 * The grammar of a policy's amounts as an anchored ECMA-262 pattern: for the `pattern` of JSON Schema, OpenAPI or an HTML input.
 *
 * It says how an amount is written and that there are no digits but zeros beyond the scale. It cannot say the bounds, nor that a text
 * of more than 128 characters is refused (`maxLength` can). So for a text of at most 128 characters, it matches exactly if
 * `parseDecimal` takes the text, or refuses it as `above_maximum` or `below_minimum` only.
 *
 * It holds in every mode (no flag, `u`, `v`), uses nothing that RE2 lacks, and takes time in proportion to the text.
 *
 * @param policy {@link FLUXORA_AMOUNT} by default. Only its scale shows in the pattern.
 * @throws DecimalError `DECIMAL_INVALID_POLICY`.
 *
 * @example
 * ```ts
 * decimalPattern() // '^[+\\-]?[0-9]+(\\.([0-9]{1,7}|[0-9]{7}0+))?$'
 * ```
 */
export function decimalPattern(policy: DecimalPolicy = FLUXORA_AMOUNT): string {
  checkPolicy(policy)
  const { scale } = policy
  // Two branches that cannot match the same text: `[0-9]{1,7}0*` would be tried seven times over a long run of zeros.
  const decimals = scale === 0 ? '0+' : `([0-9]{1,${scale}}|[0-9]{${scale}}0+)`
  return `^[+\\-]?[0-9]+(\\.${decimals})?$`
}
