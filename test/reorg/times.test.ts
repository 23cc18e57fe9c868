// A time that cannot be in milliseconds is misuse: with seconds instead, every answer would be healthy for ever.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assessFreshness,
  assessHealth,
  parseReorgState,
  reorgHealth,
  serializeReorgState,
  type Time,
} from '../../src/reorg/index.ts'
import { chain, feed, ledgerOf, ledgers } from './support.ts'

const now = 1_710_000_000_000
const state = feed({}, ledgers(...chain(100, 104).map((ledger) => ({ ...ledger, closedAt: now / 1000 - 10 })))).state
const misuse = (field: string) => expect.objectContaining({ name: 'ReorgError', code: 'REORG_INVALID_ARGUMENT', field })

const asked: readonly [string, (times: { now: Time; lastSyncAt?: Time | null }) => unknown][] = [
  ['assessHealth', (times) => assessHealth(state, times)],
  ['reorgHealth', (times) => reorgHealth(state, times)],
  ['assessFreshness', (times) => assessFreshness({ enabled: true, ...times })],
]

describe.each(asked)('%s', (_name, ask) => {
  it.each<[string, number]>([
    ['seconds', now / 1000],
    ['seconds of 2001', 1e9],
    ['a time before 2001', 1e12 - 1],
    ['microseconds', now * 1000],
    ['nanoseconds', now * 1e6],
    ['a time after the year 5138', 1e14 + 1],
    ['a time before 1970', -1],
    ['far less', -now],
  ])('rejects %s', (_what, wrong) => {
    for (const time of [wrong, new Date(wrong)]) {
      if (Number.isNaN(Number(time))) continue
      expect(() => ask({ now: time })).toThrow(misuse('now'))
      expect(() => ask({ now, lastSyncAt: time })).toThrow(misuse('lastSyncAt'))
    }
  })

  it('rejects seconds that were converted to text', () => {
    const text = new Date(now / 1000).toISOString()
    expect(() => ask({ now: text })).toThrow(misuse('now'))
    expect(() => ask({ now, lastSyncAt: text })).toThrow(misuse('lastSyncAt'))
  })

  it('accepts times of today and of all years that matter', () => {
    for (const time of [1e12, now, 1e14]) expect(() => ask({ now: time, lastSyncAt: time })).not.toThrow()
  })

  it("accepts a test's clock that begins at 0, with times of the same clock", () => {
    for (const time of [0, 5, 999_999_999]) expect(() => ask({ now: time, lastSyncAt: 0 })).not.toThrow()
    for (const lastSyncAt of [1e12, now]) expect(() => ask({ now: 5000, lastSyncAt })).toThrow(misuse('now'))
    expect(() => ask({ now, lastSyncAt: 0 })).not.toThrow()
  })
})

it('a clock that begins at 0 is not compared with the close times of a real chain', () => {
  expect(() => assessHealth(state, { now: 5000 })).toThrow(misuse('now'))
  const young = feed({}, ledgers({ ...ledgerOf(1), closedAt: 4 })).state
  expect(assessHealth(young, { now: 5000 })).toMatchObject({ status: 'ok', indexer: { lagMs: 1000 } })
})

it('the message says what was found and what to do', () => {
  const said = (times: { now: Time; lastSyncAt?: Time }) => {
    try {
      assessHealth(state, times)
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(said({ now: 1_710_000_000 })).toBe(
    'now must be in milliseconds since the epoch; 1710000000 looks like seconds, so multiply it by 1000.',
  )
  expect(said({ now: 1e11 })).toContain('100000000000 looks like seconds')
  expect(said({ now: 1e11 + 1 })).toContain('100000000001 is before 2001')
  expect(said({ now, lastSyncAt: now * 1000 })).toBe(
    'lastSyncAt must be in milliseconds since the epoch; 1710000000000000 is after the year 5138.',
  )
  expect(said({ now: -5 })).toBe('now must be in milliseconds since the epoch; -5 is before 1970.')
  expect(said({ now: 5e11 })).toBe('now must be in milliseconds since the epoch; 500000000000 is before 2001.')
  expect(said({ now: 5000 })).toBe(
    "now must be from the same clock as the last sync; 5000 is from a test's clock, but the last sync is not.",
  )
})

it('no close time from a provider makes health throw, or look healthy for ever', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double({ min: 0, noNaN: true }), fc.nat()), (closedAt) => {
      const { state, code } = feed({}, ledgers({ ...ledgerOf(1), closedAt }))
      expect(code).toBe(closedAt <= 1e11 ? 'EXTENDED' : 'INVALID')
      expect(() => assessHealth(state, { now })).not.toThrow()
    }),
  )
  expect(feed({}, ledgers({ ...ledgerOf(1), closedAt: now })).reason).toBe(
    'ledgers[0].closedAt must be in Unix seconds, not milliseconds.',
  )
})

it('the latest close time allowed is a time', () => {
  const late = feed({}, ledgers({ ...ledgerOf(1), closedAt: 1e11 })).state
  expect(assessHealth(late, { now })).toMatchObject({ indexer: { status: 'healthy', lagMs: 0 } })
})

it('a close time that an older version accepted, but this one does not, means never', () => {
  const text = serializeReorgState(state).replaceAll(`"closedAt":${now / 1000 - 10}`, '"closedAt":1e16')
  expect(text).not.toBe(serializeReorgState(state))
  expect(assessHealth(parseReorgState(text), { now })).toMatchObject({ indexer: { status: 'starting', lagMs: null } })
})
