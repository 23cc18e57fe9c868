// What a stream has paid so far, what would go back to the sender, and when the deposit is used up.
//
// A stream has a clock of its own, which stops while the stream is paused: a pause shifts the rest of the schedule and takes nothing away.
// The Fluxora stream contract does the same (contracts/stream/src/accrual.rs).

import { rejectUnknownNames } from '../shared/options.ts'
import { invalidArgument } from './errors.ts'
import type { Units, UnitsOf } from './policy.ts'
import { checkAmount, checkRate, type Rate } from './rate.ts'
import { readDuration, readOptionalSeconds, readSeconds, type Seconds } from './seconds.ts'

/**
 * The terms of a stream. Times are whole Unix seconds. Milliseconds are refused, and so is any other member: it could be a misspelt
 * `endTime`.
 */
export interface StreamTerms<Scale extends number = number> {
  /** `rateOver(deposit, duration)` pays out the deposit to the last unit. */
  readonly rate: Rate<Scale>
  /** What the sender has paid in, in units. Not negative. */
  readonly deposit: Units<NoInfer<Scale>>
  /** When accrual starts. */
  readonly startTime: Seconds
  /** When accrual stops. Without it the stream runs until the deposit is used up. */
  readonly endTime?: Seconds | null | undefined
  /** Nothing has accrued before this time, and from then on everything since `startTime` has. On the stream's clock; `startTime` by default. */
  readonly cliff?: Seconds | null | undefined
  /** Pauses so far; none by default. */
  readonly pause?: StreamPause | null | undefined
}

/** The pauses of a stream. */
export interface StreamPause {
  /** When the present pause began. Absent while the stream runs. */
  readonly since?: Seconds | null | undefined
  /** Length of all ended pauses together, in seconds; 0 by default. */
  readonly total?: Seconds | null | undefined
}

/**
 * What the stream has paid by `now`: floor(rate x elapsed), exact, at least 0 and at most the deposit. It never decreases as `now`
 * increases. With `rateOver(deposit, endTime - startTime)` it is the whole deposit at `endTime`.
 *
 * @param terms The terms of the stream, and `now` in whole Unix seconds.
 * @returns The units paid so far.
 * @throws {DecimalError} `DECIMAL_INVALID_ARGUMENT` for a time that is not a whole number or is beyond ±100,000,000,000 (milliseconds, for
 * example), an end before the start, a negative deposit or pause, an invalid rate, or an unknown member; `reason` is its name.
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
  return accrue(readTerms(terms), readSeconds(terms.now, 'now')) as UnitsOf<Scale>
}

/**
 * What the sender gets back if the stream is cancelled at `now`: the deposit less {@link accruedUnits}, exactly.
 *
 * @param terms The terms of the stream, and `now` in whole Unix seconds.
 * @returns The units that have not been paid.
 * @throws {DecimalError} `DECIMAL_INVALID_ARGUMENT` in the cases of {@link accruedUnits}.
 *
 * @example
 * ```ts
 * const deposit = toUnits('30')
 * const terms = { deposit, startTime: 1_710_000_000, rate: rateOver(deposit, 90) }
 * formatUnits(refundableUnits({ ...terms, now: 1_710_000_031 })) // '19.6666667'
 * ```
 */
export function refundableUnits<const Scale extends number>(
  terms: StreamTerms<Scale> & { readonly now: Seconds },
): UnitsOf<Scale> {
  const stream = readTerms(terms)
  return (stream.deposit - accrue(stream, readSeconds(terms.now, 'now'))) as UnitsOf<Scale>
}

/**
 * The first Unix second at which the whole deposit has accrued, by the present terms. An empty deposit has accrued at the start. At a very
 * low rate the time may be beyond the times that the functions here accept.
 *
 * @param terms The terms of the stream.
 * @returns The time, or null if it never comes: the end is earlier, the rate is zero, or the stream is paused.
 * @throws {DecimalError} `DECIMAL_INVALID_ARGUMENT` in the cases of {@link accruedUnits}.
 *
 * @example
 * ```ts
 * const deposit = toUnits('30')
 * depletesAt({ deposit, startTime: 1_710_000_000, rate: rateOver(deposit, 90) }) // 1710000090n
 * ```
 */
export function depletesAt(terms: StreamTerms): bigint | null {
  const { deposit, rate, start, end, cliff, since, total } = readTerms(terms)
  if (deposit > 0n && rate.units === 0n) return null
  const full = start + secondsToPay(deposit, rate)
  if (end !== undefined && full > end) return null
  const time = greatest(full, cliff) + total
  if (since !== undefined && time > since) return null
  return time
}

function accrue({ deposit, rate, start, end, cliff, since, total }: Stream, now: bigint): bigint {
  const clock = least(now, since) - total
  const elapsed = least(clock, end) - start
  if (elapsed <= 0n || clock < cliff) return 0n
  return least((rate.units * elapsed) / rate.seconds, deposit)
}

/** Whole seconds until the rate has paid an amount, rounded up. */
function secondsToPay(amount: bigint, rate: Rate): bigint {
  if (amount === 0n) return 0n
  return (amount * rate.seconds + rate.units - 1n) / rate.units
}

/** The terms of a stream, checked, with times as bigints. */
interface Stream {
  readonly rate: Rate
  readonly deposit: bigint
  readonly start: bigint
  readonly end: bigint | undefined
  readonly cliff: bigint
  readonly since: bigint | undefined
  readonly total: bigint
}

const TERMS = ['rate', 'deposit', 'startTime', 'endTime', 'cliff', 'pause', 'now']

function readTerms(terms: StreamTerms): Stream {
  rejectUnknownNames(terms, TERMS, invalidArgument)
  const { rate, deposit, startTime, endTime, cliff, pause }: StreamTerms = Object(terms)
  checkRate(rate)
  checkAmount(deposit, 'deposit')
  const start = readSeconds(startTime, 'startTime')
  const end = readOptionalSeconds(endTime, 'endTime')
  if (end !== undefined && end < start) throw invalidArgument('endTime', 'endTime must not be before startTime.')
  return { rate, deposit, start, end, ...readPause(pause), cliff: readSeconds(cliff ?? start, 'cliff') }
}

function readPause(pause: StreamPause | null | undefined): Pick<Stream, 'since' | 'total'> {
  if (pause === null || pause === undefined) return { since: undefined, total: 0n }
  if (typeof pause !== 'object') throw invalidArgument('pause', 'pause must be an object: { since, total }.')
  rejectUnknownNames(pause, ['since', 'total'], invalidArgument)
  const total = readDuration(pause.total ?? 0, 'pause.total')
  return { since: readOptionalSeconds(pause.since, 'pause.since'), total }
}

/** The lesser of two values, or the first if there is no second. */
function least(value: bigint, other: bigint | undefined): bigint {
  if (other !== undefined && other < value) return other
  return value
}

function greatest(value: bigint, other: bigint): bigint {
  if (other > value) return other
  return value
}
