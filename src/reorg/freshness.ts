/**
 * Is the indexer keeping up? The stateless classification of the Fluxora backend, without its clock.
 *
 * @module
 */
import { ReorgError } from './errors.ts'

/** A point in time: milliseconds since the epoch, a Date, or an ISO 8601 string with `Z` or an offset. */
export type Time = number | Date | string

/** What {@link assessFreshness} takes. */
export interface FreshnessInput {
  /** Whether there is an indexer at all. */
  readonly enabled: boolean
  /** When it last took something in; null, undefined or unreadable means never. */
  readonly lastSyncAt?: Time | null | undefined
  /** The caller's clock. */
  readonly now: Time
  /** Longest lag that is healthy, in milliseconds, inclusive. Default 300,000. */
  readonly stallThresholdMs?: number | undefined
}

/** What {@link assessFreshness} returns. */
export interface Freshness {
  readonly status: 'healthy' | 'starting' | 'stalled' | 'not_configured'
  readonly stalled: boolean
  readonly thresholdMs: number
  /** ISO 8601, or null if it never took anything in. */
  readonly lastSyncAt: string | null
  /** Milliseconds, 0 or more; null if it never took anything in. */
  readonly lagMs: number | null
  /** One sentence for a person. */
  readonly summary: string
  readonly clientImpact: 'none' | 'stale_chain_state'
  readonly operatorAction: 'none' | 'observe' | 'page'
}

/**
 * Classifies an indexer by the time since it last took something in. A lag equal to the threshold is healthy, a time in the
 * future is a lag of 0, and a `lastSyncAt` that cannot be read is no sync at all.
 *
 * Throws a `ReorgError` (`REORG_INVALID_ARGUMENT`) for a `now` that is no time, or a threshold that is not a number, 0 or more:
 * with either, everything would look healthy.
 *
 * @example
 * ```ts
 * assessFreshness({ enabled: true, lastSyncAt: row.synced_at, now: Date.now() }).status // 'healthy'
 * ```
 */
export function assessFreshness({ enabled, lastSyncAt, now, stallThresholdMs = 300_000 }: FreshnessInput): Freshness {
  const time = readTime(now)
  if (time === undefined) throw misuse('now', 'a time: milliseconds since the epoch, a Date or an ISO 8601 string')
  if (!(Number.isFinite(stallThresholdMs) && stallThresholdMs >= 0)) {
    throw misuse('stallThresholdMs', 'a number of milliseconds, 0 or more')
  }
  const base = { stalled: false, thresholdMs: stallThresholdMs, lastSyncAt: null, lagMs: null } as const
  const calm = { clientImpact: 'none', operatorAction: 'none' } as const
  if (enabled !== true) {
    return { ...base, ...calm, status: 'not_configured', summary: 'No indexer is configured.' }
  }
  const last = readTime(lastSyncAt)
  if (last === undefined) {
    const summary = 'The indexer has not taken anything in yet.'
    return { ...base, status: 'starting', summary, clientImpact: 'stale_chain_state', operatorAction: 'observe' }
  }
  const lagMs = Math.max(0, time - last)
  const facts = { ...base, lastSyncAt: new Date(last).toISOString(), lagMs }
  if (lagMs > stallThresholdMs) {
    const summary = `The indexer is ${lagMs} ms behind; more than ${stallThresholdMs} ms is a stall.`
    return {
      ...facts,
      stalled: true,
      status: 'stalled',
      summary,
      clientImpact: 'stale_chain_state',
      operatorAction: 'page',
    }
  }
  return { ...facts, ...calm, status: 'healthy', summary: `The indexer is ${lagMs} ms behind.` }
}

// A string without an offset would mean another moment in each time zone.
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

function readTime(value: unknown): number | undefined {
  let time: unknown = value
  if (value instanceof Date) time = value.getTime()
  if (typeof value === 'string') time = ISO.test(value) ? Date.parse(value) : Number.NaN
  // Beyond these bounds there is no Date, and toISOString throws.
  return Number.isFinite(time) && Math.abs(time as number) <= 8.64e15 ? (time as number) : undefined
}

function misuse(field: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_ARGUMENT', `${field} must be ${expected}.`, field)
}
