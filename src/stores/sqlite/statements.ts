// The SQL of the store, and the table as functions.

import type { TableNames } from '../shared/table.ts'
import type { SqliteDatabase } from './database.ts'

/**
 * What the table knows of a key. Until `until` the key is claimed (by the holder of the token), or committed if there is no token. From
 * then until `expiresAt` it stays bound to its fingerprint, if it has one, and to the token of its last claim. All times are milliseconds
 * since 1970.
 */
export interface Row {
  readonly fingerprint: string | null
  readonly token: string | null
  readonly until: number
  readonly expiresAt: number
  /** How long the claim was made for; 0 if there is none. */
  readonly leaseMs: number
}

export interface Table {
  /** The row of a key, unless it has expired. */
  find(key: string, now: number): Row | undefined
  write(key: string, row: Row): void
  /** Deletes at most `limit` expired rows, the oldest first, and returns how many it deleted. */
  deleteExpired(now: number, limit: number): number
}

export function schemaSql({ table, index }: TableNames): string {
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      key TEXT PRIMARY KEY,
      fingerprint TEXT,
      token TEXT, -- of the claim, kept after its lease has ended; null once the claim is committed or released
      until INTEGER NOT NULL, -- milliseconds since 1970: the end of the lease, or of the retention
      expires_at INTEGER NOT NULL, -- milliseconds since 1970: from then on nothing is known of the key, and the row may be deleted
      lease INTEGER NOT NULL DEFAULT 0 -- milliseconds: how long the claim was made for
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS ${index} ON ${table} (expires_at);`
}

/** Prepares the statements. Throws if the table does not exist. */
export function prepareTable(database: SqliteDatabase, { table }: TableNames): Table {
  const find = prepare(
    database,
    `SELECT fingerprint, token, lease, until, expires_at FROM ${table} WHERE key = ? AND expires_at > ?`,
  )
  const write = prepare(
    database,
    `INSERT OR REPLACE INTO ${table} (key, fingerprint, token, lease, until, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const deleteExpired = prepare(
    database,
    `DELETE FROM ${table} WHERE key IN (SELECT key FROM ${table} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?) RETURNING 1`,
  )
  return {
    find(key, now) {
      const found = find.get(key, now)
      return found ? readRow(found) : undefined
    },
    write(key, { fingerprint, token, leaseMs, until, expiresAt }) {
      write.run(key, fingerprint, token, leaseMs, until, expiresAt)
    },
    deleteExpired: (now, limit) => deleteExpired.all(now, limit).length,
  }
}

/** A statement as the store calls it. Clients answer with null or undefined if there is no row, and may be set to give integers as bigint. */
interface PreparedStatement {
  get(...values: (string | number | null)[]): StoredRow | null | undefined
  run(...values: (string | number | null)[]): unknown
  all(...values: (string | number | null)[]): unknown[]
}

interface StoredRow {
  readonly fingerprint: string | null
  readonly token: string | null
  readonly lease: number | bigint
  readonly until: number | bigint
  readonly expires_at: number | bigint
}

function prepare(database: SqliteDatabase, sql: string): PreparedStatement {
  return database.prepare(sql) as PreparedStatement
}

function readRow({ fingerprint, token, lease, until, expires_at }: StoredRow): Row {
  return { fingerprint, token, leaseMs: Number(lease), until: Number(until), expiresAt: Number(expires_at) }
}
