// The dedupe store in an SQLite file: no server, and still there after a restart. For the processes of one host.

import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../webhook/dedupe.ts'
import { invalidOption, readNumber } from '../webhook/errors.ts'
import { milliseconds, type StoredKey, storedKeys } from './shared/request.ts'
import { tableNames } from './shared/table.ts'

/** What is used of a handle: node:sqlite's `DatabaseSync`, better-sqlite3's `Database`, or one like them. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
}

/** What is used of a prepared statement. */
export interface SqliteStatement {
  get(...values: (string | number | null)[]): unknown
  run(...values: (string | number | null)[]): unknown
  all(...values: (string | number | null)[]): unknown[]
}

/** What the SQLite store is made of. */
export interface SqliteDedupeOptions {
  /** The table; `webhook_deliveries` by default. */
  readonly table?: string | undefined
  /**
   * How long to wait for other processes that write to the file, 5000 by default. The wait does not block this process; the busy
   * timeout of the handle itself, which does, is better left short.
   */
  readonly busyTimeoutMs?: number | undefined
}

/** A dedupe store in an SQLite file. */
export interface SqliteDedupeStore extends DedupeStore {
  extend(claim: Claim, leaseMs: number): Promise<boolean>
  /** Sets the file to write-ahead logging and makes the table where it is missing. Safe to call at every start, by several processes. */
  migrate(): Promise<void>
  /**
   * Deletes expired rows, a batch at a time (1000 rows by default), and returns how many there were. Each claim deletes a few, so that
   * the file does not grow by itself; this is for what is left when few claims come.
   */
  deleteExpired(options?: { readonly batchSize?: number | undefined }): Promise<number>
}

/**
 * Makes a dedupe store on an open database, which stays yours to close. Call `migrate()` once before use. Do not leave a transaction of
 * your own open on the same handle while you await something: give the store a handle of its own.
 *
 * Several processes of one host may share the file; they share the host's clock, by which leases are judged. Not for network drives.
 *
 * @throws {WebhookError} `invalid_option`
 * @example
 * const store = sqliteDedupeStore(new DatabaseSync('webhooks.db'))
 * await store.migrate()
 * const receiver = createWebhookReceiver({ secrets, dedupe: store })
 */
export function sqliteDedupeStore(database: SqliteDatabase, options: SqliteDedupeOptions = {}): SqliteDedupeStore {
  const { table, index } = tableNames(options.table)
  const busyTimeoutMs = readNumber('busyTimeoutMs', options.busyTimeoutMs, 5000, 0, 3_600_000)
  if (typeof database?.exec !== 'function' || typeof database.prepare !== 'function') {
    throw invalidOption('database', 'a node:sqlite or better-sqlite3 database')
  }
  let prepared: Statements | undefined

  /** What is written, is written under the one lock of the file, taken before anything is read. */
  async function locked<T>(work: (sql: Statements, now: number) => T): Promise<T> {
    return patiently(() => {
      database.exec('BEGIN IMMEDIATE')
      try {
        prepared ??= prepare(database, table)
        const result = work(prepared, Date.now())
        database.exec('COMMIT')
        return result
      } catch (error) {
        undo()
        throw error
      }
    })
  }

  function undo(): void {
    try {
      database.exec('ROLLBACK')
    } catch {} // SQLite ends the transaction by itself after some errors
  }

  async function patiently<T>(attempt: () => T): Promise<T> {
    const deadline = performance.now() + busyTimeoutMs
    for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, 50)) {
      try {
        return attempt()
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())))
      }
    }
  }

  return Object.freeze({
    async claim(request: { keys: readonly DedupeKey[]; leaseMs: number; bindMs: number }) {
      const keys = storedKeys(request.keys)
      const lease = milliseconds('leaseMs', request.leaseMs)
      const bind = milliseconds('bindMs', request.bindMs)
      return locked((sql, now) => claim(sql, now, request.keys, keys, lease, bind))
    },
    async commit(held: Claim, retentionMs: number) {
      const retention = milliseconds('retentionMs', retentionMs)
      return locked((sql, now) => {
        const until = retention === Number.POSITIVE_INFINITY ? FOREVER : now + retention
        return settle(sql, now, held, ({ bind }) => ({ token: null, until, expiresAt: Math.max(until, now + bind) }))
      })
    },
    async release(held: Claim) {
      return locked((sql, now) =>
        settle(sql, now, held, ({ bind }) => ({ token: null, until: now, expiresAt: now + bind })),
      )
    },
    async extend(held: Claim, leaseMs: number) {
      const lease = milliseconds('leaseMs', leaseMs)
      return locked((sql, now) =>
        settle(sql, now, held, ({ token, bind }) => ({ token, until: now + lease, expiresAt: now + lease + bind })),
      )
    },
    async migrate() {
      await patiently(() => database.exec('PRAGMA journal_mode = WAL'))
      await patiently(() =>
        database.exec(`
        CREATE TABLE IF NOT EXISTS ${table} (
          key TEXT PRIMARY KEY,
          fingerprint TEXT,
          token TEXT, -- of the claim; null once committed, and where the key is merely bound to its fingerprint
          until INTEGER NOT NULL, -- milliseconds since 1970: how long the claim or the commit stands
          expires_at INTEGER NOT NULL -- and how long the binding: from then on the row may be deleted
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS ${index} ON ${table} (expires_at);`),
      )
    },
    async deleteExpired({ batchSize }: { readonly batchSize?: number | undefined } = {}) {
      const limit = Math.floor(readNumber('batchSize', batchSize, 1000, 1, 1e6))
      let deleted = 0
      for (;;) {
        const { length } = await locked((sql, now) => sql.deleteExpired.all(now, limit))
        deleted += length
        if (length < limit) return deleted
      }
    },
  })
}

/** As far away as a number can be counted in milliseconds. */
const FOREVER = Number.MAX_SAFE_INTEGER

/** How many expired rows a claim takes away: more than it adds, so that the table keeps up. */
const SWEPT_BY_A_CLAIM = 4

/** A row: it stands (claimed under its token, or committed where there is none) until `until`, and binds its key until `expiresAt`. */
interface Row {
  readonly fingerprint: string | null
  readonly token: string | null
  readonly until: number
  readonly expiresAt: number
}

function claim(
  sql: Statements,
  now: number,
  given: readonly DedupeKey[],
  keys: readonly StoredKey[],
  lease: number,
  bind: number,
): ClaimResult {
  sql.deleteExpired.all(now, SWEPT_BY_A_CLAIM)
  const known = keys.map(({ name }) => find(sql, now, name))
  let isDuplicate = false
  let heldUntil = 0
  for (const [at, { fingerprint }] of keys.entries()) {
    const row = known[at]
    if (!row) continue
    if (row.fingerprint !== null && fingerprint !== undefined && row.fingerprint !== fingerprint) {
      return { status: 'conflict' }
    }
    if (row.until <= now) continue
    if (row.token === null) isDuplicate = true
    else heldUntil = Math.max(heldUntil, row.until)
  }
  if (isDuplicate || heldUntil > 0) {
    for (const [at, { name, fingerprint }] of keys.entries()) {
      const row = known[at]
      if (at === 0 || fingerprint === undefined || (row && row.until > now)) continue
      const expiresAt = Math.max(now + bind, row?.expiresAt ?? 0)
      write(sql, name, { fingerprint, token: null, until: now, expiresAt })
    }
    return isDuplicate ? { status: 'duplicate' } : { status: 'in_progress', retryAfterMs: heldUntil - now }
  }
  const token = crypto.randomUUID()
  const until = now + lease
  for (const [at, { name, fingerprint }] of keys.entries()) {
    const row = known[at]
    const bound = Math.max(fingerprint === undefined ? 0 : bind, row ? row.expiresAt - now : 0)
    write(sql, name, { fingerprint: fingerprint ?? row?.fingerprint ?? null, token, until, expiresAt: until + bound })
  }
  return { status: 'claimed', claim: { token, keys: given } }
}

/** Changes the rows of a claim, if all are still held under its token. */
function settle(
  sql: Statements,
  now: number,
  held: Claim,
  change: (row: Row & { readonly bind: number }) => Omit<Row, 'fingerprint'>,
): boolean {
  const keys = storedKeys(held.keys)
  const rows = keys.map(({ name }) => find(sql, now, name))
  if (!rows.every((row) => row !== undefined && row.token === held.token && row.until > now)) return false
  for (const [at, { name }] of keys.entries()) {
    const row = rows[at]!
    write(sql, name, { fingerprint: row.fingerprint, ...change({ ...row, bind: row.expiresAt - row.until }) })
  }
  return true
}

function find(sql: Statements, now: number, name: string): Row | undefined {
  const found = sql.find.get(name, now) as Record<string, unknown> | null | undefined
  if (!found) return undefined
  return {
    fingerprint: found.fingerprint as string | null,
    token: found.token as string | null,
    until: Number(found.until),
    expiresAt: Number(found.expires_at),
  }
}

function write(sql: Statements, name: string, { fingerprint, token, until, expiresAt }: Row): void {
  sql.write.run(name, fingerprint, token, until, expiresAt)
}

type Statements = ReturnType<typeof prepare>

function prepare(database: SqliteDatabase, table: string) {
  return {
    find: database.prepare(
      `SELECT fingerprint, token, until, expires_at FROM ${table} WHERE key = ? AND expires_at > ?`,
    ),
    write: database.prepare(
      `INSERT OR REPLACE INTO ${table} (key, fingerprint, token, until, expires_at) VALUES (?, ?, ?, ?, ?)`,
    ),
    deleteExpired: database.prepare(
      `DELETE FROM ${table} WHERE key IN (SELECT key FROM ${table} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?) RETURNING 1`,
    ),
  }
}

/** SQLITE_BUSY (5) and SQLITE_LOCKED (6): node:sqlite gives the extended number, better-sqlite3 and Bun the name. */
function isBusy(error: unknown): boolean {
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown }
  if (typeof errcode === 'number') return (errcode & 0xff) === 5 || (errcode & 0xff) === 6
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)
}
