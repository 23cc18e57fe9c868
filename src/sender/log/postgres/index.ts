/**
 * A delivery log on PostgreSQL, for many hosts; your own transactions can enqueue deliveries in it.
 *
 * @module
 */

export type { PostgresClient } from '../../../stores/postgres/client.ts'
export type { DeliveryLogOptions } from '../table-names.ts'
export { type PostgresDeliveryLog, postgresDeliveryLog, type TransactionOutbox } from './log.ts'
