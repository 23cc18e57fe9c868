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
  type StreamTerms,
  toUnits,
} from '../../src/decimal/index.ts'
import { thrownBy } from './support.ts'

const START = 1_710_000_000
const DAY = 86_400

describe('rates', () => {
  it('are exact, frozen rationals', () => {
    expect(rateOver(10_000_000n, DAY)).toStrictEqual({ units: 10_000_000n, seconds: 86_400n })
    expect(rateOver(10_000_000n, 86_400n)).toStrictEqual({ units: 10_000_000n, seconds: 86_400n })
    expect(ratePerSecond(116n)).toStrictEqual({ units: 116n, seconds: 1n })
    expect(Object.isFrozen(ratePerSecond(1n))).toBe(true)
  })

  it('hold what seven decimals a second cannot: one unit a day for a year is 365, not 365.82', () => {
    const deposit = toUnits('365')
    const terms = { deposit, startTime: START, rate: rateOver(toUnits('1'), DAY) }
    expect(accruedUnits({ ...terms, now: START + 365 * DAY })).toBe(deposit)
    expect(accruedUnits({ ...terms, now: START + 365 * DAY - 1 })).toBe(deposit - 116n)
    expect(accruedUnits({ ...terms, rate: ratePerSecond(toUnits('0.0000116')), now: START + 364 * DAY })).toBe(
      3648153600n,
    )
  })

  it('are covered or not, without a division', () => {
    const rate = rateOver(10n, 3)
    expect(covers(10n, rate, 3)).toBe(true)
    expect(covers(9n, rate, 3)).toBe(false)
    expect(covers(3n, rate, 1)).toBe(false)
    expect(covers(4n, rate, 1n)).toBe(true)
    expect(covers(0n, rate, 0)).toBe(true)
    expect(covers(0n, ratePerSecond(0n), Number.MAX_SAFE_INTEGER)).toBe(true)
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
    [Number.MAX_SAFE_INTEGER, '30'],
    [Number.MIN_SAFE_INTEGER, '0'],
    [10n ** 30n, '30'],
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

  it('is nothing before the cliff and everything since the start from it on', () => {
    const cliff = START + 30
    expect(accrued({ cliff, now: START + 29 })).toBe(0n)
    expect(accrued({ cliff, now: START + 30 })).toBe(toUnits('10'))
  })

  it('is nothing before the start, also where the cliff is over before it', () => {
    const cliff = START - 30
    expect(accrued({ cliff, now: START - 1 })).toBe(0n)
    expect(accrued({ cliff, now: START - 30 })).toBe(0n)
    expect(refundableUnits<7>({ ...terms, cliff, now: START - 1 })).toBe(deposit)
    expect(accrued({ cliff, now: START + 3 })).toBe(toUnits('1'))
  })

  it('stands still during a pause and goes on where it stood', () => {
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

  it('takes the terms as a database gives them, in bigints, and very large ones', () => {
    const huge = 2n ** 256n - 1n
    const stored = { rate: { units: huge, seconds: 7n }, deposit: huge, startTime: 0n, endTime: 7n }
    expect(accruedUnits({ ...stored, now: 7n })).toBe(huge)
    expect(accruedUnits({ ...stored, now: 3n })).toBe((huge * 3n) / 7n)
  })

  it('takes null, as databases give it, for what is absent', () => {
    const nulls = { endTime: null, cliff: null, pause: null }
    expect(accrued({ ...nulls, now: START + 31 })).toBe(accrued({ now: START + 31 }))
    expect(accrued({ pause: { since: null, total: null }, now: START + 31 })).toBe(accrued({ now: START + 31 }))
    expect(depletesAt({ ...terms, ...nulls })).toBe(BigInt(START + 90))
    expect(thrownBy(() => accrued({ now: null as unknown as number }))).toMatchObject({ reason: 'now' })
    expect(thrownBy(() => accrued({ startTime: null as unknown as number, now: 1 }))).toMatchObject({
      reason: 'startTime',
    })
  })

  it('takes an instant: start and end at once, nothing accrues', () => {
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
