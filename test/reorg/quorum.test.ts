import { describe, expect, it } from 'vitest'
import { createQuorum, type Ledger, type QuorumState, stepQuorum } from '../../src/reorg/index.ts'
import { chain, ledgerOf } from './support.ts'

const say = (state: QuorumState, source: string, ...ledgers: readonly Ledger[]) =>
  stepQuorum(state, { type: 'ledgers', ledgers, source })

const heights = ({ pending }: QuorumState): number[] => pending.map(({ sequence }) => sequence)

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

  it('neither believes a single liar nor is blocked by one', () => {
    let state = say(start(), 'one', ledgerOf(100, 'lie')).state
    state = say(state, 'two', ledgerOf(100)).state
    expect(say(state, 'three', ledgerOf(100)).released).toEqual([ledgerOf(100)])
  })

  it.each([
    ['is silent', []],
    ['has said one low ledger', [1]],
  ])('lets a source catch up after an outage while another %s', (_what, said) => {
    let state = createQuorum({ sources: ['a', 'b', 'c', 'd'], required: 2, maxPending: 64 })
    for (const sequence of said) state = say(state, 'c', ledgerOf(sequence)).state
    for (let at = 1; at <= 300; at++) {
      state = say(state, 'b', ledgerOf(at)).state
      state = say(state, 'd', ledgerOf(at)).state
    }
    // From here on, d sends nothing more. The lowest heights were forgotten long ago.
    const released: number[] = []
    for (let at = 1; at <= 320; at += 32) {
      const step = say(state, 'a', ...chain(at, Math.min(at + 31, 320)))
      expect(step.code).not.toBe('PAGE_TOO_LARGE')
      state = step.state
    }
    for (let at = 301; at <= 320; at++) {
      const step = say(state, 'b', ledgerOf(at))
      state = step.state
      released.push(...step.released.map(({ sequence }) => sequence))
    }
    expect(released).toEqual(Array.from({ length: 20 }, (_, index) => 301 + index))
  })

  it('agrees on the whole ledger, not only on its hash', () => {
    const state = say(start(), 'one', ledgerOf(100)).state
    expect(say(state, 'two', { ...ledgerOf(100), parentHash: 'lie' }).released).toEqual([])
    expect(say(state, 'two', { ...ledgerOf(100), closedAt: 3 }).released).toEqual([])
  })

  it('counts the last word of each source, and releases the other branch of a reorg', () => {
    let state = say(start(), 'one', ledgerOf(100)).state
    state = say(state, 'two', ledgerOf(100)).state
    state = say(state, 'one', ledgerOf(100, 'b')).state
    const fork = say(state, 'two', ledgerOf(100, 'b'))
    expect(fork.released).toEqual([ledgerOf(100, 'b')])
    const back = say(say(fork.state, 'one', ledgerOf(100)).state, 'three', ledgerOf(100))
    expect(back.released).toEqual([ledgerOf(100)])
  })

  it('does not release a ledger again when sources come back to it, of whom none kept to it', () => {
    let state = say(start(), 'one', ledgerOf(100)).state
    state = say(state, 'two', ledgerOf(100)).state
    state = say(state, 'one', ledgerOf(100, 'b')).state
    state = say(state, 'two', ledgerOf(100, 'c')).state
    const back = say(state, 'one', ledgerOf(100))
    expect(back).toMatchObject({ code: 'WAITING', released: [] })
    expect(say(back.state, 'two', ledgerOf(100))).toMatchObject({ code: 'WAITING', released: [] })
  })

  it('counts for each source only what it said itself', () => {
    const small = createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 3 })
    const { state } = say(small, 'one', ...chain(1, 3))
    expect(say(state, 'two', ...chain(4, 6))).toMatchObject({ code: 'WAITING' })
    expect(heights(say(state, 'two', ...chain(4, 6)).state)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('takes a page as large as it holds for a source, and rejects a larger one whole', () => {
    const small = createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 3 })
    const { state } = say(small, 'one', ...chain(1, 3))
    expect(heights(state)).toEqual([1, 2, 3])
    expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
    const step = say(state, 'two', ...chain(1, 4))
    expect(step).toEqual({
      code: 'PAGE_TOO_LARGE',
      status: 413,
      state,
      released: [],
      reason: 'ledgers must leave at most 3 ledgers of one source waiting.',
    })
    expect(step.state).toBe(state)
    // A page of events names a ledger once for each event: copies count once.
    expect(say(state, 'two', ...chain(1, 3), ...chain(1, 3)).released).toHaveLength(3)
  })

  it('releases pages of a thousand ledgers that two of three agree on', () => {
    const page = chain(1, 1000)
    const state = say(say(start(), 'three', ...chain(1, 1000, 'lie')).state, 'one', ...page).state
    expect(say(state, 'two', ...page)).toMatchObject({ code: 'RELEASED', status: 200, released: page })
  })

  it('is not stopped by ledgers that one source sends from far above', () => {
    let state = start()
    for (let at = 0; at < 8; at++)
      state = say(state, 'three', ...chain(9e15 + at * 1000, 9e15 + at * 1000 + 255, 'lie')).state
    for (const ledger of chain(1, 50)) {
      state = say(state, 'one', ledger).state
      const step = say(state, 'two', ledger)
      expect(step.released).toEqual([ledger])
      state = step.state
    }
  })

  it('holds back a source that runs ahead, until the others have followed', () => {
    let state = createQuorum({ sources: ['one', 'two', 'three'], required: 2, maxPending: 10 })
    state = say(state, 'one', ...chain(1, 10)).state
    expect(say(state, 'one', ...chain(11, 15))).toMatchObject({ code: 'PAGE_TOO_LARGE', state })
    state = say(state, 'two', ...chain(1, 5)).state
    state = say(state, 'one', ...chain(11, 15)).state
    expect(say(state, 'two', ...chain(6, 15)).released).toEqual(chain(6, 15))
  })

  it('frees the capacity of ledgers that can no longer be agreed on', () => {
    let state = createQuorum({ sources: ['one', 'two', 'three'], required: 2, maxPending: 10 })
    // Two others began above the first one, so it may go on.
    state = say(state, 'one', ...chain(1, 10)).state
    state = say(state, 'two', ...chain(21, 22)).state
    expect(say(state, 'one', ...chain(11, 20)).code).toBe('PAGE_TOO_LARGE')
    state = say(state, 'three', ...chain(21, 22)).state
    state = say(state, 'one', ...chain(11, 20)).state
    expect(say(say(state, 'one', ...chain(21, 25)).state, 'two', ...chain(23, 25)).released).toEqual(chain(23, 25))
  })

  it('lets a source that lied take back what it said, and counts it again', () => {
    let state = createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 4 })
    state = say(state, 'one', ...chain(9e15, 9e15 + 3, 'lie')).state
    state = say(state, 'one', ...chain(1, 4)).state
    expect(heights(state)).toEqual([1, 2, 3, 4])
    expect(say(state, 'two', ...chain(1, 4)).released).toEqual(chain(1, 4))
  })

  it('follows a reorg below the waiting ledgers, even if a source is at its limit', () => {
    let state = createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 6 })
    state = say(state, 'one', ...chain(1, 6)).state
    state = say(state, 'two', ...chain(1, 3)).state
    state = say(state, 'one', ...chain(7, 9)).state
    const branch = chain(2, 4, 'b', 'a')
    const step = say(state, 'one', ...branch)
    expect(step.code).toBe('WAITING')
    expect(say(step.state, 'two', ...branch).released).toEqual(branch)
  })

  it('keeps useless ledgers below the limit, because another source may change its mind', () => {
    let state = createQuorum({ sources: ['one', 'two', 'three'], required: 2, maxPending: 4 })
    state = say(state, 'one', ledgerOf(1)).state
    for (const source of ['two', 'three']) state = say(state, source, ...chain(2, 3)).state
    state = say(state, 'one', ledgerOf(5)).state
    expect(say(state, 'two', ledgerOf(1)).released).toEqual([ledgerOf(1)])
  })

  it('takes back as few ledgers above a page as needed, the highest first', () => {
    let state = createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 4 })
    state = say(state, 'one', ...chain(10, 13)).state
    state = say(state, 'one', ...chain(1, 2)).state
    expect(heights(state)).toEqual([1, 2, 10, 11])
  })

  it('waits for a source that has sent nothing yet, from the very first height', () => {
    const state = say(createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 1 }), 'one', ledgerOf(0)).state
    expect(say(state, 'one', ledgerOf(1)).code).toBe('PAGE_TOO_LARGE')
    expect(say(state, 'two', ledgerOf(0)).released).toEqual([ledgerOf(0)])
  })

  it('reads up to ten thousand entries, even if they are all one ledger', () => {
    const page = (length: number) => Array.from({ length }, () => ledgerOf(3))
    expect(say(start(), 'one', ...page(10_000)).code).toBe('WAITING')
    expect(say(start(), 'one', ...page(10_001)).code).toBe('PAGE_TOO_LARGE')
  })

  it('rejects a page that is far too long without reading it', () => {
    const ledgers = new Proxy(new Array(70_000), {
      get: (list, name) => {
        if (name !== 'length') throw new Error('read')
        return list.length
      },
    })
    expect(stepQuorum(start(), { type: 'ledgers', ledgers, source: 'one' } as never)).toMatchObject({
      code: 'PAGE_TOO_LARGE',
      status: 413,
    })
  })

  it('rejects unknown sources and junk, and changes nothing', () => {
    const quorum = start()
    for (const source of ['four', 'toString', '__proto__'])
      expect(say(quorum, source, ledgerOf(1))).toMatchObject({ code: 'UNKNOWN_SOURCE', state: quorum })
    expect(stepQuorum(quorum, { type: 'ledgers', ledgers: [ledgerOf(1)] }).code).toBe('UNKNOWN_SOURCE')
    expect(stepQuorum(quorum, { type: 'finalized', sequence: 3 })).toMatchObject({
      code: 'INVALID',
      reason: 'type must be "ledgers".',
    })
    expect(stepQuorum(quorum, null as never)).toMatchObject({ code: 'INVALID', reason: 'type must be "ledgers".' })
    const odd = createQuorum({ sources: ['__proto__', 'two'], required: 2 })
    expect(say(say(odd, '__proto__', ledgerOf(1)).state, 'two', ledgerOf(1)).released).toEqual([ledgerOf(1)])
  })

  it('of one source releases its ledgers at once, and only once', () => {
    const alone = createQuorum({ sources: ['one'], required: 1 })
    const first = say(alone, 'one', ledgerOf(1))
    expect(first).toMatchObject({ code: 'RELEASED', released: [ledgerOf(1)] })
    expect(say(first.state, 'one', ledgerOf(1))).toEqual({
      code: 'WAITING',
      status: 202,
      state: first.state,
      released: [],
    })
  })

  it('rejects a source that is not a valid name', () => {
    expect(say(start(), 'a b', ledgerOf(1))).toMatchObject({
      code: 'INVALID',
      reason: 'source must be 1 to 128 visible ASCII characters.',
    })
  })

  it('gives a full answer to unknown sources and junk: nothing is released or changed', () => {
    const quorum = start()
    const junk = { type: 'ledgers', ledgers: 'none', source: 'one' } as never
    expect(stepQuorum(quorum, junk)).toMatchObject({ code: 'INVALID', status: 400, state: quorum, released: [] })
    expect(stepQuorum(quorum, junk).state).toBe(quorum)
    const stranger = say(quorum, 'four', ledgerOf(1))
    expect(stranger).toEqual({
      code: 'UNKNOWN_SOURCE',
      status: 403,
      state: quorum,
      released: [],
      reason: "source must be one of the quorum's sources.",
    })
    expect(say(quorum, 'one', ledgerOf(1)).code).toBe('WAITING')
  })

  it('keeps heights in ascending order, in whichever order they come', () => {
    const small = createQuorum({ sources: ['one', 'two'], required: 2, maxPending: 4 })
    let state = say(small, 'one', ledgerOf(12)).state
    for (const sequence of [5, 20, 11]) state = say(state, 'one', ledgerOf(sequence)).state
    expect(heights(state)).toEqual([5, 11, 12, 20])
    state = say(state, 'two', ...[1, 11, 15, 30].map((sequence) => ledgerOf(sequence))).state
    expect(heights(state)).toEqual([1, 5, 11, 12, 15, 20, 30])
  })

  it('remembers as many released heights as it holds for a source', () => {
    const small = createQuorum({ sources: ['one', 'two', 'three'], required: 2, maxPending: 3 })
    let state = say(small, 'three', ledgerOf(2, 'lie')).state
    for (const ledger of chain(1, 6)) state = say(say(state, 'one', ledger).state, 'two', ledger).state
    expect(heights(state)).toEqual([2, 4, 5, 6])
    expect(state.pending[0]).toEqual({ sequence: 2, votes: { three: ledgerOf(2, 'lie') }, released: null })
    expect(say(state, 'three', ledgerOf(5)).released).toEqual([])
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
  ])('may have these sizes: %j', (options) => {
    expect(createQuorum(options)).toMatchObject({ ...options, version: 1, pending: [] })
  })

  it.each([
    [{ sources: ['x'.repeat(129)], required: 1 }, 'sources must be 1 to 32 different names of printable ASCII'],
    [{ sources: ['a', 'b c'], required: 1 }, 'sources must be'],
    [{ sources: ['a', 'b'], required: 3 }, 'required must be a whole number from 1 to 2.'],
    [{ sources: ['a', 'b'], required: 1.5 }, 'required must be'],
    [{ sources: ['a'], required: 1, maxPending: 1.5 }, 'maxPending must be a whole number from 1 to 65536.'],
    [{ sources: ['a'], required: 1, maxPending: 65_537 }, 'maxPending must be'],
    [{ sources: ['a'], required: 1, maxpending: 3 }, 'maxpending is not an option here. The options are sources,'],
    [null, 'options must be an object.'],
  ])('says what is wrong with %j', (options, message) => {
    expect(() => createQuorum(options as never)).toThrow(message)
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
