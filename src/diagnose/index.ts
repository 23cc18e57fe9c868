/**
 * Why a delivery was refused: the cause is found by undoing it, so a finding is proven.
 *
 * @module
 */

export { isWebhookError, WebhookError } from '../shared/webhook-error.ts'
export { diagnoseDeliveries } from './diagnose-deliveries.ts'
export { diagnoseDelivery } from './diagnose-delivery.ts'
export type { Certainty, Diagnosis, Excluded, Finding, FindingCode } from './finding.ts'
export type { DiagnoseInput } from './input.ts'
