import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  defineRetrySchedule,
  type FailedAttempt,
  type RetrySchedule,
  type RetryScheduleDefinition,
} from '../../src/sender/retry-schedule.ts'
import { retrySchedules } from '../../src/sender/retry-schedules.ts'
import { isWebhookError } from '../../src/shared/webhook-error.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The delays after each failed attempt but the last, with a given random number. */
function delaysOf(schedule: RetrySchedule, random = 0): number[] {
  return Array.from({ length: schedule.maxAttempts - 1 }, (_, at) => {
    const decision = schedule.next({ attempt: at + 1, statusCode: 500, random })
    return decision.retry ? decision.delayMs : Number.NaN
  })
}

function delayAfter(schedule: RetrySchedule, failure: object): number | string {
  const decision = schedule.next({ attempt: 1, random: 0, ...failure })
  return decision.retry ? decision.delayMs : decision.reason
}

describe('the four schedules', () => {
  it('have exactly the steps of their systems', () => {
    expect(delaysOf(retrySchedules.fluxora)).toEqual([SECOND, SECOND, SECOND, SECOND])
    expect(delaysOf(retrySchedules.stellarPayment)).toEqual([10 * SECOND, 30 * SECOND, 60 * SECOND])
    expect(delaysOf(retrySchedules.chronomind)).toEqual([100, 200, 400])
    const hours = [2, 5, 10, 14, 20, 24].map((hour) => hour * HOUR)
    expect(delaysOf(retrySchedules.standardWebhooks)).toEqual([5 * SECOND, 5 * MINUTE, 30 * MINUTE, ...hours])
  })

  it('of Fluxora spread each step from one second to twice the one before', () => {
    const most = delaysOf(retrySchedules.fluxora, 1 - Number.EPSILON)
    expect(most.map((delay) => Math.round(delay / SECOND))).toEqual([2, 4, 8, 16])
    expect(delaysOf(retrySchedules.fluxora, 0.5)).toEqual([1_500, 2_500, 4_500, 8_500])
  })

  it('of Fluxora end on every status from 400 to 499 but 408, 425 and 429', () => {
    for (let statusCode = 400; statusCode < 500; statusCode++) {
      const expected = [408, 425, 429].includes(statusCode) ? 1_000 : statusCode === 410 ? 'gone' : 'final_status'
      expect([statusCode, delayAfter(retrySchedules.fluxora, { statusCode })]).toEqual([statusCode, expected])
    }
    for (const statusCode of [301, 500, 501, 503, 599, undefined]) {
      expect(delayAfter(retrySchedules.fluxora, { statusCode })).toBe(1_000)
    }
  })

  it('end on 410 as gone, on the last attempt too', () => {
    for (const schedule of Object.values(retrySchedules)) {
      for (const attempt of [1, schedule.maxAttempts, schedule.maxAttempts + 5]) {
        expect(schedule.next({ attempt, statusCode: 410, random: 0 })).toEqual({ retry: false, reason: 'gone' })
      }
    }
  })

  it('end after the last attempt as exhausted', () => {
    expect(Object.values(retrySchedules).map(({ maxAttempts }) => maxAttempts)).toEqual([5, 4, 4, 10])
    for (const schedule of Object.values(retrySchedules)) {
      for (const attempt of [schedule.maxAttempts, schedule.maxAttempts + 1]) {
        expect(schedule.next({ attempt, statusCode: 500, random: 0 })).toEqual({ retry: false, reason: 'exhausted' })
      }
    }
  })

  it('cannot be changed', () => {
    expect(Object.isFrozen(retrySchedules)).toBe(true)
    for (const schedule of Object.values(retrySchedules)) expect(Object.isFrozen(schedule)).toBe(true)
  })
})

interface Vectors {
  readonly presets: Record<string, { attempts: number; delaysMs: number[]; spreadMs?: number[] }>
  readonly cases: readonly { schedule: string; failure: FailedAttempt; delayMs?: number; reason?: string }[]
}

describe('test/vectors/retry-schedules.json', () => {
  const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/retry-schedules.json', import.meta.url), 'utf8'))
  const named = new Map<string, RetrySchedule>(Object.entries(retrySchedules))

  it.each(Object.entries(vectors.presets))('%s', (name, { attempts, delaysMs, spreadMs }) => {
    const schedule = named.get(name) as RetrySchedule
    expect(schedule.maxAttempts).toBe(attempts)
    expect(delaysOf(schedule)).toEqual(delaysMs)
    // In whole milliseconds, and never the limit itself.
    const limit = spreadMs?.map((delayMs) => delayMs - 1)
    if (limit) expect(delaysOf(schedule, 1 - Number.EPSILON)).toEqual(limit)
  })

  it.each(vectors.cases)('$schedule, $failure: $delayMs$reason', ({ schedule, failure, delayMs, reason }) => {
    const decision = named.get(schedule)?.next(failure)
    expect(decision).toEqual(reason === undefined ? { retry: true, delayMs } : { retry: false, reason })
  })

  it('has every schedule', () => {
    expect(Object.keys(vectors.presets).sort()).toEqual([...named.keys()].sort())
  })
})

describe('Retry-After', () => {
  const { stellarPayment, standardWebhooks } = retrySchedules
  it.each([
    ['raises a delay on 503', stellarPayment, { statusCode: 503, retryAfterMs: 45_000 }, 45_000],
    ['raises a delay on 429', stellarPayment, { statusCode: 429, retryAfterMs: 45_000 }, 45_000],
    ['never lowers one', stellarPayment, { statusCode: 503, retryAfterMs: 1 }, 10_000],
    ['counts on no other status', stellarPayment, { statusCode: 500, retryAfterMs: 45_000 }, 10_000],
    ['counts on no failure without a status', stellarPayment, { retryAfterMs: 45_000 }, 10_000],
    [
      'raises to 60 s at most where the steps are shorter',
      stellarPayment,
      { statusCode: 503, retryAfterMs: 9e15 },
      60_000,
    ],
    ['raises to the longest step at most', standardWebhooks, { statusCode: 503, retryAfterMs: 9e15 }, 24 * HOUR],
    ['is ignored if it is negative', stellarPayment, { statusCode: 503, retryAfterMs: -5 }, 10_000],
    ['is ignored if it is text', stellarPayment, { statusCode: 503, retryAfterMs: '45000' }, 10_000],
    ['is ignored if it is a bigint', stellarPayment, { statusCode: 503, retryAfterMs: 45_000n }, 10_000],
    ['is ignored if it is not a number', stellarPayment, { statusCode: 503, retryAfterMs: Number.NaN }, 10_000],
    [
      'is capped if it is infinite',
      stellarPayment,
      { statusCode: 503, retryAfterMs: Number.POSITIVE_INFINITY },
      60_000,
    ],
  ])('%s', (_, schedule, failure, expected) => {
    expect(delayAfter(schedule, failure)).toBe(expected)
  })

  it('has a cap of its own by option', () => {
    const schedule = defineRetrySchedule({ delaysMs: [10], retryAfterCapMs: 500 })
    expect(delayAfter(schedule, { statusCode: 503, retryAfterMs: 9_000 })).toBe(500)
  })
})

describe('the overload floor', () => {
  const schedule = defineRetrySchedule({ delaysMs: [10], overloadFloorMs: 60_000 })
  it('raises the delay after 429, 502, 504 and a time-out, and no other', () => {
    const raised = [429, 502, 504].map((statusCode) => delayAfter(schedule, { statusCode }))
    expect([...raised, delayAfter(schedule, { isTimeout: true })]).toEqual([60_000, 60_000, 60_000, 60_000])
    expect([500, 503, undefined].map((statusCode) => delayAfter(schedule, { statusCode }))).toEqual([10, 10, 10])
  })

  it('is off by default', () => {
    expect(delayAfter(defineRetrySchedule({ delaysMs: [10] }), { statusCode: 429, isTimeout: true })).toBe(10)
  })
})

describe('jitter', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  it('adds at most 10 %, or 2 s to a step of 3 s or more, and never takes away', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 * HOUR }), random, (stepMs, u) => {
        const [delay = 0] = delaysOf(defineRetrySchedule({ delaysMs: [stepMs] }), u)
        const most = stepMs >= 3_000 ? Math.max(2_000, stepMs / 10) : stepMs / 10
        expect(delay).toBeGreaterThanOrEqual(stepMs)
        expect(delay).toBeLessThanOrEqual(stepMs + most)
      }),
    )
  })

  it('grows with the random number', () => {
    const schedule = defineRetrySchedule({ delaysMs: [10_000] })
    expect([0, 0.5, 0.999].map((u) => delaysOf(schedule, u)[0])).toEqual([10_000, 11_000, 11_998])
  })

  it('can be switched off', () => {
    expect(delaysOf(defineRetrySchedule({ delaysMs: [10_000], jitter: false }), 0.9)).toEqual([10_000])
  })
})

describe('defineRetrySchedule', () => {
  it('makes steps that grow to a cap', () => {
    const schedule = defineRetrySchedule({ baseMs: 100, factor: 3, capMs: 2_000, attempts: 6 })
    expect(delaysOf(schedule)).toEqual([100, 300, 900, 2_000, 2_000])
  })

  it('stays at the cap when the factor outgrows what a number can hold', () => {
    const schedule = defineRetrySchedule({ baseMs: 0, factor: 1_000, capMs: 5, attempts: 200 })
    expect(delaysOf(schedule)).toEqual(Array(199).fill(0))
    expect(delayAfter(schedule, { attempt: 150, statusCode: 503, retryAfterMs: 30 })).toBe(30)
    const growing = defineRetrySchedule({ baseMs: 1, factor: 1_000, capMs: 5, attempts: 200 })
    expect(delayAfter(growing, { attempt: 199 })).toBe(5)
  })

  it('makes a schedule of one attempt', () => {
    for (const schedule of [
      defineRetrySchedule({ delaysMs: [] }),
      defineRetrySchedule({ baseMs: 1, factor: 1, capMs: 1, attempts: 1 }),
    ]) {
      expect(schedule.maxAttempts).toBe(1)
      expect(delayAfter(schedule, { statusCode: 500 })).toBe('exhausted')
    }
  })

  it('gives whole milliseconds', () => {
    expect(delaysOf(defineRetrySchedule({ baseMs: 100, factor: 1.5, capMs: 1e6, attempts: 4 }))).toEqual([
      100, 150, 225,
    ])
    expect(delaysOf(defineRetrySchedule({ delaysMs: [0.5] }))).toEqual([1])
  })

  it('does not see what the caller does to its list later', () => {
    const delaysMs = [1, 2]
    const schedule = defineRetrySchedule({ delaysMs })
    delaysMs[0] = 99
    expect(delaysOf(schedule)).toEqual([1, 2])
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'definition'],
    ['neither a list nor a base', {}, 'baseMs'],
    ['an unknown name', { delaysMs: [1], delayMs: 2 }, 'delayMs'],
    ['both', { delaysMs: [1], baseMs: 1 }, 'baseMs'],
    ['a delay that is negative', { delaysMs: [1, -1] }, 'delaysMs'],
    ['a delay that is not a number', { delaysMs: ['1'] }, 'delaysMs'],
    ['an infinite delay', { delaysMs: [Number.POSITIVE_INFINITY] }, 'delaysMs'],
    ['a delay that is undefined', { delaysMs: [1, undefined] }, 'delaysMs'],
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point.
    ['a list with a hole', { delaysMs: [1, , 3] }, 'delaysMs'],
    ['no list', { delaysMs: 5 }, 'delaysMs'],
    ['no attempts', { baseMs: 1, factor: 2, capMs: 9, attempts: 0 }, 'attempts'],
    ['half an attempt', { baseMs: 1, factor: 2, capMs: 9, attempts: 1.5 }, 'attempts'],
    ['a factor below 1', { baseMs: 1, factor: 0.5, capMs: 9, attempts: 2 }, 'factor'],
    ['a cap below the base', { baseMs: 10, factor: 2, capMs: 9, attempts: 2 }, 'capMs'],
    ['a status that is none', { delaysMs: [1], finalStatuses: [99] }, 'finalStatuses'],
    ['statuses that are no list', { delaysMs: [1], finalStatuses: 404 }, 'finalStatuses'],
    ['a jitter that is none', { delaysMs: [1], jitter: 'some' }, 'jitter'],
    ['full jitter over a list', { delaysMs: [1], jitter: 'full' }, 'jitter'],
    ['a floor that is not a number', { delaysMs: [1], overloadFloorMs: Number.NaN }, 'overloadFloorMs'],
    ['a cap that is negative', { delaysMs: [1], retryAfterCapMs: -1 }, 'retryAfterCapMs'],
  ])('throws for %s', (_, definition, option) => {
    let error: unknown
    try {
      defineRetrySchedule(definition as RetryScheduleDefinition)
    } catch (thrown) {
      error = thrown
    }
    expect(isWebhookError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'invalid_option', option })
  })

  it('says in a plain sentence what a list of delays must be', () => {
    expect(() => defineRetrySchedule({ delaysMs: [1, -1] })).toThrow(
      'delaysMs must be a list of milliseconds, each from 0 to 3162240000000.',
    )
  })

  it.each([
    ['attempt', { attempt: 0 }],
    ['attempt', { attempt: 1.5 }],
    ['attempt', { attempt: '1' }],
    ['random', { random: 1 }],
    ['random', { random: -0.1 }],
    ['random', { random: Number.NaN }],
    ['random', { random: undefined }],
    ['random', { random: null }],
    ['random', { random: '0.5' }],
  ])('next throws for a wrong %s', (option, change) => {
    const failure = { attempt: 1, random: 0, ...change } as never
    expect(() => retrySchedules.fluxora.next(failure)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option }),
    )
  })
})
