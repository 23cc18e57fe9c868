// Transactions that hold the one write lock of an SQLite file, so that what they read cannot change before they write.

import { pause } from '../shared/pause.ts'
import { isBusy, type SqliteDatabase } from './database.ts'

const MAX_PAUSE_MS = 50

/**
 * Runs synchronous work in a transaction that takes the write lock before it reads anything. Waits up to `busyTimeoutMs` for the lock,
 * without blocking this process.
 */
export function withWriteLock<T>(database: SqliteDatabase, busyTimeoutMs: number, work: () => T): Promise<T> {
  return whileBusy(busyTimeoutMs, () => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      rollBack(database)
      throw error
    }
  })
}

/** Repeats an attempt while someone else is using the file, with pauses that grow and vary, so that waiting processes do not keep in step. */
export async function whileBusy<T>(busyTimeoutMs: number, attempt: () => T): Promise<T> {
  const deadline = performance.now() + busyTimeoutMs
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error
      await pause(pauseMs * (0.5 + Math.random()))
    }
  }
}

function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {} // After some errors SQLite has already ended the transaction.
}
