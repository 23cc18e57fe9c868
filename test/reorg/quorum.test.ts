import { describe, expect, it } from 'vitest'
import { createQuorum, type Ledger, type QuorumState, stepQuorum } from '../../src/reorg/index.ts'
import { chain, ledgerOf } from './support.ts'

const say = (state: QuorumState, source: string, ...ledgers: readonly Ledger[]) =>
  stepQuorum(state, { type: 'ledgers', ledgers, source })

describe('quorum', () => {
  const start = () => createQuorum({ sources: ['one', 'two', 'three'], required: 2 })

  it('releases a ledger once two of three agree, once', () => {
    const one = say(start(), 'one', ledgerOf(100))
    expect(one).toMatchObject({ code: 'WAITING', released: [] })
    expect(say(one.state, 'one', ledgerOf(100)).state).toBe(one.state)
    const two = say(one.state, 'two', ...chain(100, 101))
    expect(two).toMatchObject({ code: 'RELEASED', released: [ledgerOf(100)] })
    const three = say(two.state, 'three', ...chain(100, 101))
    expect(three.released).toEqual([ledgerOf(101)])
  })

  it('lets one liar neither in nor in the way', () => {
    let state = say(start(), 'one', ledgerOf(100, 'lie')).state
    state = say(state, 'two', ledgerOf(100)).state
    expect(say(state, 'three', ledgerOf(100)).released).toEqual([ledgerOf(100)])
  })

  it('agrees on the whole ledger, not only on its hash', () => {
    const state = say(start(), 'one', ledgerOf(100)).state
    expect(say(state, 'two', { ...ledgerOf(100), parentHash: 'lie' }).released).toEqual([])
    expect(say(state, 'two', { ...ledgerOf(100), closedAt: 3 }).released).toEqual([])
  })

  it('takes the last word of each source, and releases the other branch of a reorg', () => {
    let state = say(start(), 'one', ledgerOf(100)).state
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
    const quorum = start()
    for (const source of ['four', 'toString', '__proto__'])
      expect(say(quorum, source, ledgerOf(1))).toMatchObject({ code: 'UNKNOWN_SOURCE', state: quorum })
    expect(stepQuorum(quorum, { type: 'ledgers', ledgers: [ledgerOf(1)] }).code).toBe('UNKNOWN_SOURCE')
    expect(stepQuorum(quorum, { type: 'finalized', sequence: 3 })).toMatchObject({
      code: 'INVALID',
      reason: 'type: must be ledgers',
    })
    expect(stepQuorum(quorum, null as never)).toMatchObject({ code: 'INVALID', reason: 'type: must be ledgers' })
    const odd = createQuorum({ sources: ['__proto__', 'two'], required: 2 })
    expect(say(say(odd, '__proto__', ledgerOf(1)).state, 'two', ledgerOf(1)).released).toEqual([ledgerOf(1)])
  })

  it('of one source releases what it says, at once and once', () => {
    const alone = createQuorum({ sources: ['one'], required: 1 })
    const first = say(alone, 'one', ledgerOf(1))
    expect(first).toMatchObject({ code: 'RELEASED', released: [ledgerOf(1)] })
    expect(say(first.state, 'one', ledgerOf(1))).toEqual({ code: 'WAITING', state: first.state, released: [] })
  })

  it('names what is no name of a source', () => {
    expect(say(start(), 'a b', ledgerOf(1))).toMatchObject({
      code: 'INVALID',
      reason: 'source: must be 1 to 128 visible ASCII characters',
    })
  })

  it('says in full what it answers to strangers and junk: nothing is released, nothing changes', () => {
    const quorum = start()
    const junk = { type: 'ledgers', ledgers: 'none', source: 'one' } as never
    expect(stepQuorum(quorum, junk)).toMatchObject({ code: 'INVALID', state: quorum, released: [] })
    expect(stepQuorum(quorum, junk).state).toBe(quorum)
    const stranger = say(quorum, 'four', ledgerOf(1))
    expect(stranger).toEqual({
      code: 'UNKNOWN_SOURCE',
      state: quorum,
      released: [],
      reason: 'source: must be one of the quorum',
    })
    expect(say(quorum, 'one', ledgerOf(1)).code).toBe('WAITING')
  })

  it('keeps the highest heights in order, in whichever order they come', () => {
    const small = createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 3 })
    let state = say(small, 'one', ledgerOf(12)).state
    for (const sequence of [5, 20, 11, 30]) state = say(state, 'one', ledgerOf(sequence)).state
    expect(state.pending.map(({ sequence }) => sequence)).toEqual([12, 20, 30])
  })

  it('counts another height with the same hash as another ledger', () => {
    const state = say(start(), 'one', { sequence: 7, hash: 'same' }).state
    expect(say(state, 'two', { sequence: 8, hash: 'same' }).released).toEqual([])
    expect(say(state, 'two', { sequence: 7, hash: 'other' }).released).toEqual([])
    expect(say(state, 'two', { sequence: 7, hash: 'same' }).released).toHaveLength(1)
  })

  it.each([
    { sources: ['a'], required: 1, maxPending: 1 },
    { sources: ['a'], required: 1, maxPending: 65_536 },
    { sources: ['a', 'b'], required: 2 },
    { sources: Array.from({ length: 32 }, (_, at) => `s${at}`), required: 32 },
    { sources: ['x'.repeat(128)], required: 1 },
  ])('may be as large as it says: %j', (options) => {
    expect(createQuorum(options)).toMatchObject({ ...options, version: 1, pending: [] })
  })

  it.each([
    [{ sources: ['x'.repeat(129)], required: 1 }, 'sources must be 1 to 32 different names of printable ASCII'],
    [{ sources: ['a', 'b c'], required: 1 }, 'sources must be'],
    [{ sources: ['a', 'b'], required: 3 }, 'required must be a whole number from 1 to 2.'],
    [{ sources: ['a', 'b'], required: 1.5 }, 'required must be'],
    [{ sources: ['a'], required: 1, maxPending: 1.5 }, 'maxPending must be a whole number from 1 to 65536.'],
    [{ sources: ['a'], required: 1, maxPending: 65_537 }, 'maxPending must be'],
  ])('says what is wrong with %j', (options, message) => {
    expect(() => createQuorum(options)).toThrow(message)
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
