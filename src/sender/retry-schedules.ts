// The schedules of the systems that this library grew out of, and the one that Standard Webhooks proposes.

import { defineRetrySchedule, type RetrySchedule } from './retry-schedule.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Statuses from 400 to 499 that Fluxora does not try again: all but 408, 425 and 429. */
const FINAL_CLIENT_ERRORS = Array.from({ length: 100 }, (_, at) => 400 + at).filter(
  (status) => status !== 408 && status !== 425 && status !== 429,
)

/**
 * Ready-made retry schedules. With `random: 0` the delays are these:
 *
 * - `fluxora`: 1 s, up to 2, 4, 8 and 16 s by chance; 5 attempts; statuses from 400 to 499 are final but for 408, 425 and 429
 * - `stellarPayment`: 10, 30 and 60 s; 4 attempts
 * - `chronomind`: 100, 200 and 400 ms; 4 attempts
 * - `standardWebhooks`: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h; 10 attempts over 75 hours
 *
 * @see {@link https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md}
 *
 * @example
 * ```ts
 * retrySchedules.stellarPayment.next({ attempt: 1, statusCode: 500, random: 0 }) // { retry: true, delayMs: 10000 }
 * ```
 */
export const retrySchedules: {
  readonly fluxora: RetrySchedule
  readonly stellarPayment: RetrySchedule
  readonly chronomind: RetrySchedule
  readonly standardWebhooks: RetrySchedule
} = /* @__PURE__ */ Object.freeze({
  fluxora: defineRetrySchedule({
    baseMs: SECOND,
    factor: 2,
    capMs: MINUTE,
    attempts: 5,
    jitter: 'full',
    finalStatuses: FINAL_CLIENT_ERRORS,
  }),
  stellarPayment: defineRetrySchedule({ delaysMs: [10 * SECOND, 30 * SECOND, 60 * SECOND] }),
  chronomind: defineRetrySchedule({ baseMs: 100, factor: 2, capMs: 5 * SECOND, attempts: 4 }),
  standardWebhooks: defineRetrySchedule({
    delaysMs: [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
  }),
})
