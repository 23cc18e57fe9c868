/**
 * A dedupe store on PostgreSQL, for many hosts; also as a part of your own transactions.
 *
 * @module
 */

export type { DeleteExpiredOptions } from '../shared/delete-in-batches.ts'
export type { PostgresClient } from './client.ts'
export type { PostgresDedupeOptions } from './options.ts'
export { type PostgresDedupeStore, postgresDedupeSchema, postgresDedupeStore } from './store.ts'
