// Repeats statements that PostgreSQL asks to be repeated.

import { pause } from '../shared/pause.ts'
import { PARTLY_CLAIMED } from './sql/all-or-none.ts'
import { DEADLOCK_DETECTED, SERIALIZATION_FAILURE, sqlStateOf } from './sqlstate.ts'

/** For how long to repeat. By default a receiver waits five seconds for its store. */
const RETRY_FOR_MS = 4000
const FIRST_MAX_PAUSE_MS = 10
const LAST_MAX_PAUSE_MS = 200

const RETRYABLE: readonly (string | undefined)[] = [SERIALIZATION_FAILURE, DEADLOCK_DETECTED, PARTLY_CLAIMED]

/**
 * Repeats a statement that is a transaction of its own; inside a transaction that is up to its owner. Of statements that make one another
 * fail, one succeeds each time, so it pays to try for a good while, less and less often.
 */
export async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  for (let maxPauseMs = FIRST_MAX_PAUSE_MS; ; maxPauseMs = Math.min(2 * maxPauseMs, LAST_MAX_PAUSE_MS)) {
    try {
      return await attempt()
    } catch (error) {
      const isOver = performance.now() - startedAt >= RETRY_FOR_MS
      if (isOver || !RETRYABLE.includes(sqlStateOf(error))) throw error
      await pause(Math.random() * maxPauseMs)
    }
  }
}
