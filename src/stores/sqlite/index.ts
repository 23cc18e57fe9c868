/**
 * A dedupe store in an SQLite file, for the processes of one host.
 *
 * @module
 */

export type { DeleteExpiredOptions } from '../shared/delete-in-batches.ts'
export type { SqliteDatabase, SqliteStatement } from './database.ts'
export { type SqliteDedupeOptions, type SqliteDedupeStore, sqliteDedupeStore } from './store.ts'
