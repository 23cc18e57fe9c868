import { describe, expect, it } from 'vitest'
import { createQuorum, type Ledger, type QuorumState, stepQuorum } from '../../src/reorg/index.ts'
import { chain, ledgerOf } from './support.ts'

const say = (state: QuorumState, source: string, ...ledgers: readonly Ledger[]) =>
  stepQuorum(state, { type: 'ledgers', ledgers, source })

describe('quorum', () => {
  const start = createQuorum({ sources: ['one', 'two', 'three'], required: 2 })

  it('releases a ledger once two of three agree, once', () => {
    const one = say(start, 'one', ledgerOf(100))
    expect(one).toMatchObject({ code: 'WAITING', released: [] })
    expect(say(one.state, 'one', ledgerOf(100)).state).toBe(one.state)
    const two = say(one.state, 'two', ...chain(100, 101))
    expect(two).toMatchObject({ code: 'RELEASED', released: [ledgerOf(100)] })
    const three = say(two.state, 'three', ...chain(100, 101))
    expect(three.released).toEqual([ledgerOf(101)])
  })

  it('lets one liar neither in nor in the way', () => {
    let state = say(start, 'one', ledgerOf(100, 'lie')).state
    state = say(state, 'two', ledgerOf(100)).state
    expect(say(state, 'three', ledgerOf(100)).released).toEqual([ledgerOf(100)])
  })

  it('agrees on the whole ledger, not only on its hash', () => {
    const state = say(start, 'one', ledgerOf(100)).state
    expect(say(state, 'two', { ...ledgerOf(100), parentHash: 'lie' }).released).toEqual([])
    expect(say(state, 'two', { ...ledgerOf(100), closedAt: 3 }).released).toEqual([])
  })

  it('takes the last word of each source, and releases the other branch of a reorg', () => {
    let state = say(start, 'one', ledgerOf(100)).state
    state = say(state, 'two', ledgerOf(100)).state
    state = say(state, 'one', ledgerOf(100, 'b')).state
    const fork = say(state, 'two', ledgerOf(100, 'b'))
    expect(fork.released).toEqual([ledgerOf(100, 'b')])
    const back = say(say(fork.state, 'one', ledgerOf(100)).state, 'three', ledgerOf(100))
    expect(back.released).toEqual([ledgerOf(100)])
  })

  it('forgets the lowest heights first', () => {
    const small = createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 3 })
    const { state } = say(small, 'one', ...chain(1, 10))
    expect(state.pending.map(({ sequence }) => sequence)).toEqual([8, 9, 10])
    expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
  })

  it('refuses strangers and junk, inertly', () => {
    for (const source of ['four', 'toString', '__proto__'])
      expect(say(start, source, ledgerOf(1))).toMatchObject({ code: 'UNKNOWN_SOURCE', state: start })
    expect(stepQuorum(start, { type: 'ledgers', ledgers: [ledgerOf(1)] }).code).toBe('UNKNOWN_SOURCE')
    expect(stepQuorum(start, { type: 'finalized', sequence: 3 })).toMatchObject({
      code: 'INVALID',
      reason: 'type: must be ledgers',
    })
    expect(stepQuorum(start, null as never)).toMatchObject({ code: 'INVALID', reason: 'type: must be ledgers' })
    const odd = createQuorum({ sources: ['__proto__', 'two'], required: 2 })
    expect(say(say(odd, '__proto__', ledgerOf(1)).state, 'two', ledgerOf(1)).released).toEqual([ledgerOf(1)])
  })

  it.each([
    { sources: [], required: 1 },
    { sources: ['a', 'a'], required: 1 },
    { sources: ['a b'], required: 1 },
    { sources: 'ab', required: 1 },
    { sources: [3], required: 1 },
    { sources: Array.from({ length: 33 }, (_, at) => `s${at}`), required: 1 },
    { sources: ['a'], required: 2 },
    { sources: ['a'], required: 0 },
    { sources: ['a'], required: 1, maxPending: 0 },
    { sources: ['a'], required: 1, maxPending: 70_000 },
  ])('throws for %j', (options) => {
    expect(() => createQuorum(options as never)).toThrow(expect.objectContaining({ code: 'REORG_INVALID_CONFIG' }))
  })
})
