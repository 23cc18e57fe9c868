// Is the indexer keeping up? The stateless classification of the Fluxora backend, without its clock.

import { ReorgError } from '../errors.ts'
import { MAX_UNIX_SECONDS } from '../input/members.ts'

/**
 * A point in time: milliseconds since the epoch, a Date, or an ISO 8601 string with `Z` or an offset. It must lie between 2001 (1e12) and
 * 5138 (1e14), because a smaller number would be seconds and a larger one microseconds. Times below 1e9 are allowed too, for a test whose
 * clock begins at 0.
 */
export type Time = number | Date | string

/** What {@link assessFreshness} takes. */
export interface FreshnessInput {
  /** Whether there is an indexer at all. */
  readonly enabled: boolean
  /** When the indexer last took something in. Null, undefined and anything that is not a time mean never. */
  readonly lastSyncAt?: Time | null | undefined
  /** The caller's clock. */
  readonly now: Time
  /** Longest lag that is healthy, in milliseconds, inclusive. Default 300,000. */
  readonly stallThresholdMs?: number | undefined
}

/** What {@link assessFreshness} returns. */
export interface Freshness {
  readonly status: 'healthy' | 'starting' | 'stalled' | 'not_configured'
  /** True if the lag is above the threshold. */
  readonly stalled: boolean
  /** Longest lag that is healthy, in milliseconds, inclusive. */
  readonly thresholdMs: number
  /** ISO 8601, or null if the indexer never took anything in. */
  readonly lastSyncAt: string | null
  /** Milliseconds, 0 or more; null if the indexer never took anything in. */
  readonly lagMs: number | null
  /** One sentence for a person. */
  readonly summary: string
  readonly clientImpact: 'none' | 'stale_chain_state'
  readonly operatorAction: 'none' | 'observe' | 'page'
}

/**
 * Classifies an indexer by the time since it last took something in. A lag equal to the threshold is healthy, a time in the future is a
 * lag of 0, and a `lastSyncAt` that is not a time means never.
 *
 * @param input The last sync, the clock, and the threshold in milliseconds.
 * @returns The status, the lag, and what it means for clients and operators.
 * @throws {ReorgError} `REORG_INVALID_ARGUMENT` if `now` is not a time, if `now` or `lastSyncAt` cannot be milliseconds ({@link Time}), if
 * one is from a test's clock and the other is not, or if the threshold is not a number of 0 or more. With any of these, everything would
 * look healthy.
 *
 * @example
 * ```ts
 * assessFreshness({ enabled: true, lastSyncAt: row.synced_at, now: Date.now() }).status // 'healthy'
 * ```
 */
export function assessFreshness({ lastSyncAt, ...rest }: FreshnessInput): Freshness {
  return classify(rest, readTime('lastSyncAt', lastSyncAt))
}

/**
 * The same, but if `lastSyncAt` is undefined, the close time of the tip is used. A provider sent that, so it never counts as misuse.
 *
 * @internal
 */
export function assessSync(
  input: Omit<FreshnessInput, 'lastSyncAt'>,
  lastSyncAt: Time | null | undefined,
  closedAt: number | undefined,
): Freshness {
  if (lastSyncAt !== undefined) return assessFreshness({ ...input, lastSyncAt })
  // A later close time is invalid now, but an older version may have stored one.
  const isPlausible = closedAt !== undefined && closedAt <= MAX_UNIX_SECONDS
  return classify(input, isPlausible ? closedAt * 1000 : undefined)
}

const UNHARMED = { clientImpact: 'none', operatorAction: 'none' } as const

function classify(input: Omit<FreshnessInput, 'lastSyncAt'>, last: number | undefined): Freshness {
  const { enabled, stallThresholdMs = 300_000 } = input
  const now = readTime('now', input.now)
  if (now === undefined) throw misuse('now', 'a time: milliseconds since the epoch, a Date or an ISO 8601 string')
  if (!(Number.isFinite(stallThresholdMs) && stallThresholdMs >= 0)) {
    throw misuse('stallThresholdMs', 'a number of milliseconds, 0 or more')
  }
  const unknown = { stalled: false, thresholdMs: stallThresholdMs, lastSyncAt: null, lagMs: null } as const
  if (enabled !== true) {
    return { ...unknown, ...UNHARMED, status: 'not_configured', summary: 'No indexer is configured.' }
  }
  if (last === undefined) {
    return {
      ...unknown,
      status: 'starting',
      summary: 'The indexer has not taken anything in yet.',
      clientImpact: 'stale_chain_state',
      operatorAction: 'observe',
    }
  }
  checkSameClock(now, last)
  return judgeLag(last, Math.max(0, now - last), stallThresholdMs)
}

function judgeLag(last: number, lagMs: number, thresholdMs: number): Freshness {
  const facts = { thresholdMs, lastSyncAt: new Date(last).toISOString(), lagMs }
  const summary = `The indexer is ${lagMs} ms behind.`
  if (lagMs <= thresholdMs) return { ...facts, ...UNHARMED, stalled: false, status: 'healthy', summary }
  return {
    ...facts,
    stalled: true,
    status: 'stalled',
    summary: `The indexer is ${lagMs} ms behind; more than ${thresholdMs} ms is a stall.`,
    clientImpact: 'stale_chain_state',
    operatorAction: 'page',
  }
}

/** A test's clock may begin at 0. A time below this is taken to be from such a clock; as seconds it would lie before 2001. */
const TEST_CLOCK_END = 1e9

/** A moment in 2001; as seconds it would be far in the future. */
const FIRST_PLAUSIBLE = 1e12

/** A moment in 5138; as microseconds it was in 1973. */
const LAST_PLAUSIBLE = 1e14

function checkSameClock(now: number, last: number): void {
  if (now >= FIRST_PLAUSIBLE || last < FIRST_PLAUSIBLE) return
  throw misuse('now', `from the same clock as the last sync; ${now} is from a test's clock, but the last sync is not`)
}

/** Reads a time in milliseconds; undefined if it is not a time. Seconds instead of milliseconds would look healthy for ever. */
function readTime(field: string, value: unknown): number | undefined {
  const time = millisecondsOf(value)
  const fault = time === undefined ? undefined : faultOf(time)
  if (fault) throw misuse(field, `in milliseconds since the epoch; ${time} ${fault}`)
  return time
}

function faultOf(time: number): string | undefined {
  if (time < 0) return 'is before 1970'
  if (time < TEST_CLOCK_END) return undefined
  if (time <= MAX_UNIX_SECONDS) return 'looks like seconds, so multiply it by 1000'
  if (time < FIRST_PLAUSIBLE) return 'is before 2001'
  return time > LAST_PLAUSIBLE ? 'is after the year 5138' : undefined
}

// A string without an offset would mean another moment in each time zone.
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

function millisecondsOf(value: unknown): number | undefined {
  const time = toNumber(value)
  return Number.isFinite(time) ? time : undefined
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'string' && ISO.test(value)) return Date.parse(value)
  return Number.NaN
}

function misuse(field: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_ARGUMENT', `${field} must be ${expected}.`, field)
}
