// Signed webhooks: sign, verify, deduplicate, receive exactly once.

export type { BodyBudget } from './body-budget.ts'
export type { CheckOptions, Verification, WebhookBody } from './checks.ts'
export { type Refusal, WEBHOOK_STATUS, type WebhookCode } from './codes.ts'
export {
  type ContractHeader,
  type VerifyWebhookSignatureInput,
  verifyWebhookSignature,
  type WebhookVerificationResult,
} from './contract.ts'
export type { Claim, ClaimResult, DedupeKey, DedupeStore } from './dedupe.ts'
export { defineScheme } from './define-scheme.ts'
export type { VerifiedDelivery } from './delivery.ts'
export { isWebhookError, WebhookError, type WebhookErrorCode } from './errors.ts'
export type { HeaderBag } from './headers.ts'
export {
  type MemoryDedupeOptions,
  type MemoryDedupeStats,
  type MemoryDedupeStore,
  memoryDedupeStore,
} from './memory-store.ts'
export type { Outcome, OutcomeReport, ReceiveProblem } from './outcome.ts'
export { createWebhookReceiver } from './receive.ts'
export type {
  Abortable,
  HandlerContext,
  ReceiveCall,
  ReceiveInput,
  RunInTransaction,
  WebhookHandler,
  WebhookReceiver,
} from './receiver-contract.ts'
export type {
  DedupeKeyResult,
  FindTenant,
  FoundSecrets,
  SecretSource,
  Tenant,
  TenantRequest,
  WebhookReceiverOptions,
} from './receiver-options.ts'
export type { DedupeBy, SchemeDefinition, SignedField, SignedPart, SignedText, WebhookScheme } from './scheme.ts'
export {
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
export { createWebhookVerifier, type WebhookVerifier, type WebhookVerifierOptions } from './verify.ts'
