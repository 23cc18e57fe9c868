// The dedupe store in an SQLite file: it needs no server, and survives a restart.

import { readNumber } from '../../shared/webhook-error.ts'
import type { Claim, DedupeStore } from '../contract.ts'
import { claimResult } from '../shared/answer.ts'
import { type DeleteExpiredOptions, deleteInBatches } from '../shared/delete-in-batches.ts'
import { checkOptionNames } from '../shared/options.ts'
import { type ClaimRequest, readClaimRequest, readKeys, readMilliseconds } from '../shared/request.ts'
import { missingTable, readTableNames } from '../shared/table.ts'
import { claimKeys, commitRow, extendRow, type LockedTable, type RowChange, releaseRow, settleClaim } from './claims.ts'
import { createClock } from './clock.ts'
import { checkDatabase, isTableMissing, type SqliteDatabase } from './database.ts'
import { prepareTable, schemaSql, type Table } from './statements.ts'
import { whileBusy, withWriteLock } from './write-lock.ts'

/** Options of {@link sqliteDedupeStore}. */
export interface SqliteDedupeOptions {
  /** The table; `webhook_deliveries` by default. */
  readonly table?: string | undefined
  /**
   * How long to wait for other processes that write to the file, in milliseconds; 5000 by default. This wait does not block the process.
   * The busy timeout of the handle itself does, so keep that one short.
   */
  readonly busyTimeoutMs?: number | undefined
}

/** A dedupe store in an SQLite file. */
export interface SqliteDedupeStore extends DedupeStore {
  /** Makes the lease run out `leaseMs` milliseconds from now. False if the claim no longer holds all of its keys. */
  extend(claim: Claim, leaseMs: number): Promise<boolean>
  /** Turns on write-ahead logging and creates the table if it does not exist. Safe to call at every start, by several processes. */
  migrate(): Promise<void>
  /**
   * Deletes expired rows in batches (1000 rows by default), and returns how many it deleted. Each claim deletes a few already, so the file
   * does not grow without end; call this to delete the rest at times of few claims.
   */
  deleteExpired(options?: DeleteExpiredOptions): Promise<number>
}

/**
 * Makes a dedupe store on an open database, which you close yourself. Call `migrate()` once before use. Do not leave a transaction open on
 * the same handle while you await something, or give the store a handle of its own.
 *
 * Several processes of one host may share the file. Leases are judged by the host's clock; if that is set back, no lease holds a delivery
 * for longer than it was made for, counted from the next claim at the latest. Do not put the file on a network drive.
 *
 * @param database A handle of node:sqlite, better-sqlite3, bun:sqlite or libsql, or one like them.
 * @param options The table, and how long to wait for other processes.
 * @returns A store to be passed to a receiver as `dedupe`.
 * @throws {WebhookError} `invalid_option` if the database or an option makes no sense.
 *
 * @example
 * ```ts
 * const store = sqliteDedupeStore(new DatabaseSync('webhooks.db'))
 * await store.migrate()
 * const receiver = createWebhookReceiver({ secrets, dedupe: store })
 * ```
 */
export function sqliteDedupeStore(database: SqliteDatabase, options: SqliteDedupeOptions = {}): SqliteDedupeStore {
  checkOptionNames(options, ['table', 'busyTimeoutMs'])
  const names = readTableNames(options.table)
  const busyTimeoutMs = readNumber('busyTimeoutMs', options.busyTimeoutMs, 5000, 0, 3_600_000)
  checkDatabase(database)
  const readClock = createClock()
  let table: Table | undefined

  function withLockedTable<T>(work: (locked: LockedTable) => T): Promise<T> {
    return withWriteLock(database, busyTimeoutMs, () => {
      try {
        table ??= prepareTable(database, names)
        return work({ table, time: readClock() })
      } catch (error) {
        if (isTableMissing(error)) throw missingTable(names.table, error)
        throw error
      }
    })
  }

  function settle(claim: Claim, changeRow: RowChange): Promise<boolean> {
    const keys = readKeys(claim.keys)
    return withLockedTable((locked) => settleClaim(locked, keys, claim.token, changeRow))
  }

  return Object.freeze({
    async claim(request: ClaimRequest) {
      const stored = readClaimRequest(request)
      const token = crypto.randomUUID()
      const answer = await withLockedTable((locked) => claimKeys(locked, stored, token))
      return claimResult(answer, { token, keys: request.keys })
    },
    async commit(claim: Claim, retentionMs: number) {
      return settle(claim, commitRow(readMilliseconds('retentionMs', retentionMs)))
    },
    async release(claim: Claim) {
      return settle(claim, releaseRow)
    },
    async extend(claim: Claim, leaseMs: number) {
      return settle(claim, extendRow(readMilliseconds('leaseMs', leaseMs)))
    },
    async migrate() {
      await whileBusy(busyTimeoutMs, () => database.exec('PRAGMA journal_mode = WAL'))
      await whileBusy(busyTimeoutMs, () => database.exec(schemaSql(names)))
    },
    deleteExpired: (options: DeleteExpiredOptions = {}) =>
      deleteInBatches(options, (limit) => withLockedTable(({ table, time }) => table.deleteExpired(time.now, limit))),
  })
}
