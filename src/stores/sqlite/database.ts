// The database handles: what the store uses of them, and how their errors are recognized.

import { invalidOption } from '../../shared/webhook-error.ts'
import { hasMethod } from '../shared/has-method.ts'

/** What the store uses of a handle: `DatabaseSync` of node:sqlite, `Database` of better-sqlite3, bun:sqlite or libsql, or one like them. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
}

/** What the store uses of a prepared statement. It binds text, numbers and null, for which each client has its own type. */
export interface SqliteStatement {
  get(...values: never[]): unknown
  run(...values: never[]): unknown
  all(...values: never[]): unknown[]
}

/** @throws {WebhookError} `invalid_option` */
export function checkDatabase(database: unknown): void {
  if (hasMethod(database, 'exec') && hasMethod(database, 'prepare')) return
  throw invalidOption('database', 'an open database of node:sqlite, better-sqlite3, bun:sqlite or libsql')
}

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/** Whether an error says that someone else is using the file. node:sqlite has the result code as a number, better-sqlite3 and Bun as a name. */
export function isBusy(error: unknown): boolean {
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown }
  if (typeof errcode === 'number') {
    const primary = errcode & 0xff // Extended result codes say more in their upper bytes.
    return primary === SQLITE_BUSY || primary === SQLITE_LOCKED
  }
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)
}

/** SQLite has no result code of its own for this. */
export function isTableMissing(error: unknown): boolean {
  return error instanceof Error && error.message.includes('no such table')
}
