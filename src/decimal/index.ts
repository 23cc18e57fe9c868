/**
 * Money amounts as decimal strings, and their exact integer units.
 *
 * @module
 */
export { FluxoraError } from '../shared/fluxora-error.ts'
export type {
  StandardJSONSchemaOptions,
  StandardJSONSchemaProps,
  StandardJSONSchemaV1,
  StandardSchemaIssue,
  StandardSchemaProps,
  StandardSchemaResult,
  StandardSchemaV1,
} from '../shared/standard-schema.ts'
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
export { covers, type Rate, rateOver, ratePerSecond } from './rate.ts'
export type { DecimalErrorCode, DecimalReason, DecimalRefusal } from './refusals.ts'
export { rescaleUnits } from './rescale.ts'
export { type DecimalSchema, decimalSchema } from './schema.ts'
export type { Seconds } from './seconds.ts'
export type { DecimalStyle } from './write.ts'
