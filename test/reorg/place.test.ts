// How a ledger is classified, at the edges: which neighbour decides, which parent is looked for, and from where the tracker asks.

import { describe, expect, it } from 'vitest'
import type { Ledger, ReorgOptions } from '../../src/reorg/index.ts'
import { chain, feed, ledgers } from './support.ts'

const on = (sequence: number, parentHash: string, hash = `a${sequence}`): Ledger => ({ sequence, hash, parentHash })
const bare = (sequence: number, hash = `a${sequence}`): Ledger => ({ sequence, hash })
const sparse = (options: ReorgOptions, ...pages: readonly (readonly Ledger[])[]) =>
  feed({ heights: 'sparse', ...options }, ...pages.map((page) => ledgers(...page))).state
const hashes = ({ state }: ReturnType<typeof feed>) => state.window.chunks.flat().map(({ hash }) => hash)

describe('with skipped heights', () => {
  // 8, 9, 10; then, after an outage, a run on a parent that was not shown.
  const resumed = (more: ReorgOptions = {}) =>
    sparse(
      { finality: 'external', finalityDepth: 3, history: 40, ...more },
      [on(8, 'a7'), on(9, 'a8'), on(10, 'a9')],
      [on(60, 'x57'), on(61, 'a60'), on(65, 'a61'), on(66, 'a65')],
    )

  it('the parent of our next ledger fits in, although its own parent is not held', () => {
    const state = resumed()
    expect(state.linkedLedger).toBe(66)
    const step = feed(state, ledgers(on(57, 'x50', 'x57')))
    expect(step).toMatchObject({ code: 'LATE', state: { linkedLedger: 66, reorgDetected: false } })
    // But not if nothing fits between it and the ledger beneath: then that one is contested.
    const beside = feed(step.state, ledgers(on(50, 'x49', 'x50')))
    expect(beside.code).toBe('LATE')
    const close = sparse(
      { finality: 'external', finalityDepth: 3, history: 40 },
      [on(10, 'a9')],
      [on(60, 'x11'), on(61, 'a60'), on(65, 'a61'), on(66, 'a65')],
    )
    expect(feed(close, ledgers(on(11, 'x10', 'x11')))).toMatchObject({
      code: 'NEED',
      effects: [{ type: 'need', from: 10, to: 10, parentHash: 'x10' }],
    })
    expect(feed(close, ledgers(on(12, 'x10', 'x11')))).toMatchObject({ code: 'LATE' })
  })

  it('a ledger fits in if the next one says nothing about it, whatever its parent', () => {
    expect(feed(resumed(), ledgers(bare(40)))).toMatchObject({ code: 'LATE' })
    // It does not matter that nothing is held beneath.
    expect(feed(sparse({}, [on(20, 'a15')]), ledgers(bare(7)))).toMatchObject({ code: 'LATE' })
  })

  it('a ledger between another and its parent is undone once that parent comes', () => {
    const state = sparse({}, [on(23, 'a19')], [bare(20, 'lie')])
    const step = feed(state, ledgers(bare(19)))
    expect(step.code).toBe('REORG')
    expect(hashes(step)).toEqual(['a19'])
    expect(feed(step.state, ledgers(on(23, 'a19')))).toMatchObject({ code: 'EXTENDED', state: { linkedLedger: 23 } })
    // The parent of the very next ledger undoes nothing, nor does one that nobody names.
    const open = sparse({}, [bare(23)], [bare(26), bare(30)])
    expect(feed(open, ledgers(bare(20)))).toMatchObject({ code: 'LATE' })
    expect(feed(sparse({}, [on(23, 'a19')]), ledgers(bare(19))).code).toBe('LATE')
  })

  it('a ledger without a parent replaces ours at its height', () => {
    const step = feed(sparse({}, [on(8, 'a7'), on(9, 'a8'), on(10, 'a9')]), ledgers(bare(10, 'b10')))
    expect(step.code).toBe('REORG')
    expect(hashes(step)).toEqual(['a8', 'a9', 'b10'])
  })

  it('a page may begin with known ledgers: its own parent, or one below that', () => {
    const state = sparse({}, [on(8, 'a7'), on(9, 'a8'), on(10, 'a9')])
    expect(hashes(feed(state, ledgers(on(9, 'a8'), on(12, 'a9', 'b12'))))).toEqual(['a8', 'a9', 'b12'])
    expect(hashes(feed(state, ledgers(on(8, 'a7'), on(12, 'a9', 'b12'))))).toEqual(['a8', 'a9', 'b12'])
    expect(feed(state, ledgers(on(10, 'a9'), on(12, 'a9', 'b12')))).toMatchObject({
      code: 'INVALID',
      status: 400,
      reason: 'ledgers must be of one chain, each linked to the one below it.',
    })
  })

  it('only the part of a page beyond the gap counts as a resumed chain', () => {
    const state = sparse({ finalityDepth: 3, history: 20 }, [on(8, 'a7'), on(9, 'a8'), on(10, 'a9')])
    const run = [on(60, 'x59'), on(61, 'a60'), on(65, 'a61'), on(66, 'a65')]
    expect(feed(state, ledgers(on(10, 'a9'), ...run.slice(0, 3))).code).toBe('NEED')
    expect(feed(state, ledgers(on(10, 'a9'), ...run)).code).toBe('EXTENDED')
    // If there is no height between the two, that is a contradiction and not a gap.
    const beside = [on(11, 'b10', 'b11'), on(12, 'b11', 'b12'), on(13, 'b12', 'b13'), on(14, 'b13', 'b14')]
    expect(feed(state, ledgers(...beside))).toMatchObject({ code: 'NEED', effects: [{ parentHash: 'b10' }] })
  })
})

describe('with skipped heights, a parent that is too old to judge', () => {
  it('is a conflict if it is final', () => {
    const state = sparse({ finality: 'external', gapPolicy: 'need' }, [on(10, 'a9'), on(20, 'a10'), on(21, 'a20')])
    const final = feed(state, { type: 'finalized', sequence: 17 }).state
    expect(final.finalizedLedger).toBe(17)
    for (const height of [16, 17]) {
      for (const above of [20, 25]) {
        const page = ledgers(on(height, 'a10', 'x'), on(above, 'x', 'b'))
        expect(feed(final, page)).toMatchObject({ code: 'FINALITY_CONFLICT', state: { tip: { sequence: 21 } } })
      }
    }
  })

  it('is a fork from below the anchor if it is no longer held', () => {
    const options = { finality: 'external', finalityDepth: 1, history: 2, gapPolicy: 'need' } as const
    const state = sparse(options, [on(10, 'a9'), on(20, 'a10'), on(21, 'a20'), on(22, 'a21')])
    expect(state.window).toMatchObject({ size: 2, forgotten: 20 })
    expect(feed(state, ledgers(on(20, 'a10'), on(25, 'a20', 'b25')))).toMatchObject({
      code: 'FORK_BELOW_ANCHOR',
      state: { conflict: { ledger: 22, existingHash: 'a22', incomingHash: 'a20' } },
    })
  })
})

it('with skipped heights and gapPolicy need, a ledger without a parent that would leave a gap is answered NEED', () => {
  const state = sparse({ gapPolicy: 'need' }, [on(5, 'a4'), on(9, 'a5')])
  for (const ledger of [bare(8, 'b8'), bare(9, 'b9')]) {
    const step = feed(state, ledgers(ledger))
    expect(step.code).toBe('NEED')
    expect(step.effects).toEqual([{ type: 'need', from: 6, to: ledger.sequence - 1 }])
  }
  expect(feed(state, ledgers(bare(6, 'b6')))).toMatchObject({ code: 'REORG', state: { tip: { hash: 'b6' } } })
})

describe('with consecutive heights, a ledger decides only the height below it', () => {
  it('whatever its parent', () => {
    // 105 names a parent five below it, as only a chain with skipped heights does.
    const state = feed({}, ledgers(bare(100)), ledgers(on(105, 'a100'))).state
    expect(feed(state, ledgers(bare(103)))).toMatchObject({ code: 'LATE' })
    const named = feed({}, ledgers(bare(100)), ledgers(bare(108)), ledgers(on(112, 'q'))).state
    expect(feed(named, ledgers(bare(105, 'q')))).toMatchObject({ code: 'LATE' })
  })
})

describe('an island that is contested', () => {
  const options = { finalityDepth: 3, history: 20 }

  it('is still an island, whatever replaces it', () => {
    const state = feed(options, ledgers(...chain(1, 5)), ledgers(bare(50, 'x'))).state
    expect(feed(state, ledgers(bare(50, 'y')))).toMatchObject({ code: 'REORG', state: { linkedLedger: 5 } })
  })

  it('continues the run below the fork', () => {
    const state = feed(options, ledgers(...chain(1, 5)), ledgers(...chain(50, 52))).state
    const forked = feed(state, ledgers(on(52, 'a51', 'b52'))).state
    expect(forked).toMatchObject({ linkedLedger: 5, tip: { hash: 'b52' } })
    expect(feed(forked, ledgers(on(53, 'b52', 'b53'))).state.linkedLedger).toBe(53)
  })
})

describe('a run of late ledgers', () => {
  const options = { finalityDepth: 8, history: 40, maxGap: 1000 }
  const apart = feed(options, ledgers(...chain(1, 50)), ledgers(bare(990, 'far'))).state

  it('is the chain if it is longer than the finality depth, from whichever end it grew', () => {
    const eight = feed(apart, ledgers(...chain(900, 907)))
    expect(eight).toMatchObject({ code: 'LATE', state: { linkedLedger: 50 } })
    expect(feed(eight.state, ledgers(...chain(908, 908))).state.linkedLedger).toBe(908)
    expect(feed(eight.state, ledgers(...chain(899, 899))).state.linkedLedger).toBe(907)
  })

  it('below the first ledger is the chain only if the first run is not as long', () => {
    const external = { finality: 'external', finalityDepth: 3, history: 40 } as const
    const first = (length: number) => feed(external, ledgers(...chain(1000, 999 + length))).state
    const below = (length: number) => feed(first(length), ledgers(...chain(100, 103))).state
    expect(below(3).linkedLedger).toBe(103)
    expect(below(4).linkedLedger).toBe(1003)
  })

  it('does not touch another run, even a longer one', () => {
    const external = { finality: 'external', finalityDepth: 3, history: 60 } as const
    const runs = [chain(1, 9), chain(30, 40), chain(50, 54)].map((run) => ledgers(...run))
    const forked = feed(external, ...runs, ledgers(on(51, 'a50', 'b51'))).state
    expect(forked.linkedLedger).toBe(51)
    expect(feed(forked, ledgers(bare(20)))).toMatchObject({ code: 'LATE', state: { linkedLedger: 51 } })
  })
})

describe('the limit for late ledgers that are not linked', () => {
  it('does not count islands above', () => {
    const external = { finality: 'external', finalityDepth: 3, history: 20 } as const
    const runs = [chain(1, 9), chain(900, 904)].map((run) => ledgers(...run))
    const islands = ledgers(...[920, 930, 940, 950, 960, 970, 980].map((sequence) => bare(sequence)))
    expect(feed({ ...external, maxGap: 1000 }, ...runs, islands, ledgers(bare(500)))).toMatchObject({ code: 'LATE' })
  })
})
