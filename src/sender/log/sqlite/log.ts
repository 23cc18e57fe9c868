// The delivery log in an SQLite file: it needs no server, and survives a restart.

import { missingTable } from '../../../stores/shared/table.ts'
import { checkDatabase, isTableMissing, type SqliteDatabase } from '../../../stores/sqlite/database.ts'
import { whileBusy, withWriteLock } from '../../../stores/sqlite/write-lock.ts'
import type { DeliveryLog } from '../contract.ts'
import { type DeliveryTable, embeddedLog } from '../embedded.ts'
import { type DeliveryLogOptions, readLogTables } from '../table-names.ts'
import { prepareTable, schemaSql } from './table.ts'

/** How long to wait for other processes that write to the file. */
const BUSY_TIMEOUT_MS = 5_000

/** A delivery log in an SQLite file. */
export interface SqliteDeliveryLog extends DeliveryLog {
  /** Turns on write-ahead logging and creates the tables if they do not exist. Safe to call at every start, by several processes. */
  migrate(): Promise<void>
}

/**
 * Makes a delivery log on an open database, which you close yourself. Call `migrate()` once before use. Several processes of one host may
 * share the file; the host's clock judges the leases. Do not leave a transaction open on the same handle while you await something.
 *
 * @param database A handle of node:sqlite, better-sqlite3, bun:sqlite or libsql, or one like them.
 * @param options The table.
 * @returns A log to be passed to `createDispatcher`.
 * @throws {WebhookError} `invalid_option` if the database or an option makes no sense.
 *
 * @example
 * ```ts
 * const log = sqliteDeliveryLog(new DatabaseSync('outbox.db'))
 * await log.migrate()
 * const dispatcher = createDispatcher({ sender: createWebhookSender(), log })
 * ```
 */
export function sqliteDeliveryLog(database: SqliteDatabase, options: DeliveryLogOptions = {}): SqliteDeliveryLog {
  const names = readLogTables(options)
  checkDatabase(database)
  let table: DeliveryTable | undefined

  function withTable<T>(work: (table: DeliveryTable) => T): Promise<T> {
    return withWriteLock(database, BUSY_TIMEOUT_MS, () => {
      try {
        table ??= prepareTable(database, names)
        return work(table)
      } catch (error) {
        if (isTableMissing(error)) throw missingTable(names.deliveries, error)
        throw error
      }
    })
  }

  return Object.freeze({
    ...embeddedLog(withTable),
    async migrate() {
      await whileBusy(BUSY_TIMEOUT_MS, () => database.exec('PRAGMA journal_mode = WAL'))
      await whileBusy(BUSY_TIMEOUT_MS, () => database.exec(schemaSql(names)))
    },
  })
}
