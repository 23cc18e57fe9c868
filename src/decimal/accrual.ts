/**
 * What a stream has paid so far, what would go back, and when it runs dry.
 *
 * A stream has its own clock, which stands still while the stream is paused: a pause shifts the rest of the schedule, it
 * takes nothing away. That is the reading of the Fluxora stream contract (contracts/stream/src/accrual.rs).
 *
 * @module
 */
import { rejectUnknownNames } from '../shared/options.ts'
import { invalidArgument } from './errors.ts'
import type { Units, UnitsOf } from './policy.ts'
import { checkAmount, checkRate, lengthInSeconds, type Rate, type Seconds, wholeSeconds } from './rate.ts'

/**
 * The terms of a stream. Times are whole Unix seconds; milliseconds are refused, and so is any other member, which might be a
 * misspelt `endTime`.
 */
export interface StreamTerms<Scale extends number = number> {
  /** `rateOver(deposit, duration)` pays out the deposit to the last unit. */
  readonly rate: Rate<Scale>
  /** What the sender has put in, in units. Not negative. */
  readonly deposit: Units<NoInfer<Scale>>
  readonly startTime: Seconds
  /** When accrual stops. Without it the stream runs until the deposit is used up. */
  readonly endTime?: Seconds | null | undefined
  /** Before this time nothing has accrued; from it on, everything since `startTime` has. On the stream's clock. */
  readonly cliff?: Seconds | null | undefined
  readonly pause?: StreamPause | null | undefined
}

/** The pauses of a stream. */
export interface StreamPause {
  /** When the pause that is still on began. Absent while the stream runs. */
  readonly since?: Seconds | null | undefined
  /** Seconds of all pauses that have ended. */
  readonly total?: Seconds | null | undefined
}

/**
 * What the stream has paid by `now`: floor(rate x elapsed), exact, at least 0 and at most the deposit. Never goes back as
 * `now` goes on; with `rateOver(deposit, endTime - startTime)` it is the deposit at `endTime`.
 *
 * @throws DecimalError `DECIMAL_INVALID_ARGUMENT` for a time that is not a whole number or beyond ±100,000,000,000 (milliseconds,
 * say), an end before the start, a negative deposit or pause, a bad rate, or a member that the terms do not have; `reason` is its name.
 *
 * @example
 * ```ts
 * const deposit = toUnits('30')
 * const terms = { deposit, startTime: 1_710_000_000, endTime: 1_710_000_090, rate: rateOver(deposit, 90) }
 * formatUnits(accruedUnits({ ...terms, now: 1_710_000_031 })) // '10.3333333'
 * ```
 */
export function accruedUnits<const Scale extends number>(
  terms: StreamTerms<Scale> & { readonly now: Seconds },
): UnitsOf<Scale> {
  const { deposit, rate, start, end, cliff, since, total } = readTerms(terms)
  const now = wholeSeconds(terms.now, 'now')
  const clock = least(now, since) - total
  const elapsed = least(clock, end) - start
  if (elapsed <= 0n || clock < cliff) return 0n as UnitsOf<Scale>
  const accrued = (rate.units * elapsed) / rate.seconds
  return least(accrued, deposit) as UnitsOf<Scale>
}

/** What the sender gets back if the stream is cancelled at `now`: the deposit less {@link accruedUnits}, exactly. Throws as that does. */
export function refundableUnits<const Scale extends number>(
  terms: StreamTerms<Scale> & { readonly now: Seconds },
): UnitsOf<Scale> {
  const accrued = accruedUnits<Scale>(terms) // first, for it checks the terms
  return (terms.deposit - accrued) as UnitsOf<Scale>
}

/**
 * The first Unix second at which the whole deposit has accrued, as the terms stand; an empty deposit has at the start. Null if
 * that second never comes: the end is before it, the rate is zero, or the stream is paused. At a very low rate it may lie beyond
 * the times that the functions here take. Throws as {@link accruedUnits} does.
 */
export function depletesAt(terms: StreamTerms): bigint | null {
  const { deposit, rate, start, end, cliff, since, total } = readTerms(terms)
  if (rate.units === 0n && deposit > 0n) return null
  const needed = deposit && (deposit * rate.seconds + rate.units - 1n) / rate.units
  const full = start + needed
  if (end !== undefined && full > end) return null
  const time = (full > cliff ? full : cliff) + total
  return since !== undefined && time > since ? null : time
}

const TERMS = ['rate', 'deposit', 'startTime', 'endTime', 'cliff', 'pause', 'now']

function readTerms(terms: StreamTerms) {
  rejectUnknownNames(terms, TERMS, invalidArgument)
  const { rate, deposit, startTime, endTime, cliff, pause }: StreamTerms = Object(terms)
  checkRate(rate)
  checkAmount(deposit, 'deposit')
  const start = wholeSeconds(startTime, 'startTime')
  const end = optionalSeconds(endTime, 'endTime')
  if (end !== undefined && end < start) throw invalidArgument('endTime', 'endTime must not be before startTime.')
  const { total, since } = readPause(pause)
  return { rate, deposit, start, end, cliff: wholeSeconds(cliff ?? start, 'cliff'), total, since }
}

const NO_PAUSE = { total: 0n, since: undefined }

function readPause(pause: StreamPause | null | undefined) {
  if (pause === null || pause === undefined) return NO_PAUSE
  if (typeof pause !== 'object') throw invalidArgument('pause', 'pause must be an object, { since, total }.')
  rejectUnknownNames(pause, ['since', 'total'], invalidArgument)
  return { total: lengthInSeconds(pause.total ?? 0, 'pause.total'), since: optionalSeconds(pause.since, 'pause.since') }
}

function optionalSeconds(seconds: Seconds | null | undefined, path: string): bigint | undefined {
  return seconds === null || seconds === undefined ? undefined : wholeSeconds(seconds, path)
}

function least(value: bigint, limit: bigint | undefined): bigint {
  return limit !== undefined && limit < value ? limit : value
}
