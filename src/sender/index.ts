/**
 * Sending webhooks: signed afresh on each attempt, with retries out of a log, behind a guard against requests into your own network.
 *
 * @module
 */

export { isWebhookError, WebhookError } from '../shared/webhook-error.ts'
export { type AddressClass, classifyAddress } from './address/classify.ts'
export {
  type AddressGuard,
  type AddressGuardOptions,
  addressGuard,
  type RefusedAddress,
  type ResolvedAddress,
  type VettedAddresses,
  type VettedUrl,
} from './address/guard.ts'
export type { Attempt, AttemptReason, AttemptResponse, Endpoint, OutgoingDelivery } from './delivery.ts'
export { createDispatcher, type Dispatcher } from './dispatcher/dispatcher.ts'
export type { AttemptMaker, DispatcherOptions } from './dispatcher/options.ts'
export type { AttemptRecord, DispatcherStats, EndpointRecord } from './dispatcher/records.ts'
export type {
  ClaimedDelivery,
  ClaimOptions,
  DeliveryCounts,
  DeliveryLog,
  EndpointChange,
  LoggedDelivery,
  NewDelivery,
  Settled,
  Settlement,
} from './log/contract.ts'
export { memoryDeliveryLog } from './log/memory.ts'
export { type PostgresDeliveryLog, postgresDeliveryLog, type TransactionOutbox } from './log/postgres/log.ts'
export { type SqliteDeliveryLog, sqliteDeliveryLog } from './log/sqlite/log.ts'
export type { DeliveryLogOptions } from './log/table-names.ts'
export {
  defineRetrySchedule,
  type FailedAttempt,
  type GrowingDefinition,
  type ListedDefinition,
  type RetryDecision,
  type RetrySchedule,
  type RetryScheduleDefinition,
} from './retry-schedule.ts'
export { retrySchedules } from './retry-schedules.ts'
export { createWebhookSender, type WebhookSender, type WebhookSenderOptions } from './sender.ts'
export type { Transport, TransportRequest, TransportResult } from './transport.ts'
