// Events of several ledgers, ledgers that are too old to place, and what a close time proves.

import { describe, expect, it } from 'vitest'
import { chain, feed, ledgerOf, ledgers } from './support.ts'

describe('an event of several ledgers', () => {
  const sparse = () => feed({}, ledgers(...chain(1, 5)), ledgers(...chain(8, 10))).state

  it('is LATE if one of them is late and none is new on top', () => {
    for (const list of [
      [6, 8],
      [5, 6],
      [5, 6, 8, 9],
      [5, 6, 7, 8],
    ]) {
      const step = feed(sparse(), ledgers(...list.map((sequence) => ledgerOf(sequence))))
      expect(step).toMatchObject({ code: 'LATE', status: 200 })
      expect(step.effects.filter(({ type }) => type === 'late')).toHaveLength(
        list.filter((at) => at === 6 || at === 7).length,
      )
    }
  })

  it('is STALE if one of them is stale and the others are known', () => {
    const short = feed({ history: 5, finalityDepth: 1 }, ledgers(...chain(1, 20))).state
    expect(feed(short, ledgers(ledgerOf(3), ledgerOf(18)))).toMatchObject({ code: 'STALE', state: short })
    expect(feed(short, ledgers(ledgerOf(3), ledgerOf(18), ledgerOf(21)))).toMatchObject({ code: 'EXTENDED' })
    expect(feed(short, ledgers(ledgerOf(18), ledgerOf(20)))).toMatchObject({ code: 'DUPLICATE' })
  })
})

describe('a ledger that can no longer be placed is STALE', () => {
  it('in a gap at the foot of the window, where its links can no longer be checked', () => {
    const options = { finality: 'external', finalityDepth: 1, history: 5 } as const
    const { state } = feed(options, ledgers(...chain(1, 3)), ledgers(...chain(10, 14)))
    expect(state.window).toMatchObject({ size: 5, forgotten: 3 })
    expect(feed(state, ledgers(ledgerOf(7))).code).toBe('STALE')
    const wide = (history: number) =>
      feed({ ...options, history }, ledgers(...chain(1, 3)), ledgers(...chain(10, 14)), ledgers(ledgerOf(7)))
    expect(wide(9).code).toBe('LATE')
    // It is linked to neither neighbour, so it must not push ledger 1 out.
    expect(wide(8)).toMatchObject({ code: 'NEED', effects: [{ from: 4, to: 6 }] })
  })

  it('below the first ledger of a chain without gaps', () => {
    const options = { finality: 'external', finalityDepth: 1 } as const
    expect(feed({ ...options, gapPolicy: 'need' }, ledgers(...chain(10, 12)), ledgers(ledgerOf(5))).code).toBe('STALE')
    expect(feed(options, ledgers(...chain(10, 12)), ledgers(ledgerOf(5))).code).toBe('LATE')
  })
})

describe('a rejection says', () => {
  it('that a gap is too wide', () => {
    expect(feed({ maxGap: 2 }, ledgers(...chain(1, 3)), ledgers(ledgerOf(7)))).toMatchObject({
      code: 'GAP_TOO_LARGE',
      reason: 'ledgers must be within maxGap heights of the last linked ledger.',
    })
    expect(feed({ maxGap: 2 }, ledgers(...chain(1, 3)), ledgers(ledgerOf(6))).code).toBe('EXTENDED')
  })

  it('that a link is missing', () => {
    expect(feed({}, ledgers(...chain(1, 3)), ledgers(ledgerOf(4, 'c')))).toMatchObject({
      code: 'NEED',
      reason: 'ledgers must be sent in one event with the missing ledgers below them.',
    })
  })
})

describe('the source of an event', () => {
  const branch = chain(3, 5, 'b', 'a')
  const known = ledgers(...chain(1, 4))

  it('is in the record of a reorg and in its warning', () => {
    const { state, effects } = feed({}, known, { type: 'ledgers', ledgers: branch, source: 'rpc-1' })
    const facts = { ledger: 3, existingHash: 'a3', incomingHash: 'b3', depth: 2, source: 'rpc-1' }
    expect(state.lastReorg).toStrictEqual(facts)
    expect(effects[0]).toStrictEqual({ type: 'warn', level: 'WARN', code: 'REORG', ...facts })
  })

  it('is left out if the event names none', () => {
    const { state, effects } = feed({}, known, ledgers(...branch))
    const facts = { ledger: 3, existingHash: 'a3', incomingHash: 'b3', depth: 2 }
    expect(state.lastReorg).toStrictEqual(facts)
    expect(effects[0]).toStrictEqual({ type: 'warn', level: 'WARN', code: 'REORG', ...facts })
  })
})

describe('a reset is suspected only of a lower ledger that closed later', () => {
  const closed = chain(1, 9).map((ledger) => ({ ...ledger, closedAt: 100 + ledger.sequence }))
  const final = () => feed({ finalityDepth: 20 }, ledgers(...closed), { type: 'finalized', sequence: 9, hash: 'a9' })
  const contested = (sequence: number, closedAt: number) =>
    feed(final().state, ledgers({ sequence, hash: 'other', parentHash: 'before', closedAt })).code

  it.each([
    ['lower, later', 8, 110, 'CHAIN_RESET_SUSPECTED'],
    ['lower, at the same time', 8, 109, 'FINALITY_CONFLICT'],
    ['lower, earlier', 8, 108, 'FINALITY_CONFLICT'],
    ['at the same height, later', 9, 110, 'FINALITY_CONFLICT'],
    ['at the same height, earlier', 9, 100, 'FINALITY_CONFLICT'],
  ])('%s', (_, sequence, closedAt, code) => {
    expect(contested(sequence, closedAt)).toBe(code)
  })
})
