/**
 * Is the indexer keeping up? The stateless classification of the Fluxora backend, without its clock.
 *
 * @module
 */
import { ReorgError } from './errors.ts'
import { MAX_UNIX_SECONDS } from './validate.ts'

/**
 * A point in time: milliseconds since the epoch, a Date, or an ISO 8601 string with `Z` or an offset. From 2001 (1e12) to 5138 (1e14),
 * for below that the number would be seconds, and above it microseconds; or below 1e9, for a test's clock that begins at 0.
 */
export type Time = number | Date | string

/** What {@link assessFreshness} takes. */
export interface FreshnessInput {
  /** Whether there is an indexer at all. */
  readonly enabled: boolean
  /** When it last took something in; null, undefined, or what is no time at all, means never. */
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
 * Throws a `ReorgError` (`REORG_INVALID_ARGUMENT`) for a `now` that is no time, for a `now` or a `lastSyncAt` that cannot be
 * milliseconds ({@link Time}), for a test's clock beside a time of today, and for a threshold that is not a number, 0 or more: with any of
 * these, everything would look healthy.
 *
 * @example
 * ```ts
 * assessFreshness({ enabled: true, lastSyncAt: row.synced_at, now: Date.now() }).status // 'healthy'
 * ```
 */
export function assessFreshness({ lastSyncAt, ...rest }: FreshnessInput): Freshness {
  return classify(rest, readTime('lastSyncAt', lastSyncAt))
}

/** @internal The same, but without a last sync the close time of the tip is taken, which a provider says: that is never misuse. */
export function assessSync(
  input: Omit<FreshnessInput, 'lastSyncAt'>,
  lastSyncAt: Time | null | undefined,
  closedAt: number | undefined,
): Freshness {
  if (lastSyncAt !== undefined) return assessFreshness({ ...input, lastSyncAt })
  // Such a close time is refused today, but it may be in a state from before.
  const seconds = closedAt ?? Number.POSITIVE_INFINITY
  return classify(input, seconds <= MAX_UNIX_SECONDS ? seconds * 1000 : undefined)
}

function classify(
  { enabled, now, stallThresholdMs = 300_000 }: Omit<FreshnessInput, 'lastSyncAt'>,
  last: number | undefined,
): Freshness {
  const time = readTime('now', now)
  if (time === undefined) throw misuse('now', 'a time: milliseconds since the epoch, a Date or an ISO 8601 string')
  if (!(Number.isFinite(stallThresholdMs) && stallThresholdMs >= 0)) {
    throw misuse('stallThresholdMs', 'a number of milliseconds, 0 or more')
  }
  const base = { stalled: false, thresholdMs: stallThresholdMs, lastSyncAt: null, lagMs: null } as const
  const calm = { clientImpact: 'none', operatorAction: 'none' } as const
  if (enabled !== true) {
    return { ...base, ...calm, status: 'not_configured', summary: 'No indexer is configured.' }
  }
  if (last === undefined) {
    const summary = 'The indexer has not taken anything in yet.'
    return { ...base, status: 'starting', summary, clientImpact: 'stale_chain_state', operatorAction: 'observe' }
  }
  if (time < FIRST_PLAUSIBLE && last >= FIRST_PLAUSIBLE) {
    const found = `${time} is a test's clock, and the last sync is a time of today`
    throw misuse('now', `of the same clock as the last sync; ${found}`)
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

/** A test's clock may begin at 0; below this it is taken for one. As seconds it would lie before 2001. */
const TEST_CLOCK_END = 1e9

/** In 2001, which as seconds would be far in the future. */
const FIRST_PLAUSIBLE = 1e12

/** In 5138, which as microseconds was in 1973. */
const LAST_PLAUSIBLE = 1e14

/** A time that can be of its unit; undefined for what is no time. Seconds in the place of milliseconds would be healthy for ever. */
function readTime(field: string, value: unknown): number | undefined {
  const ms = millisecondsOf(value)
  const fault = ms === undefined ? undefined : faultOf(ms)
  if (fault) throw misuse(field, `in milliseconds since the epoch; ${ms} ${fault}`)
  return ms
}

function faultOf(ms: number): string | undefined {
  if (ms < 0) return 'lies before 1970'
  if (ms > LAST_PLAUSIBLE) return 'lies after the year 5138'
  if (ms < TEST_CLOCK_END || ms >= FIRST_PLAUSIBLE) return undefined
  return ms <= MAX_UNIX_SECONDS ? 'looks like seconds: multiply by 1000' : 'lies before 2001'
}

// A string without an offset would mean another moment in each time zone.
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

function millisecondsOf(value: unknown): number | undefined {
  let time = value
  if (value instanceof Date) time = value.getTime()
  if (typeof value === 'string') time = ISO.test(value) ? Date.parse(value) : undefined
  return Number.isFinite(time) ? (time as number) : undefined
}

function misuse(field: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_ARGUMENT', `${field} must be ${expected}.`, field)
}
