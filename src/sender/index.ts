/**
 * Sending webhooks: signed afresh on each attempt, with retries, behind a guard against requests into your own network.
 *
 * @module
 */

export { isWebhookError, WebhookError } from '../shared/webhook-error.ts'
export { type AddressClass, classifyAddress } from './address/classify.ts'
export { type AddressGuard, type AddressGuardOptions, addressGuard, type ResolvedAddress } from './address/guard.ts'
export type { Attempt, AttemptReason, AttemptResponse, Endpoint, OutgoingDelivery } from './delivery.ts'
export {
  defineRetrySchedule,
  type FailedAttempt,
  type RetryDecision,
  type RetrySchedule,
  type RetryScheduleDefinition,
} from './retry-schedule.ts'
export { retrySchedules } from './retry-schedules.ts'
export { createWebhookSender, type WebhookSender, type WebhookSenderOptions } from './sender.ts'
export type { Transport, TransportRequest, TransportResult } from './transport.ts'
