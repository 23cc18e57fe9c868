import { describe, expect, it } from 'vitest'
import {
  accruedUnits,
  covers,
  depletesAt,
  formatUnits,
  isDecimalError,
  type Rate,
  rateOver,
  ratePerSecond,
  refundableUnits,
  type Seconds,
  type StreamPause,
  type StreamTerms,
  toUnits,
} from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

const START = 1_710_000_000
const DAY = 86_400

describe('rates', () => {
  it('are exact, frozen fractions', () => {
    expect(rateOver(10_000_000n, DAY)).toStrictEqual({ units: 10_000_000n, seconds: 86_400n })
    expect(rateOver(10_000_000n, 86_400n)).toStrictEqual({ units: 10_000_000n, seconds: 86_400n })
    expect(ratePerSecond(116n)).toStrictEqual({ units: 116n, seconds: 1n })
    expect(Object.isFrozen(ratePerSecond(1n))).toBe(true)
  })

  it('are more exact than seven decimals a second: one unit a day for a year is 365, not 365.82', () => {
    const deposit = toUnits('365')
    const terms = { deposit, startTime: START, rate: rateOver(toUnits('1'), DAY) }
    expect(accruedUnits({ ...terms, now: START + 365 * DAY })).toBe(deposit)
    expect(accruedUnits({ ...terms, now: START + 365 * DAY - 1 })).toBe(deposit - 116n)
    expect(accruedUnits({ ...terms, rate: ratePerSecond(toUnits('0.0000116')), now: START + 364 * DAY })).toBe(
      3648153600n,
    )
  })

  it('are covered or not, without dividing', () => {
    const rate = rateOver(10n, 3)
    expect(covers(10n, rate, 3)).toBe(true)
    expect(covers(9n, rate, 3)).toBe(false)
    expect(covers(3n, rate, 1)).toBe(false)
    expect(covers(4n, rate, 1n)).toBe(true)
    expect(covers(0n, rate, 0)).toBe(true)
    expect(covers(0n, ratePerSecond(0n), 100_000_000_000)).toBe(true)
  })
})

describe('accruedUnits', () => {
  const deposit = toUnits('30')
  const terms = { deposit, startTime: START, endTime: START + 90, rate: rateOver(deposit, 90) }
  const accrued = (more: Partial<StreamTerms<7>> & { now: Seconds }) => accruedUnits<7>({ ...terms, ...more })

  it.each([
    [START - 1, '0'],
    [START, '0'],
    [START + 1, '0.3333333'],
    [START + 31, '10.3333333'],
    [START + 89, '29.6666666'],
    [START + 90, '30'],
    [START + 91, '30'],
    [100_000_000_000, '30'],
    [-100_000_000_000, '0'],
    [10n ** 11n, '30'],
    [-(10n ** 11n), '0'],
    [BigInt(START + 31), '10.3333333'],
  ])('at %s it is %s', (now, text) => {
    expect(formatUnits(accrued({ now }))).toBe(text)
    expect(accrued({ now }) + refundableUnits<7>({ ...terms, now })).toBe(deposit)
  })

  it('runs on without an end until the deposit is used up', () => {
    expect(accrued({ endTime: undefined, rate: ratePerSecond(toUnits('1')), now: START + 29 })).toBe(toUnits('29'))
    expect(accrued({ endTime: undefined, rate: ratePerSecond(toUnits('1')), now: START + 31 })).toBe(deposit)
  })

  it('stops at the end although the deposit would last longer', () => {
    expect(accrued({ rate: ratePerSecond(1n), now: START + 1000 })).toBe(90n)
  })

  it('is zero before the cliff, and then counts from the start', () => {
    const cliff = START + 30
    expect(accrued({ cliff, now: START + 29 })).toBe(0n)
    expect(accrued({ cliff, now: START + 30 })).toBe(toUnits('10'))
  })

  it('is zero before the start, even if the cliff is earlier', () => {
    const cliff = START - 30
    expect(accrued({ cliff, now: START - 1 })).toBe(0n)
    expect(accrued({ cliff, now: START - 30 })).toBe(0n)
    expect(refundableUnits<7>({ ...terms, cliff, now: START - 1 })).toBe(deposit)
    expect(accrued({ cliff, now: START + 3 })).toBe(toUnits('1'))
  })

  it('stops during a pause and goes on from there', () => {
    const since = START + 30
    for (const now of [START + 30, START + 31, START + 1000]) {
      expect(accrued({ pause: { since }, now })).toBe(toUnits('10'))
    }
    expect(accrued({ pause: { since }, now: START + 15 })).toBe(toUnits('5'))
    expect(accrued({ pause: { total: 100 }, now: START + 130 })).toBe(toUnits('10'))
    expect(accrued({ pause: { total: 100 }, now: START + 190 })).toBe(deposit)
    expect(accrued({ pause: { total: 10, since: START + 40 }, now: START + 500 })).toBe(toUnits('10'))
    expect(accrued({ pause: { total: 0n }, now: START + 30 })).toBe(toUnits('10'))
    expect(accrued({ pause: {}, now: START + 30 })).toBe(toUnits('10'))
  })

  it('measures the cliff on the clock that pauses', () => {
    expect(accrued({ cliff: START + 30, pause: { total: 5 }, now: START + 34 })).toBe(0n)
    expect(accrued({ cliff: START + 30, pause: { total: 5 }, now: START + 35 })).toBe(toUnits('10'))
  })

  it('accepts terms as a database gives them, in bigints, even very large ones', () => {
    const huge = 2n ** 256n - 1n
    const stored = { rate: { units: huge, seconds: 7n }, deposit: huge, startTime: 0n, endTime: 7n }
    expect(accruedUnits({ ...stored, now: 7n })).toBe(huge)
    expect(accruedUnits({ ...stored, now: 3n })).toBe((huge * 3n) / 7n)
  })

  it('treats null, as databases give it, as absent', () => {
    const nulls = { endTime: null, cliff: null, pause: null }
    expect(accrued({ ...nulls, now: START + 31 })).toBe(accrued({ now: START + 31 }))
    expect(accrued({ pause: { since: null, total: null }, now: START + 31 })).toBe(accrued({ now: START + 31 }))
    expect(depletesAt({ ...terms, ...nulls })).toBe(BigInt(START + 90))
    expect(thrownBy(() => accrued({ now: null as unknown as number }))).toMatchObject({ reason: 'now' })
    expect(thrownBy(() => accrued({ startTime: null as unknown as number, now: 1 }))).toMatchObject({
      reason: 'startTime',
    })
  })

  it('is zero for a stream that ends when it starts', () => {
    expect(accrued({ endTime: START, now: START + 5 })).toBe(0n)
  })
})

describe('depletesAt', () => {
  const terms = { deposit: 10n, startTime: 100, rate: rateOver(3n, 2) }

  it('is the first second at which the whole deposit has accrued', () => {
    expect(depletesAt(terms)).toBe(107n)
    expect(accruedUnits({ ...terms, now: 106 })).toBe(9n)
    expect(accruedUnits({ ...terms, now: 107 })).toBe(10n)
  })

  it.each([
    ['the end is earlier', { endTime: 106 }, null],
    ['the end is then', { endTime: 107 }, 107n],
    ['the rate is zero', { rate: ratePerSecond(0n) }, null],
    ['nothing was put in', { deposit: 0n }, 100n],
    ['nothing was put in and nothing flows', { deposit: 0n, rate: ratePerSecond(0n) }, 100n],
    ['nothing was put in and a pause began before the start', { deposit: 0n, pause: { since: 99 } }, null],
    ['a cliff comes later', { cliff: 200 }, 200n],
    ['a cliff comes earlier', { cliff: 103 }, 107n],
    ['pauses have shifted it', { pause: { total: 50 } }, 157n],
    ['the stream is paused', { pause: { since: 105 } }, null],
    ['the pause began after it', { pause: { since: 107 } }, 107n],
    ['a second pause began before it', { pause: { total: 50, since: 156 } }, null],
  ])('when %s', (_name, change, expected) => {
    expect(depletesAt({ ...terms, ...change })).toBe(expected)
  })
})

describe('misuse', () => {
  const good = { rate: ratePerSecond(1n), startTime: 0, endTime: 10, now: 5, deposit: 10n }
  const badTimes = [Number.NaN, 0.5, Number.POSITIVE_INFINITY, 2 ** 53, '5', '', true, {}, new Date(5)]

  // The same moment in milliseconds, microseconds and nanoseconds, and what is just beyond the limit.
  const beyond = [1_710_000_000_000, 1_710_000_000_000_000, 1.71e18, 100_000_000_001, Number.MAX_SAFE_INTEGER, 2 ** 64]
  const notSeconds = [...beyond, ...beyond.map(BigInt), ...beyond.map((time) => -time), 10n ** 30n, Date.now()]

  it.each(['startTime', 'endTime', 'now', 'cliff', 'pause.since', 'pause.total'])(
    'of %s: what cannot be in seconds throws, and so is told',
    (path) => {
      const [name = '', member] = path.split('.')
      for (const time of notSeconds) {
        // Nothing else is wrong with it: where it is far ahead, so is the end.
        const terms = { ...good, endTime: undefined, [name]: member === undefined ? time : { [member]: time } }
        for (const call of [accruedUnits, refundableUnits, ...(name === 'now' ? [] : [depletesAt])]) {
          const error = thrownBy(() => call(terms))
          expect(isDecimalError(error)).toBe(true)
          expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: name })
          expect(error).toHaveProperty('message', expect.stringMatching(`^${path} cannot be in seconds: `))
        }
      }
    },
  )

  it('of a length of time that cannot be in seconds throws, and the message says so', () => {
    for (const seconds of notSeconds.filter((time) => time > 0)) {
      for (const call of [() => rateOver(1n, seconds), () => covers(1n, ratePerSecond(1n), seconds)]) {
        const error = thrownBy(call)
        expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'seconds' })
        expect(error).toHaveProperty('message', expect.stringMatching('^seconds cannot be in seconds: '))
      }
    }
    expect(rateOver(1n, 100_000_000_000)).toStrictEqual({ units: 1n, seconds: 10n ** 11n })
    expect(covers(10n ** 11n, ratePerSecond(1n), 10n ** 11n)).toBe(true)
  })

  it('does not include a rate written by hand: its seconds are a divisor and may be of any size', () => {
    // One unit of 18 decimals a second, in units of 6 decimals.
    const rate = { units: 1n, seconds: 10n ** 12n }
    expect(accruedUnits({ rate, deposit: 10n, startTime: 0, now: 100_000_000_000 })).toBe(0n)
    expect(accruedUnits({ rate: { ...rate, units: 10n ** 12n }, deposit: 10n, startTime: 0, now: 7 })).toBe(7n)
    expect(depletesAt({ rate, deposit: 10n, startTime: 0 })).toBe(10n ** 13n)
  })

  it.each([
    ['endtime', { endtime: 9 }],
    ['end_time', { end_time: 9 }],
    ['cliffTime', { cliffTime: 9 }],
    ['paused', { paused: { since: 1 } }],
    ['id', { id: 's1' }],
    ['from', { pause: { from: 1 } }],
    ['totalSeconds', { pause: { total: 1, totalSeconds: 1 } }],
  ])('of a member that nobody reads, such as %s, throws and names it', (reason, change) => {
    for (const call of [accruedUnits, refundableUnits, depletesAt]) {
      const error = thrownBy(() => call({ ...good, ...change } as typeof good))
      expect(isDecimalError(error)).toBe(true)
      expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason })
    }
  })

  it('of anything but an object throws', () => {
    for (const terms of [null, undefined, 1, 'terms', true]) {
      for (const call of [accruedUnits, refundableUnits, depletesAt]) {
        const error = thrownBy(() => call(terms as unknown as typeof good))
        expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'rate' })
      }
    }
    for (const pause of [1, '1', true, () => 1]) {
      const call = () => accruedUnits({ ...good, pause: pause as unknown as StreamPause })
      expect(thrownBy(call)).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'pause' })
    }
  })

  it.each(['startTime', 'endTime', 'now', 'cliff'])('of %s throws and names it', (name) => {
    for (const time of badTimes) {
      const error = thrownBy(() => accruedUnits({ ...good, [name]: time as number }))
      expect(isDecimalError(error)).toBe(true)
      expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: name })
    }
  })

  it('of a missing time throws', () => {
    const { now, ...rest } = good
    expect(thrownBy(() => accruedUnits(rest as typeof good))).toMatchObject({ reason: 'now' })
    const { startTime, ...other } = good
    expect(thrownBy(() => refundableUnits(other as typeof good))).toMatchObject({ reason: 'startTime' })
  })

  it.each([
    ['deposit', { deposit: -1n }],
    ['deposit', { deposit: 10 as unknown as bigint }],
    ['deposit', { deposit: undefined as unknown as bigint }],
    ['endTime', { startTime: 11 }],
    ['pause', { pause: { total: -1 } }],
    ['pause', { pause: { total: Number.NaN } }],
    ['pause', { pause: { since: 1.5 } }],
    ['rate', { rate: { units: -1n, seconds: 1n } }],
    ['rate', { rate: { units: 1n, seconds: 0n } }],
    ['rate', { rate: { units: 1n, seconds: -1n } }],
    ['rate', { rate: { units: 1, seconds: 1 } as unknown as Rate }],
    ['rate', { rate: { units: 1, seconds: 1n } as unknown as Rate }],
    ['rate', { rate: { units: '1', seconds: 1n } as unknown as Rate }],
    ['rate', { rate: { units: 1n, seconds: 1 } as unknown as Rate }],
    ['rate', { rate: { units: 1n, seconds: '1' } as unknown as Rate }],
    ['rate', { rate: null as unknown as Rate }],
    ['rate', { rate: '1' as unknown as Rate }],
  ])('of %s throws: %o', (reason, change) => {
    for (const call of [accruedUnits, refundableUnits, depletesAt]) {
      const error = thrownBy(() => call({ ...good, ...change }))
      expect(isDecimalError(error)).toBe(true)
      expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason })
    }
  })

  it('of rateOver, ratePerSecond and covers throws', () => {
    for (const units of [-1n, 1, '1', null]) {
      expect(thrownBy(() => rateOver(units as bigint, 1))).toMatchObject({ reason: 'units' })
      expect(thrownBy(() => ratePerSecond(units as bigint))).toMatchObject({ reason: 'units' })
      expect(thrownBy(() => covers(units as bigint, ratePerSecond(1n), 1))).toMatchObject({ reason: 'deposit' })
    }
    for (const seconds of [0, -1, 0n, -1n, 0.5, Number.NaN, '1', null, undefined]) {
      const error = thrownBy(() => rateOver(1n, seconds as number))
      expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'seconds' })
    }
    for (const seconds of [-1, -1n, 0.5, Number.NaN]) {
      const error = thrownBy(() => covers(1n, ratePerSecond(1n), seconds))
      expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'seconds' })
    }
    expect(thrownBy(() => covers(1n, {} as Rate, 1))).toMatchObject({ reason: 'rate' })
  })
})
