/**
 * A delivery log in an SQLite file, for the processes of one host.
 *
 * @module
 */

export type { SqliteDatabase } from '../../../stores/sqlite/database.ts'
export type { DeliveryLogOptions } from '../table-names.ts'
export { type SqliteDeliveryLog, sqliteDeliveryLog } from './log.ts'
