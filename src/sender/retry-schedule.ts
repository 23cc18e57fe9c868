// When a failed delivery is tried again, and when it is not. Pure: the clock, the random number and the answer are all passed in.

import { demandKnownNames, invalidOption, readNumber } from '../shared/webhook-error.ts'

/** A failed attempt. */
export interface FailedAttempt {
  /** Which attempt failed, from 1. */
  readonly attempt: number
  /** The status of the answer; left out if there was none. */
  readonly statusCode?: number | undefined
  /** What the answer's Retry-After asks for, in milliseconds. It counts on 429 and 503 only (RFC 6585, RFC 9110). */
  readonly retryAfterMs?: number | undefined
  /** Whether the attempt ran into its deadline. */
  readonly isTimeout?: boolean | undefined
  /** A random number from 0 up to 1. With 0 the delays are the schedule's own steps. */
  readonly random: number
}

/** Whether to try again, and in how many milliseconds; or why not. */
export type RetryDecision =
  | { readonly retry: true; readonly delayMs: number }
  | { readonly retry: false; readonly reason: 'final_status' | 'gone' | 'exhausted' }

/** A plan of attempts. */
export interface RetrySchedule {
  /** How many attempts there are in all, the first one included. */
  readonly maxAttempts: number
  /**
   * What to do after a failed attempt. 410 ends a delivery as `gone`, whichever attempt it was.
   *
   * @throws {WebhookError} `invalid_option` if `attempt` or `random` makes no sense.
   */
  next(failure: FailedAttempt): RetryDecision
}

/** What every schedule may say. */
interface CommonDefinition {
  /**
   * What `random` adds to a step. `true` (default): up to 10 % of it, and up to 2 s if the step is 3 s or more. `'full'`: a delay anywhere from
   * `baseMs` to `baseMs * factor ^ attempt`, at most `capMs`. `false`: nothing. A step is never made shorter.
   */
  readonly jitter?: boolean | 'full' | undefined
  /** Statuses after which there is no further attempt; none by default. 410 is always final. */
  readonly finalStatuses?: readonly number[] | undefined
  /** The most that a Retry-After can raise a delay to, in milliseconds. Default: the longest step, and at least 60 s. */
  readonly retryAfterCapMs?: number | undefined
  /** The least delay after 429, 502, 504 and a time-out, in milliseconds; 0 by default, and 60,000 is a good choice. */
  readonly overloadFloorMs?: number | undefined
}

/** Steps by hand: the delay after the first failure, after the second, and so on. There is one attempt more than steps. */
export interface ListedDefinition extends CommonDefinition {
  /** The steps in milliseconds, in place of `baseMs`, `factor`, `capMs` and `attempts`. */
  readonly delaysMs: readonly number[]
}

/** Steps that grow: `baseMs * factor ^ (n - 1)` after the n-th failure, at most `capMs`. */
export interface GrowingDefinition extends CommonDefinition {
  /** The first step, in milliseconds. */
  readonly baseMs: number
  /** What each step is multiplied by to give the next: 1 to 1,000. */
  readonly factor: number
  /** The longest step, in milliseconds; at least `baseMs`. */
  readonly capMs: number
  /** How many attempts there are in all, 1 or more. */
  readonly attempts: number
}

/** What {@link defineRetrySchedule} takes. */
export type RetryScheduleDefinition = ListedDefinition | GrowingDefinition

/**
 * Makes a retry schedule.
 *
 * @param definition Either `delaysMs`, or `baseMs`, `factor`, `capMs` and `attempts`.
 * @returns A frozen schedule. `next` is pure: the same failure gives the same decision.
 * @throws {WebhookError} `invalid_option` for an unknown name, or a number that is negative, infinite or not a number.
 *
 * @example
 * ```ts
 * const schedule = defineRetrySchedule({ delaysMs: [5_000, 60_000, 600_000], finalStatuses: [400, 404] })
 * schedule.maxAttempts // 4
 * schedule.next({ attempt: 1, statusCode: 500, random: 0 }) // { retry: true, delayMs: 5000 }
 * schedule.next({ attempt: 1, statusCode: 404, random: 0 }) // { retry: false, reason: 'final_status' }
 * ```
 */
export function defineRetrySchedule(definition: RetryScheduleDefinition): RetrySchedule {
  if (typeof definition !== 'object' || definition === null) throw invalidOption('definition', 'an object')
  const plan = 'delaysMs' in definition ? readListed(definition) : readGrowing(definition)
  const limits = readLimits(definition, plan.longestMs)
  return Object.freeze({
    maxAttempts: plan.maxAttempts,
    next(failure: FailedAttempt): RetryDecision {
      checkFailure(failure)
      const { attempt, statusCode } = failure
      if (statusCode === 410) return { retry: false, reason: 'gone' }
      if (statusCode !== undefined && limits.finalStatuses.has(statusCode))
        return { retry: false, reason: 'final_status' }
      if (attempt >= plan.maxAttempts) return { retry: false, reason: 'exhausted' }
      const stepMs = plan.stepOf(attempt, failure.random)
      const delayMs = Math.max(stepMs, floorOf(failure, limits), askedFor(failure, limits))
      return { retry: true, delayMs: Math.ceil(delayMs) }
    },
  })
}

/** How many attempts there are, and how long to wait after each. */
interface Plan {
  readonly maxAttempts: number
  readonly longestMs: number
  stepOf(attempt: number, random: number): number
}

interface Limits {
  readonly finalStatuses: ReadonlySet<number>
  readonly retryAfterCapMs: number
  readonly overloadFloorMs: number
}

const COMMON_NAMES = ['jitter', 'finalStatuses', 'retryAfterCapMs', 'overloadFloorMs']
const LISTED_NAMES = ['delaysMs', ...COMMON_NAMES]
const GROWING_NAMES = ['baseMs', 'factor', 'capMs', 'attempts', ...COMMON_NAMES]

/** The longest delay that a schedule may have: 100 years. Beyond it, a time in milliseconds would lose its last digits. */
const MAX_DELAY_MS = 100 * 366 * 86_400_000
const MAX_ATTEMPTS = 10_000
/** Retry-After may always ask for as much. */
const LEAST_CAP_MS = 60_000

function readListed(definition: ListedDefinition): Plan {
  demandKnownNames(definition, LISTED_NAMES)
  const { delaysMs, jitter = true } = definition
  if (!Array.isArray(delaysMs) || delaysMs.length >= MAX_ATTEMPTS)
    throw invalidOption('delaysMs', 'a list of milliseconds')
  const steps = Array.from(delaysMs, (delay) =>
    readRequired('delaysMs', delay, 0, MAX_DELAY_MS, 'a list of milliseconds, each'),
  )
  if (jitter === 'full') throw invalidOption('jitter', 'true or false where the steps are listed')
  readJitter(jitter)
  return {
    maxAttempts: steps.length + 1,
    longestMs: Math.max(0, ...steps),
    stepOf: (attempt, random) => lengthen(steps[attempt - 1] as number, jitter, random),
  }
}

function readGrowing(definition: GrowingDefinition): Plan {
  demandKnownNames(definition, GROWING_NAMES)
  const { jitter = true } = definition
  readJitter(jitter)
  const baseMs = readRequired('baseMs', definition.baseMs, 0, MAX_DELAY_MS)
  const factor = readRequired('factor', definition.factor, 1, 1_000)
  const capMs = readRequired('capMs', definition.capMs, baseMs, MAX_DELAY_MS)
  const maxAttempts = readRequired('attempts', definition.attempts, 1, MAX_ATTEMPTS)
  if (!Number.isInteger(maxAttempts)) throw invalidOption('attempts', 'a whole number')
  // The power can outgrow what a number holds, and zero times infinity is not a number.
  const stepAt = (exponent: number): number => Math.min(capMs, baseMs * Math.min(factor ** exponent, Number.MAX_VALUE))
  return {
    maxAttempts,
    longestMs: stepAt(jitter === 'full' ? maxAttempts - 1 : Math.max(0, maxAttempts - 2)),
    stepOf: (attempt, random) => {
      if (jitter !== 'full') return lengthen(stepAt(attempt - 1), jitter, random)
      return baseMs + Math.floor(random * (stepAt(attempt) - baseMs))
    },
  }
}

function readJitter(jitter: unknown): void {
  if (typeof jitter !== 'boolean' && jitter !== 'full') throw invalidOption('jitter', "true, false or 'full'")
}

/** A number that has no default. */
function readRequired(option: string, value: unknown, min: number, max: number, what?: string): number {
  return readNumber(option, value ?? Number.NaN, 0, min, max, what)
}

/** Uniform, and only upward: a delay that an answer asked for is never undercut. */
function lengthen(stepMs: number, jitter: boolean, random: number): number {
  if (!jitter) return stepMs
  const share = 0.1 * stepMs
  const spreadMs = stepMs >= 3_000 ? Math.max(share, 2_000) : share
  return stepMs + Math.floor(random * spreadMs)
}

function readLimits(definition: CommonDefinition, longestMs: number): Limits {
  const { finalStatuses = [], retryAfterCapMs, overloadFloorMs } = definition
  const isStatus = (status: unknown): boolean =>
    Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 599
  if (!Array.isArray(finalStatuses) || !finalStatuses.every(isStatus)) {
    throw invalidOption('finalStatuses', 'a list of statuses from 100 to 599')
  }
  return {
    finalStatuses: new Set(finalStatuses),
    retryAfterCapMs: readNumber('retryAfterCapMs', retryAfterCapMs, Math.max(longestMs, LEAST_CAP_MS), 0, MAX_DELAY_MS),
    overloadFloorMs: readNumber('overloadFloorMs', overloadFloorMs, 0, 0, MAX_DELAY_MS),
  }
}

function checkFailure({ attempt, random }: FailedAttempt): void {
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw invalidOption('attempt', 'a whole number from 1')
  if (typeof random !== 'number' || !(random >= 0 && random < 1))
    throw invalidOption('random', 'a number from 0 up to 1')
}

const OVERLOADED: readonly (number | undefined)[] = [429, 502, 504]

function floorOf({ statusCode, isTimeout }: FailedAttempt, { overloadFloorMs }: Limits): number {
  const isOverloaded = isTimeout === true || OVERLOADED.includes(statusCode)
  return isOverloaded ? overloadFloorMs : 0
}

/** What Retry-After asks for, as far as it counts. A value that is not a delay counts as none. */
function askedFor({ statusCode, retryAfterMs }: FailedAttempt, { retryAfterCapMs }: Limits): number {
  if (statusCode !== 429 && statusCode !== 503) return 0
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? Math.min(retryAfterMs, retryAfterCapMs) : 0
}
