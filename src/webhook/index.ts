/**
 * Signed webhooks: sign, verify, deduplicate, receive exactly once.
 *
 * @module
 */

export { FluxoraError } from '../shared/fluxora-error.ts'
export { isWebhookError, WebhookError, type WebhookErrorCode } from '../shared/webhook-error.ts'
export type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../stores/contract.ts'
export {
  type MemoryDedupeOptions,
  type MemoryDedupeStats,
  type MemoryDedupeStore,
  memoryDedupeStore,
} from '../stores/memory/store.ts'
export {
  type Refusal,
  type VerificationCode,
  type VerificationRefusal,
  WEBHOOK_STATUS,
  type WebhookCode,
} from './codes.ts'
export {
  type ContractHeader,
  type VerifyWebhookSignatureInput,
  verifyWebhookSignature,
  type WebhookVerificationResult,
} from './contract.ts'
export type { WebhookBody } from './pipeline/body.ts'
export type { CheckOptions } from './pipeline/checks.ts'
export type { HeaderBag } from './pipeline/headers.ts'
export type { Verification } from './pipeline/verdict.ts'
export type { WebhookAlgorithm } from './proof/key-material.ts'
export { createWebhookReceiver } from './receive.ts'
export type {
  DedupeKeyResult,
  FindTenant,
  FoundSecrets,
  SecretSource,
  Tenant,
  TenantRequest,
  WebhookReceiverOptions,
} from './receiver-options.ts'
export type { BodyBudget } from './receiving/body-budget.ts'
export type { AcceptedOutcome, Outcome, OutcomeReport, ReceiveProblem, RefusedOutcome } from './receiving/outcome.ts'
export type {
  Abortable,
  HandlerContext,
  ReceiveCall,
  ReceiveInput,
  RunInTransaction,
  WebhookHandler,
  WebhookReceiver,
} from './receiving/receiver-contract.ts'
export { defineScheme } from './schemes/define.ts'
export type { DedupeBy, SchemeDefinition, TimestampFormat, WebhookScheme } from './schemes/scheme.ts'
export type { SignedField, SignedPart, SignedText } from './schemes/signed-part.ts'
export {
  type JsonWebKeyObject,
  type NamedSecret,
  previousSecret,
  type SecretFormat,
  type WebhookSecret,
  type WebhookSecrets,
} from './secrets.ts'
export {
  computeWebhookSignature,
  createWebhookSigner,
  type SignInput,
  type WebhookSigner,
  type WebhookSignerOptions,
} from './sign.ts'
export type { VerifiedDelivery } from './verified-delivery.ts'
export { createWebhookVerifier, type VerifyInput, type WebhookVerifier, type WebhookVerifierOptions } from './verify.ts'
