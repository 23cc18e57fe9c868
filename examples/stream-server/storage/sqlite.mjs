// SQLite, in one file: node:sqlite where Node has it (22.5 and later), better-sqlite3 otherwise. One connection for the tables, one for the
// dedupe store, because a transaction of the tables is open while the program awaits.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteDedupeStore } from '@fluxora/verify/stores/sqlite'
import { SettingError } from '../settings.mjs'
import { once, StorageError, withTables } from './ready.mjs'
import { tables } from './schema.mjs'

/** @typedef {{ exec(sql: string): void, prepare(sql: string): any, close(): void }} Database */

/**
 * @param {string} directory
 * @returns {Promise<import('./open.mjs').Storage>}
 */
export async function openSqlite(directory) {
  const open = await findDriver()
  const file = join(directory, 'stream-server.db')
  const [database, dedupeDatabase] = inFolder(directory, () => [open(file), open(file)])
  database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 2000; PRAGMA synchronous = FULL')
  const dedupe = sqliteDedupeStore(dedupeDatabase)
  const ready = once(async () => {
    await dedupe.migrate()
    for (const table of tables('INTEGER PRIMARY KEY AUTOINCREMENT')) database.exec(table)
  })
  /** @param {string} sql @param {unknown[]} values */
  const all = (sql, values) => {
    try {
      return /** @type {import('./open.mjs').Row[]} */ (query(database, sql, values))
    } catch (error) {
      throw new StorageError(error)
    }
  }
  const alone = createMutex()
  const statements = { rows: async (/** @type {string} */ sql, /** @type {unknown[]} */ ...values) => all(sql, values) }
  return {
    rows: (sql, ...values) => ready().then(() => alone(async () => all(sql, values))),
    transaction: (run) =>
      ready().then(() =>
        alone(async () => {
          all('BEGIN IMMEDIATE', [])
          try {
            const result = await run(statements)
            all('COMMIT', [])
            return result
          } catch (error) {
            database.exec('ROLLBACK')
            throw error
          }
        }),
      ),
    dedupe: withTables(dedupe, ready),
    async close() {
      database.close()
      dedupeDatabase.close()
    },
  }
}

/**
 * @template T
 * @param {string} directory made if there is none
 * @param {() => T} openFiles
 */
function inFolder(directory, openFiles) {
  try {
    mkdirSync(directory, { recursive: true })
    return openFiles()
  } catch (error) {
    throw new SettingError(`DATA_DIR must be a folder that can be written to: ${/** @type {Error} */ (error).message}`)
  }
}

/** better-sqlite3 refuses to read rows of a statement that has none; node:sqlite gives an empty list. @param {Database} database @param {string} sql @param {unknown[]} values */
function query(database, sql, values) {
  const statement = database.prepare(sql)
  if (statement.reader === false) {
    statement.run(...values)
    return []
  }
  return statement.all(...values)
}

/** @returns {Promise<(file: string) => Database>} */
async function findDriver() {
  const builtIn = 'node:sqlite'
  const { DatabaseSync } = await import(builtIn).catch(() => ({ DatabaseSync: undefined }))
  if (DatabaseSync) return (file) => new DatabaseSync(file)
  const addOn = 'better-sqlite3'
  const { default: BetterSqlite } = await import(addOn)
  return (file) => new BetterSqlite(file)
}

/** Lets one task run at a time, in the order of their arrival. */
function createMutex() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve()
  /** @template T @param {() => Promise<T>} task @returns {Promise<T>} */
  return (task) => {
    const result = last.then(task)
    last = result.catch(() => {})
    return result
  }
}
