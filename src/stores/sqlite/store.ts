// The dedupe store in an SQLite file: no server, and still there after a restart. For the processes of one host.

import { invalidOption, readNumber } from '../../shared/webhook-error.ts'
import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../contract.ts'
import { missingTable } from '../shared/missing-table.ts'
import { checkNames } from '../shared/options.ts'
import { milliseconds, type StoredKey, storedKeys } from '../shared/request.ts'
import { tableNames } from '../shared/table.ts'

/** What is used of a handle: node:sqlite's `DatabaseSync`, `Database` of better-sqlite3, bun:sqlite or libsql, or one like them. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
}

/** What is used of a prepared statement. Its parameters are text, numbers and null: each client has a type of its own for them. */
export interface SqliteStatement {
  get(...values: never[]): unknown
  run(...values: never[]): unknown
  all(...values: never[]): unknown[]
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
 * Several processes of one host may share the file; they share the host's clock, by which leases are judged. Where that is set back, no
 * lease holds a delivery for longer than it was made for, counted from the next claim at the latest. Not for network drives.
 *
 * @throws {WebhookError} `invalid_option`
 * @example
 * const store = sqliteDedupeStore(new DatabaseSync('webhooks.db'))
 * await store.migrate()
 * const receiver = createWebhookReceiver({ secrets, dedupe: store })
 */
export function sqliteDedupeStore(database: SqliteDatabase, options: SqliteDedupeOptions = {}): SqliteDedupeStore {
  checkNames(options, ['table', 'busyTimeoutMs'])
  const { table, index } = tableNames(options.table)
  const busyTimeoutMs = readNumber('busyTimeoutMs', options.busyTimeoutMs, 5000, 0, 3_600_000)
  if (typeof database?.exec !== 'function' || typeof database.prepare !== 'function') {
    throw invalidOption('database', 'a node:sqlite or better-sqlite3 database')
  }
  let prepared: Statements | undefined
  const readClock = clock()

  /** What is written, is written under the one lock of the file, taken before anything is read. */
  async function locked<T>(work: (sql: Statements, time: Time) => T): Promise<T> {
    return patiently(() => {
      database.exec('BEGIN IMMEDIATE')
      try {
        prepared ??= prepare(database, table)
        const result = work(prepared, readClock())
        database.exec('COMMIT')
        return result
      } catch (error) {
        undo()
        throw isTableMissing(error) ? missingTable(table, error) : error
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
      return locked((sql, time) => claim(sql, time, request.keys, keys, lease, bind))
    },
    async commit(held: Claim, retentionMs: number) {
      const retention = milliseconds('retentionMs', retentionMs)
      return locked((sql, time) =>
        settle(sql, time, held, (bind) => {
          const until = retention === Number.POSITIVE_INFINITY ? FOREVER : time.now + retention
          return { token: null, lease: 0, until, expiresAt: Math.max(until, time.now + bind) }
        }),
      )
    },
    async release(held: Claim) {
      return locked((sql, time) =>
        settle(sql, time, held, (bind) => {
          return { token: null, lease: 0, until: time.now, expiresAt: time.now + bind }
        }),
      )
    },
    async extend(held: Claim, leaseMs: number) {
      const lease = milliseconds('leaseMs', leaseMs)
      return locked((sql, time) =>
        settle(sql, time, held, (_bind, known) => {
          const until = time.now + lease
          return { token: held.token, lease, until, expiresAt: until + known.expiresAt - known.until }
        }),
      )
    },
    async migrate() {
      await patiently(() => database.exec('PRAGMA journal_mode = WAL'))
      await patiently(() =>
        database.exec(`
        CREATE TABLE IF NOT EXISTS ${table} (
          key TEXT PRIMARY KEY,
          fingerprint TEXT,
          token TEXT, -- of the claim, also once it is late; null once committed or released
          until INTEGER NOT NULL, -- milliseconds since 1970: how long the claim or the commit stands
          expires_at INTEGER NOT NULL, -- and how long anything is known of the key: from then on the row may be deleted
          lease INTEGER NOT NULL DEFAULT 0 -- milliseconds: how long the claim was made for
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS ${index} ON ${table} (expires_at);`),
      )
    },
    async deleteExpired({ batchSize }: { readonly batchSize?: number | undefined } = {}) {
      const limit = Math.floor(readNumber('batchSize', batchSize, 1000, 1, 1e6))
      let deleted = 0
      for (;;) {
        const { length } = await locked((sql, { now }) => sql.deleteExpired.all(now, limit))
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

/** The host's clock; and `steady`, which is never behind what it was before plus the time that has passed since in this process. */
interface Time {
  readonly now: number
  readonly steady: number
}

function clock(): () => Time {
  let [steady, readAt] = [0, 0]
  return () => {
    const [now, passed] = [Date.now(), performance.now()]
    steady = Math.max(now, steady + passed - readAt)
    readAt = passed
    return { now, steady }
  }
}

/**
 * A row: it stands (claimed under its token, or committed where there is none) until `until`. From then until `expiresAt` it binds its
 * key, if it has a fingerprint, and remembers whose the claim was. `lease` is how long the claim was made for.
 */
interface Row {
  readonly fingerprint: string | null
  readonly token: string | null
  readonly lease: number
  readonly until: number
  readonly expiresAt: number
}

function claim(
  sql: Statements,
  time: Time,
  given: readonly DedupeKey[],
  keys: readonly StoredKey[],
  lease: number,
  bind: number,
): ClaimResult {
  const { now } = time
  sql.deleteExpired.all(now, SWEPT_BY_A_CLAIM)
  const known = keys.map(({ name }) => find(sql, time, name))
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
    bindOthers(sql, now, keys, known, bind)
    return isDuplicate ? { status: 'duplicate' } : { status: 'in_progress', retryAfterMs: heldUntil - now }
  }
  const token = crypto.randomUUID()
  const until = now + lease
  for (const [at, { name, fingerprint }] of keys.entries()) {
    const former = known[at]?.fingerprint ?? null
    const bound = former === null ? bind : Math.max(bind, known[at]!.expiresAt - now)
    write(sql, name, { fingerprint: fingerprint ?? former, token, lease, until, expiresAt: until + bound })
  }
  return { status: 'claimed', claim: { token, keys: given } }
}

/** Binds every key but the first that nobody holds. Whoever is late with one of them stays its holder. */
function bindOthers(
  sql: Statements,
  now: number,
  keys: readonly StoredKey[],
  known: readonly (Row | undefined)[],
  bind: number,
): void {
  for (const [at, { name, fingerprint }] of keys.entries()) {
    const row = known[at]
    if (at === 0 || fingerprint === undefined || (row && row.until > now)) continue
    const { token = null, lease = 0, expiresAt = 0 } = row ?? {}
    write(sql, name, { fingerprint, token, lease, until: now, expiresAt: Math.max(now + bind, expiresAt) })
  }
}

/** Changes the rows of a claim, if all are its own. `bind` is how long a key that has a fingerprint stays bound beyond the claim's end. */
function settle(
  sql: Statements,
  time: Time,
  held: Claim,
  change: (bind: number, row: Row) => Omit<Row, 'fingerprint'>,
): boolean {
  const keys = storedKeys(held.keys)
  const rows = keys.map(({ name }) => find(sql, time, name))
  if (!rows.every((row) => row !== undefined && row.token === held.token)) return false
  for (const [at, { name }] of keys.entries()) {
    const row = rows[at]!
    const bind = row.fingerprint === null ? 0 : row.expiresAt - row.until
    write(sql, name, { fingerprint: row.fingerprint, ...change(bind, row) })
  }
  return true
}

function find(sql: Statements, time: Time, name: string): Row | undefined {
  const found = sql.find.get(name, time.now) as Record<string, unknown> | null | undefined
  if (!found) return undefined
  const row: Row = {
    fingerprint: found.fingerprint as string | null,
    token: found.token as string | null,
    lease: Number(found.lease),
    until: Number(found.until),
    expiresAt: Number(found.expires_at),
  }
  const until = standsUntil(row, time)
  if (until === row.until) return row
  const moved = { ...row, until, expiresAt: until + row.expiresAt - row.until }
  write(sql, name, moved)
  return moved
}

/**
 * A lease that ends further ahead than it is long was written before the clock was set back. This process may know how much of it is
 * over; if it does not, the lease begins anew. It is written down, so that it ends for everyone.
 */
function standsUntil({ token, lease, until }: Row, { now, steady }: Time): number {
  if (token === null || until <= now + lease) return until
  return now + Math.min(lease, Math.max(0, Math.ceil(until - steady)))
}

function write(sql: Statements, name: string, { fingerprint, token, lease, until, expiresAt }: Row): void {
  sql.write.run(name, fingerprint, token, lease, until, expiresAt)
}

interface Statement {
  get(...values: (string | number | null)[]): unknown
  run(...values: (string | number | null)[]): unknown
  all(...values: (string | number | null)[]): unknown[]
}

interface Statements {
  readonly find: Statement
  readonly write: Statement
  readonly deleteExpired: Statement
}

function prepare(database: SqliteDatabase, table: string): Statements {
  return {
    find: database.prepare(
      `SELECT fingerprint, token, lease, until, expires_at FROM ${table} WHERE key = ? AND expires_at > ?`,
    ),
    write: database.prepare(
      `INSERT OR REPLACE INTO ${table} (key, fingerprint, token, lease, until, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    deleteExpired: database.prepare(
      `DELETE FROM ${table} WHERE key IN (SELECT key FROM ${table} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?) RETURNING 1`,
    ),
  }
}

function isTableMissing(error: unknown): boolean {
  return error instanceof Error && error.message.includes('no such table')
}

/** SQLITE_BUSY (5) and SQLITE_LOCKED (6): node:sqlite gives the extended number, better-sqlite3 and Bun the name. */
function isBusy(error: unknown): boolean {
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown }
  if (typeof errcode === 'number') return (errcode & 0xff) === 5 || (errcode & 0xff) === 6
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)
}
