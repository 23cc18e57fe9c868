// The end of a step, at its edges: when a reorg is over, what is remembered of it, and what moves finality.

import { describe, expect, it } from 'vitest'
import { judgeFinality } from '../../src/reorg/finality.ts'
import { createReorgState, type ReorgState, stepReorg } from '../../src/reorg/index.ts'
import { appendLedgers } from '../../src/reorg/window.ts'
import { chain, feed, ledgerOf, ledgers } from './support.ts'

const finalized = (sequence: number, hash?: string) => ({ type: 'finalized', sequence, ...(hash && { hash }) }) as const
const types = (step: ReturnType<typeof feed>) => step.effects.map(({ type }) => type)

describe('a reorg is over', () => {
  it('once the tip is more than recoveryLedgers above it', () => {
    let state = feed({ recoveryLedgers: 5 }, ledgers(...chain(1, 10)), ledgers(...chain(9, 11, 'b', 'a'))).state
    expect(state).toMatchObject({ reorgDetected: true, recovery: { ledger: 9, safeMark: 9 } })
    for (const sequence of [12, 13, 14]) {
      const step = feed(state, ledgers(ledgerOf(sequence, 'b')))
      expect(types(step)).not.toContain('recovered')
      expect(step.state).toMatchObject({ reorgDetected: true, recovery: { ledger: 9 } })
      state = step.state
    }
    const step = feed(state, ledgers(ledgerOf(15, 'b')))
    expect(step.effects.at(-1)).toEqual({ type: 'recovered', sequence: 15 })
    expect(step.state).toMatchObject({ reorgDetected: false, recovery: null })
    expect(types(feed(step.state, ledgers(ledgerOf(16, 'b'))))).not.toContain('recovered')
  })

  it('once the chain is safe above what was reported safe before, and not yet at that ledger', () => {
    let state = feed({ recoveryLedgers: 1 }, ledgers(...chain(1, 20)), ledgers(...chain(5, 8, 'b', 'a'))).state
    expect(state).toMatchObject({ lastSafeLedger: 7, recovery: { ledger: 5, safeMark: 19 } })
    state = feed(state, ledgers(...chain(9, 20, 'b'))).state
    expect(state).toMatchObject({ lastSafeLedger: 19, reorgDetected: true })
    expect(types(feed(state, ledgers(ledgerOf(21, 'b'))))).toContain('recovered')
  })

  it('not in the step that causes it, however far that step goes', () => {
    const step = feed({ recoveryLedgers: 1 }, ledgers(...chain(1, 10)), ledgers(...chain(9, 40, 'b', 'a')))
    expect(step).toMatchObject({ code: 'REORG', state: { reorgDetected: true } })
    expect(types(step)).not.toContain('recovered')
  })

  it('counted from the highest ledger and the highest mark of all reorgs until then', () => {
    const { state } = feed(
      { recoveryLedgers: 5 },
      ledgers(...chain(1, 20)),
      ledgers(...chain(19, 21, 'b', 'a')),
      ledgers(...chain(10, 12, 'c', 'a')),
    )
    expect(state.recovery).toEqual({ ledger: 19, safeMark: 20 })
    const again = feed(state, ledgers(...chain(12, 13, 'd', 'c'))).state
    expect(again.recovery).toEqual({ ledger: 19, safeMark: 20 })
  })
})

describe('the tracker remembers of a rollback', () => {
  it('how deep the deepest was, and how many there were', () => {
    const deep = feed({}, ledgers(...chain(1, 10)), ledgers(...chain(6, 11, 'b', 'a'))).state
    expect(deep.counts).toMatchObject({ reorgs: 1, deepest: 5, flaps: 0 })
    const shallow = feed(deep, ledgers(...chain(11, 12, 'c', 'b'))).state
    expect(shallow.counts).toMatchObject({ reorgs: 2, deepest: 5, flaps: 0 })
    expect(shallow.lastReorg).toEqual({ ledger: 11, depth: 1, existingHash: 'b11', incomingHash: 'c11' })
  })

  it('if it returned to a branch that was left, by height and hash', () => {
    const left = feed({}, ledgers(...chain(1, 10)), ledgers(...chain(9, 11, 'b', 'a'))).state
    expect(feed(left, ledgers(...chain(9, 12, 'a'))).state.counts).toMatchObject({ reorgs: 2, flaps: 1 })
    expect(feed(left, ledgers(...chain(10, 12, 'a', 'b'))).state.counts.flaps).toBe(1)
    expect(feed(left, ledgers(...chain(9, 12, 'c', 'a'))).state.counts.flaps).toBe(0)
    // A hash that was seen at another height does not count as a return.
    expect(feed(left, ledgers({ sequence: 9, hash: 'a10', parentHash: 'a8' })).state.counts.flaps).toBe(0)
  })

  it('as many undone ledgers as config allows, the newest branches whole', () => {
    const options = { finalityDepth: 4, orphans: 4, history: 60 }
    const two = feed(
      options,
      ledgers(...chain(1, 10)),
      ledgers(...chain(9, 11, 'b', 'a')),
      ledgers(...chain(10, 12, 'c', 'b')),
    ).state
    expect(two.orphans.map(({ rollback, to, ledgers }) => [rollback, to, ledgers.map(({ hash }) => hash)])).toEqual([
      [1, 8, ['a10', 'a9']],
      [2, 9, ['b11', 'b10']],
    ])
    const three = feed(two, ledgers(...chain(12, 13, 'd', 'c'))).state
    expect(three.orphans.map(({ rollback }) => rollback)).toEqual([2, 3])
    const deep = feed({ ...options, finalityDepth: 20 }, ledgers(...chain(1, 10)), ledgers(...chain(6, 9, 'b', 'a')))
    expect(deep.state.orphans).toEqual([])
  })
})

describe('what the state keeps', () => {
  const conflicted = () =>
    feed({ finalityDepth: 2, safetyMargin: 0 }, ledgers(...chain(1, 9)), ledgers({ sequence: 3, hash: 'x' }))

  it('of a conflict stays until the chain grows past its tip', () => {
    expect(conflicted().state.conflict).toMatchObject({ ledger: 3, tip: 9 })
    const replaced = feed(conflicted().state, ledgers(ledgerOf(9, 'b', 'a')))
    expect(replaced).toMatchObject({ code: 'REORG', state: { conflict: { ledger: 3, tip: 9 } } })
    expect(feed(conflicted().state, ledgers(ledgerOf(10))).state.conflict).toBeNull()
  })

  it('of a need is cleared by growth, not by late ledgers', () => {
    const asked = feed({}, ledgers(...chain(1, 5)), ledgers(...chain(8, 9)), ledgers(ledgerOf(10, 'c')))
    expect(asked).toMatchObject({ code: 'NEED', state: { need: { parentHash: 'c9' } } })
    const late = feed(asked.state, ledgers(ledgerOf(6)))
    expect(late).toMatchObject({ code: 'LATE', state: { need: { parentHash: 'c9' } } })
    expect(feed(late.state, ledgers(ledgerOf(10))).state.need).toBeNull()
  })
})

describe('finality by depth', () => {
  const at = (state: ReorgState) => [state.finalizedLedger, state.lastSafeLedger]

  it('is where enough ledgers are above, counting those below the window as held', () => {
    expect(at(feed({ finalityDepth: 3 }, ledgers(...chain(1, 9))).state)).toEqual([6, 8])
    expect(at(feed({ finalityDepth: 8 }, ledgers(...chain(1, 9))).state)).toEqual([1, 8])
    expect(at(feed({ finalityDepth: 3 }, ledgers(...chain(10, 11))).state)).toEqual([8, 10])
    expect(at(feed({ finalityDepth: 3 }, ledgers(ledgerOf(10))).state)).toEqual([0, 9])
  })

  it('is not counted from a tip beyond a gap', () => {
    const apart = feed({ finalityDepth: 3 }, ledgers(...chain(1, 9), ledgerOf(20)))
    expect(at(apart.state)).toEqual([0, 19])
    // The next step counts from below the islands: 7, 8 and 9 are above 6, and no link ties 15 to them.
    const late = feed(apart.state, ledgers(ledgerOf(15)))
    expect(late).toMatchObject({ code: 'LATE', state: { finalizedLedger: 6 } })
  })

  it('moves nothing with finality external, where only finalized events do', () => {
    const { state } = feed({ finality: 'external', finalityDepth: 3 }, ledgers(...chain(1, 9)))
    expect(at(state)).toEqual([0, 8])
    expect(at(feed(state, finalized(4)).state)).toEqual([4, 8])
  })

  it('never goes back, whichever of the two is ahead', () => {
    const ahead = feed({ finalityDepth: 5 }, ledgers(...chain(1, 9)), finalized(8, 'a8'), ledgers(ledgerOf(10)))
    expect(ahead.state.finalizedLedger).toBe(8)
    const behind = feed({ finalityDepth: 5 }, ledgers(...chain(1, 9)), finalized(8, 'a8'), ledgers(...chain(10, 15)))
    expect(behind.state.finalizedLedger).toBe(10)
    expect(behind.effects).toContainEqual({ type: 'finalize', sequence: 10, previous: 8 })
  })
})

describe('a deferred finality', () => {
  const waiting = (hash?: string) => feed({ finalityDepth: 50 }, ledgers(...chain(1, 9)), finalized(12, hash)).state

  it('takes effect once its ledger has come', () => {
    const short = feed(waiting('a12'), ledgers(...chain(10, 11)))
    expect(short.state).toMatchObject({ deferred: { sequence: 12, hash: 'a12' }, finalizedLedger: 0 })
    const there = feed(short.state, ledgers(ledgerOf(12)))
    expect(there.state).toMatchObject({ deferred: null, finalizedLedger: 12, lastSafeLedger: 12 })
    expect(feed(waiting(), ledgers(...chain(10, 12))).state).toMatchObject({ deferred: null, finalizedLedger: 12 })
  })

  it('is a conflict if another ledger comes, and moves nothing', () => {
    const step = feed(waiting('other'), ledgers(...chain(10, 13)))
    expect(step).toMatchObject({
      code: 'EXTENDED',
      state: {
        deferred: null,
        finalizedLedger: 0,
        conflict: { code: 'FINALITY_CONFLICT', ledger: 12, existingHash: 'a12', incomingHash: 'other', tip: 13 },
      },
    })
    expect(step.effects).toContainEqual({
      type: 'warn',
      level: 'WARN',
      code: 'FINALITY_CONFLICT',
      ledger: 12,
      existingHash: 'a12',
      incomingHash: 'other',
      depth: 2,
    })
  })

  it('is not settled by a step with a gap', () => {
    const step = feed(waiting('a12'), ledgers(...chain(12, 14)))
    expect(step.state).toMatchObject({ deferred: { sequence: 12 }, finalizedLedger: 0 })
    expect(feed(step.state, ledgers(ledgerOf(15))).state).toMatchObject({ deferred: null, finalizedLedger: 12 })
  })

  it('does not lower finality', () => {
    const state = { ...waiting('a12'), finalizedLedger: 0 }
    const step = stepReorg(state, ledgers(...chain(10, 70)))
    expect(step.state.finalizedLedger).toBe(20)
  })
})

describe('judgeFinality', () => {
  const window = (...list: ReturnType<typeof chain>) => list
  const AGREES = { kind: 'agrees' }
  const OPEN = { kind: 'open' }
  const differs = (ledger: number, existingHash: string, incomingHash: string) => ({
    kind: 'differs',
    code: 'FINALITY_CONFLICT',
    ledger,
    existingHash,
    incomingHash,
  })

  it.each([
    ['agrees by hash', window(...chain(1, 5)), { sequence: 5, hash: 'a5' }, AGREES],
    ['names our hash if it differs', window(...chain(1, 5)), { sequence: 5, hash: 'b5' }, differs(5, 'a5', 'b5')],
    ['agrees by height', window(...chain(1, 5)), { sequence: 5 }, AGREES],
    ['agrees about a ledger that is no longer held', window(...chain(3, 5)), { sequence: 1, hash: 'a1' }, AGREES],
    ['is open for a ledger that has not come', window(...chain(1, 5)), { sequence: 6, hash: 'a6' }, OPEN],
    ['is open one above the tip', window(...chain(1, 5)), { sequence: 6 }, OPEN],
    ['is open below a lone tip', window(...chain(1, 5), ledgerOf(9)), { sequence: 7 }, OPEN],
    ['agrees about the chain below a lone tip', window(...chain(1, 5), ledgerOf(9)), { sequence: 5 }, AGREES],
    ['is open if nothing is held', window(), { sequence: 0 }, OPEN],
    ['is open for a single first ledger', window(ledgerOf(3)), { sequence: 3 }, OPEN],
    [
      'knows the hash that the ledger above demands',
      window(...chain(3, 5)),
      { sequence: 2, hash: 'b2' },
      differs(2, 'a2', 'b2'),
    ],
    ['agrees with the hash that it demands', window(...chain(3, 5)), { sequence: 2, hash: 'a2' }, AGREES],
  ])('%s', (_name, held, point, verdict) => {
    const window = appendLedgers({ size: 0, forgotten: null, chunks: [] }, held)
    const tip = held.at(-1) ?? null
    const linkedLedger = held.find(({ sequence }, at) => held[at + 1]?.sequence !== sequence + 1)?.sequence ?? 0
    expect(judgeFinality({ ...createReorgState(), tip, window, linkedLedger }, point)).toEqual(verdict)
  })
})
