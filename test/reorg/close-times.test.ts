// Close times that go back: on some chains they do, and then they prove nothing.

import { describe, expect, it } from 'vitest'
import { createQuorum, type Ledger, stepQuorum } from '../../src/reorg/index.ts'
import { chain, feed, ledgerOf, ledgers } from './support.ts'

const at = (sequence: number, closedAt: number): Ledger => ({ ...ledgerOf(sequence), closedAt })
// As on Bitcoin, where a block may be dated up to two hours after the next one.
const page = [at(100, 5000), at(101, 4000), at(102, 9000), at(103, 6000)]

describe("closeTimes: 'unordered'", () => {
  const state = feed({ closeTimes: 'unordered', finalityDepth: 1 }, ledgers(...page)).state

  it('accepts a page whose close times go back', () => {
    expect(feed({}, ledgers(...page))).toMatchObject({
      code: 'INVALID',
      reason: 'ledgers must have close times that never go back.',
    })
    expect(state).toMatchObject({ tip: { sequence: 103 } })
  })

  it('does not suspect a reset when a late header is dated after the tip', () => {
    const lagging = { ...ledgerOf(50), closedAt: 7000 }
    expect(feed({ finalityDepth: 1 }, ...page.map((one) => ledgers(one)), ledgers(lagging))).toMatchObject({
      code: 'CHAIN_RESET_SUSPECTED',
    })
    const step = feed(state, ledgers(lagging))
    expect(step).toMatchObject({ code: 'STALE', effects: [] })
    expect(step.state).toBe(state)
  })

  it('accepts a ledger that fills a gap, whatever its close time', () => {
    const open = feed({ closeTimes: 'unordered' }, ledgers(at(100, 10), at(105, 20))).state
    expect(feed(open, ledgers({ sequence: 103, hash: 'a103', closedAt: 21 })).code).toBe('LATE')
  })

  it('still decides by links and finality', () => {
    expect(feed(state, ledgers({ sequence: 101, hash: 'x', closedAt: 1 })).code).toBe('FINALITY_CONFLICT')
    expect(feed(state, ledgers(...chain(103, 104, 'b', 'a'))).code).toBe('REORG')
  })
})

it('a quorum does not judge close times: the tracker judges what it releases', () => {
  let state = createQuorum({ sources: ['one', 'two'], required: 2 })
  state = stepQuorum(state, { type: 'ledgers', ledgers: page, source: 'one' }).state
  expect(stepQuorum(state, { type: 'ledgers', ledgers: page, source: 'two' }).released).toEqual(page)
})
