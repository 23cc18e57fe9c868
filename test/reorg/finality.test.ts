// `finalized` events, conflicts, and replays: the exact answers.

import { describe, expect, it } from 'vitest'
import { createReorgState, stepReorg } from '../../src/reorg/index.ts'
import { chain, feed, ledgers } from './support.ts'

const state = feed(createReorgState({ finalityDepth: 10 }), ledgers(...chain(100, 105))).state
const finalized = (sequence: number, hash?: string) => ({ type: 'finalized', sequence, ...(hash && { hash }) }) as const

describe('a finalized event', () => {
  it.each([
    ['by its hash', finalized(102, 'a102')],
    ['by its sequence alone', finalized(102)],
  ])('moves finality to a ledger that is held, named %s', (_, event) => {
    const step = stepReorg(state, event)
    expect(step).toMatchObject({ code: 'FINALIZED', status: 200 })
    expect(step.effects[0]).toMatchObject({ type: 'finalize' })
    expect(step.state.finalizedLedger).toBe(102)
  })

  it('changes nothing the second time, or for a lower ledger', () => {
    const once = stepReorg(state, finalized(102, 'a102')).state
    for (const event of [finalized(102, 'a102'), finalized(102), finalized(101, 'a101')]) {
      const step = stepReorg(once, event)
      expect(step).toMatchObject({ code: 'IGNORED', effects: [] })
      expect(step.state.finalizedLedger).toBe(102)
    }
  })

  it.each([
    ['by its hash', finalized(110, 'a110')],
    ['by its sequence alone', finalized(110)],
  ])('waits for a ledger that has not come yet, named %s', (_, event) => {
    const step = stepReorg(state, event)
    expect(step).toMatchObject({ code: 'DEFERRED', status: 202 })
    expect(step.effects).toEqual([])
    expect(step.state.finalizedLedger).toBe(state.finalizedLedger)
  })

  it('is rejected with a reason if it names another hash than ours', () => {
    const step = stepReorg(state, finalized(102, 'other'))
    expect(step).toMatchObject({
      code: 'FINALITY_CONFLICT',
      reason: 'The event contradicts a ledger that is final.',
      status: 409,
    })
    expect(step.state.conflict).toMatchObject({ code: 'FINALITY_CONFLICT', ledger: 102 })
  })
})

describe('the other conflicts give a reason', () => {
  it('for a branch below the window', () => {
    const options = { finality: 'external', finalityDepth: 1, history: 5 } as const
    const short = feed(createReorgState(options), ledgers(...chain(100, 110))).state
    const step = stepReorg(short, ledgers({ sequence: 106, hash: 'b106', parentHash: 'b105' }))
    expect(step).toMatchObject({
      code: 'FORK_BELOW_ANCHOR',
      reason: 'The ledgers fork from below the oldest ledger held.',
    })
  })

  it('for an old ledger that closed after the tip', () => {
    const closed = chain(100, 105).map((ledger, i) => ({ ...ledger, closedAt: 1000 + 5 * i }))
    const timed = feed(createReorgState({ finalityDepth: 1 }), ledgers(...closed)).state
    const step = stepReorg(timed, ledgers({ sequence: 2, hash: 'n2', parentHash: 'n1', closedAt: 2000 }))
    expect(step).toMatchObject({
      code: 'CHAIN_RESET_SUSPECTED',
      reason: 'An old ledger closed later than the tip, so the chain may have been reset.',
    })
  })
})

describe('a replay', () => {
  const replay = (from: number, to: number) => ({ type: 'replay', actor: 'operator', from, to, reason: 'x' }) as const

  it('may reach up to the tip, and no further', () => {
    expect(stepReorg(state, replay(104, 105))).toMatchObject({ code: 'REPLAY' })
    expect(stepReorg(state, replay(104, 106))).toMatchObject({
      code: 'OUT_OF_RANGE',
      reason: 'from and to must be within the ledgers that are held.',
      effects: [],
    })
    expect(stepReorg(state, replay(99, 105)).code).toBe('OUT_OF_RANGE')
    expect(stepReorg(state, replay(100, 100)).code).toBe('REPLAY')
  })

  it('names the ledger that is left', () => {
    const { effects } = stepReorg(state, replay(104, 104))
    expect(effects.map(({ type }) => type)).toEqual(['rollback', 'apply', 'apply'])
  })
})

describe('a finalized event at the edges', () => {
  it('may name a tip beyond a gap by its height', () => {
    const apart = feed(createReorgState({ finalityDepth: 10 }), ledgers(...chain(100, 105), ...chain(110, 110))).state
    expect(stepReorg(apart, finalized(110))).toMatchObject({ code: 'FINALIZED', state: { finalizedLedger: 110 } })
    expect(stepReorg(apart, finalized(108))).toMatchObject({ code: 'DEFERRED' })
  })

  it('may name a ledger that is no longer held', () => {
    const options = { finality: 'external', finalityDepth: 1, history: 5 } as const
    const short = feed(createReorgState(options), ledgers(...chain(100, 110))).state
    expect(stepReorg(short, finalized(101, 'a101'))).toMatchObject({
      code: 'FINALIZED',
      state: { finalizedLedger: 101 },
    })
  })
})
