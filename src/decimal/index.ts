/**
 * Decimal strings and exact integer units: strict, exact, and cheap to refuse.
 *
 * @module
 */
export { FluxoraError } from '../shared/fluxora-error.ts'
export { accruedUnits, depletesAt, refundableUnits, type StreamPause, type StreamTerms } from './accrual.ts'
export { DecimalError, type DecimalMisuseCode, isDecimalError } from './errors.ts'
export {
  type AmountFieldError,
  type AmountFieldPolicies,
  type AmountFields,
  type AmountUnits,
  type OptionalAmount,
  parseAmountFields,
} from './fields.ts'
export { compareDecimals, formatUnits, normalizeDecimal } from './format.ts'
export { findUnsafeAmounts, type UnsafeAmount } from './guard.ts'
export { bigintReplacer } from './json.ts'
export { type DecimalResult, parseDecimal, toUnits } from './parse.ts'
export { decimalPattern } from './pattern.ts'
export { evmAmount, FLUXORA_AMOUNT, FLUXORA_SAFE_INTEGER, SOROBAN_AMOUNT, STELLAR_AMOUNT } from './policies.ts'
export { type DecimalPolicy, type DecimalString, definePolicy, type Units, type UnitsOf } from './policy.ts'
export { covers, type Rate, rateOver, ratePerSecond, type Seconds } from './rate.ts'
export type { DecimalErrorCode, DecimalReason, DecimalRefusal } from './refusals.ts'
export { rescaleUnits } from './rescale.ts'
export {
  type DecimalSchema,
  decimalSchema,
  type StandardJSONSchemaOptions,
  type StandardJSONSchemaProps,
  type StandardJSONSchemaV1,
  type StandardSchemaIssue,
  type StandardSchemaProps,
  type StandardSchemaResult,
  type StandardSchemaV1,
} from './schema.ts'
export type { DecimalStyle } from './write.ts'
