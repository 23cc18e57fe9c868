// Chains that skip heights: null rounds, skipped slots. A parent hash links two ledgers, however many heights lie between.

import { describe, expect, it } from 'vitest'
import {
  type Ledger,
  parseReorgState,
  type ReorgEffect,
  reorgMetrics,
  serializeReorgState,
} from '../../src/reorg/index.ts'
import { feed, ledgers } from './support.ts'

const on = (sequence: number, parentHash: string, hash = `a${sequence}`): Ledger => ({ sequence, hash, parentHash })
const bare = (sequence: number, hash = `a${sequence}`): Ledger => ({ sequence, hash })
const types = (effects: readonly ReorgEffect[]) => effects.map(({ type }) => type)
const held = (options: object = {}) =>
  feed({ heights: 'sparse', ...options }, ledgers(on(8, 'a7'), on(9, 'a8'), on(10, 'a9'))).state
const hashes = (step: ReturnType<typeof feed>) => step.state.window.chunks.flat().map(({ hash }) => hash)

describe.each(['accept', 'need'] as const)('heights sparse, gapPolicy %s', (gapPolicy) => {
  const state = held({ gapPolicy })

  it('accepts a ledger that names our tip as its parent: the hole is proven empty, so it is not a gap', () => {
    for (const sequence of [12, 500_000, Number.MAX_SAFE_INTEGER]) {
      const step = feed(state, ledgers(on(sequence, 'a10')))
      expect(step).toMatchObject({ code: 'EXTENDED', state: { linkedLedger: sequence, need: null } })
      expect(types(step.effects)).not.toContain('gap')
    }
  })

  it.each([
    ['our tip, from its own height', on(10, 'a10', 'b10'), { from: 8, to: 9, parentHash: 'a10' }],
    ['our tip, from below', on(9, 'a10', 'b9'), { from: 8, to: 8, parentHash: 'a10' }],
    ['a ledger below our tip, from its own height', on(9, 'a9', 'b9'), { from: 8, to: 8, parentHash: 'a9' }],
  ])('asks for the parent of a ledger that names %s: a parent is always lower', (_, wrong, need) => {
    const step = feed(state, ledgers(wrong))
    expect(step).toMatchObject({ code: 'NEED', state: { tip: { hash: 'a10' }, need } })
    expect(hashes(step)).toEqual(['a8', 'a9', 'a10'])
    expect(parseReorgState(serializeReorgState(step.state))).toEqual(step.state)
  })

  it('treats a higher ledger that names an older one of ours as a reorg', () => {
    const step = feed(state, { type: 'ledgers', ledgers: [on(12, 'a8', 'b12')], source: 'rpc' })
    expect(step.code).toBe('REORG')
    expect(step.effects.slice(0, 3)).toEqual([
      {
        type: 'warn',
        level: 'WARN',
        code: 'REORG',
        ledger: 9,
        existingHash: 'a9',
        incomingHash: 'b12',
        depth: 2,
        source: 'rpc',
      },
      { type: 'rollback', to: 8, undo: [on(10, 'a9'), on(9, 'a8')] },
      { type: 'apply', ledger: on(12, 'a8', 'b12'), after: 8 },
    ])
  })

  it('asks for the parent of a higher ledger if it is not held, and then follows the reorg', () => {
    const step = feed(state, ledgers(on(12, 'b10', 'b12')))
    expect(step).toMatchObject({ code: 'NEED', status: 409, state: { tip: { hash: 'a10' } } })
    expect(step.effects).toEqual([{ type: 'need', from: 8, to: 11, parentHash: 'b10' }])
    const followed = feed(step.state, ledgers(on(10, 'a9', 'b10'), on(12, 'b10', 'b12')))
    expect(followed.code).toBe('REORG')
    expect(types(followed.effects)).not.toContain('gap')
    expect(hashes(followed)).toEqual(['a8', 'a9', 'b10', 'b12'])
    // If it was a gap after all, the same answer fills it.
    const filled = feed(step.state, ledgers(on(11, 'a10', 'b10'), on(12, 'b10', 'b12')))
    expect(filled).toMatchObject({ code: 'EXTENDED', state: { need: null } })
  })

  it('follows a branch that skips our height, or fills one that we skip', () => {
    expect(hashes(feed(state, ledgers(on(10, 'a8', 'b10'))))).toEqual(['a8', 'b10'])
    const skipped = feed(state, ledgers(on(15, 'a10'))).state
    const step = feed(skipped, ledgers(on(12, 'a10', 'b12')))
    expect(step).toMatchObject({ code: 'REORG', state: { tip: { hash: 'b12' } } })
    expect(step.effects[0]).toMatchObject({
      type: 'warn',
      ledger: 12,
      existingHash: 'a10',
      incomingHash: 'b12',
      depth: 1,
    })
    expect(hashes(step)).toEqual(['a8', 'a9', 'a10', 'b12'])
  })

  it('undoes no final ledger, whichever height the branch shows', () => {
    const final = feed(state, { type: 'finalized', sequence: 9, hash: 'a9' }).state
    for (const ledger of [on(12, 'a8', 'b12'), on(10, 'a8', 'b10')]) {
      const step = feed(final, ledgers(ledger))
      expect(step).toMatchObject({ code: 'FINALITY_CONFLICT', state: { conflict: { ledger: 9, existingHash: 'a9' } } })
      expect(types(step.effects)).toEqual(['warn'])
    }
    expect(feed(final, ledgers(on(12, 'a9', 'b12'))).code).toBe('REORG')
    // We hold nothing between 9 and 20, so finality at a height in between forbids no branch above it.
    const skipped = feed(held({ gapPolicy }), ledgers(on(20, 'a10')), { type: 'finalized', sequence: 15 }).state
    expect(skipped.finalizedLedger).toBe(15)
    expect(feed(skipped, ledgers(on(18, 'a10', 'b18'))).code).toBe('REORG')
  })

  it('asks from the last final ledger up, so that a different one there is noticed', () => {
    const final = feed(state, { type: 'finalized', sequence: 9, hash: 'a9' }).state
    expect(feed(final, ledgers(on(12, 'b10', 'b12'))).effects).toEqual([
      { type: 'need', from: 9, to: 11, parentHash: 'b10' },
    ])
    expect(feed(final, ledgers(on(10, 'b9', 'b10')))).toMatchObject({ code: 'FINALITY_CONFLICT' })
    expect(feed(final, ledgers(on(9, 'a8', 'b9'), on(12, 'b9', 'b12')))).toMatchObject({ code: 'FINALITY_CONFLICT' })
  })

  it('counts ledgers, not heights, for finality', () => {
    const options = { gapPolicy, finalityDepth: 2, history: 10 }
    const far = feed(held(options), ledgers(on(1000, 'a10'), on(2000, 'a1000')))
    expect(far.state.finalizedLedger).toBe(10)
    expect(held({ ...options, finalityDepth: 3 })).toMatchObject({ finalizedLedger: 0 })
    expect(feed(held({ ...options, finalityDepth: 3 }), ledgers(on(1000, 'a10'))).state.finalizedLedger).toBe(8)
  })

  it('accepts a page that links over holes, and rejects one with two branches', () => {
    const page = [on(12, 'a10'), on(15, 'a12'), on(16, 'a15')]
    expect(feed(state, ledgers(...page))).toMatchObject({ code: 'EXTENDED', state: { tip: { sequence: 16 } } })
    for (const two of [
      [on(10, 'a9'), on(12, 'a10'), on(15, 'a10', 'b15')],
      [on(12, 'a10'), on(13, 'a10', 'b13')],
    ]) {
      expect(feed(state, ledgers(...two))).toMatchObject({
        code: 'INVALID',
        reason: 'ledgers must be of one chain, each linked to the one below it.',
        effects: [],
      })
    }
    for (const two of [
      [on(12, 'a10'), on(15, 'a10', 'b15')],
      [on(10, 'a9'), on(12, 'a8', 'b12')],
    ]) {
      expect(feed(state, ledgers(...two))).toMatchObject({ code: 'INVALID', status: 400, state, effects: [] })
    }
  })

  it('answers duplicates, lag and far heights as without skipped heights', () => {
    expect(feed(state, ledgers(on(9, 'a8'))).code).toBe('DUPLICATE')
    const short = held({ gapPolicy, finalityDepth: 1, history: 2 })
    expect(feed(short, ledgers(on(5, 'a4'))).code).toBe('STALE')
    expect(feed(state, ledgers(on(9e15, 'x')))).toMatchObject({ code: 'GAP_TOO_LARGE', effects: [] })
  })

  it('accepts a next ledger without a parent, and asks for or reports the gap below a higher one', () => {
    expect(feed(state, ledgers(bare(11))).state.linkedLedger).toBe(11)
    const step = feed(state, ledgers(bare(13)))
    expect(step.effects[0]).toMatchObject({ type: gapPolicy === 'need' ? 'need' : 'gap', from: 11, to: 12 })
  })

  it('continues from its text', () => {
    const { state: skipped } = feed(state, ledgers(on(500, 'a10'), on(900, 'a500')), ledgers(on(901, 'a10', 'b901')))
    const text = serializeReorgState(skipped)
    expect(parseReorgState(text)).toStrictEqual(skipped)
    expect(serializeReorgState(parseReorgState(text))).toBe(text)
  })

  it('counts no missing ledger where none exists', () => {
    const { state: skipped } = feed(state, ledgers(on(500, 'a10')))
    const value = (name: string) => reorgMetrics(skipped).find((metric) => metric.name === name)?.value
    expect(value('reorg_missing_ledgers')).toBe(0)
  })
})

describe('heights sparse, gapPolicy accept', () => {
  it('inserts a ledger between two that are not linked', () => {
    const open = feed(held(), ledgers(bare(14))).state
    const step = feed(open, ledgers(on(12, 'a10')))
    expect(step).toMatchObject({ code: 'LATE', state: { linkedLedger: 12, reorgDetected: false } })
    expect(feed(step.state, ledgers(on(13, 'a12')))).toMatchObject({ code: 'LATE', state: { linkedLedger: 14 } })
  })

  it('asks for the ledgers below a late one whose parent is not held', () => {
    const open = feed(held(), ledgers(bare(20))).state
    expect(feed(open, ledgers(on(15, 'x14')))).toMatchObject({
      code: 'NEED',
      effects: [{ from: 8, to: 14, parentHash: 'x14' }],
    })
  })

  it('treats a run longer than the finality depth as the chain resumed, although its first ledger is not linked', () => {
    const state = held({ finalityDepth: 3, history: 20, maxGap: 100 })
    const page = [on(60, 'x59'), on(65, 'a60'), on(66, 'a65'), on(80, 'a66')]
    const step = feed(state, ledgers(...page))
    expect(step).toMatchObject({
      code: 'EXTENDED',
      state: { linkedLedger: 80, finalizedLedger: state.finalizedLedger },
    })
    expect(step.effects[0]).toEqual({ type: 'gap', from: 11, to: 59 })
    expect(feed(state, ledgers(...page.slice(0, 3))).code).toBe('NEED')
    expect(feed(held({ finalityDepth: 3, history: 20, gapPolicy: 'need' }), ledgers(...page)).code).toBe('NEED')
    expect(feed(state, ledgers(...page.map((ledger) => ({ ...ledger, sequence: ledger.sequence + 100 })))).code).toBe(
      'GAP_TOO_LARGE',
    )
  })
})

it('a source of finality that names a ledger in a hole proven empty contradicts us', () => {
  const state = feed(held({ finality: 'external' }), ledgers(on(15, 'a10'))).state
  expect(feed(state, { type: 'finalized', sequence: 12, hash: 'x12' })).toMatchObject({
    code: 'FINALITY_CONFLICT',
    effects: [{ ledger: 12, existingHash: 'a10', incomingHash: 'x12' }],
  })
})

describe('a page that begins the chain, and then names a parent that nobody has shown', () => {
  const page = ledgers(on(4, 'z', 'b4'), on(5, 'b4', 'b5'), on(9, 'x7', 'b9'))

  it('asks from its first ledger up, and takes nothing in', () => {
    const step = feed({ heights: 'sparse' }, page)
    expect(step).toMatchObject({ code: 'NEED', status: 409, state: { tip: null } })
    expect(step.effects).toEqual([{ type: 'need', from: 4, to: 8, parentHash: 'x7' }])
    expect(parseReorgState(serializeReorgState(step.state))).toEqual(step.state)
    const whole = ledgers(on(4, 'z', 'b4'), on(7, 'b4', 'x7'), on(9, 'x7', 'b9'))
    expect(feed(step.state, whole)).toMatchObject({ code: 'EXTENDED', state: { need: null, linkedLedger: 9 } })
  })

  it('does the same if it replaces everything that is held', () => {
    const { state } = feed({ heights: 'sparse' }, ledgers(on(4, 'z', 'a4')))
    const step = feed(state, page)
    expect(step).toMatchObject({ code: 'NEED', state: { tip: { hash: 'a4' } } })
    expect(step.effects).toEqual([{ type: 'need', from: 4, to: 8, parentHash: 'x7' }])
  })
})

it('without the option heights are consecutive, so a parent two below leaves a gap', () => {
  const state = feed({}, ledgers(on(8, 'a7'), on(9, 'a8'), on(10, 'a9'))).state
  expect(feed(state, ledgers(on(12, 'a10'))).effects[0]).toEqual({ type: 'gap', from: 11, to: 11 })
})

describe('a final ledger', () => {
  it('is contradicted by another that names the same parent, although nothing is held at its height', () => {
    const ours = [
      on(10, 'z', 'a'),
      on(11, 'a', 'b'),
      on(13, 'b', 'c'),
      on(14, 'c', 'd'),
      on(15, 'd', 'e'),
      on(16, 'e', 'f'),
    ]
    const { state } = feed({ heights: 'sparse', finalityDepth: 2 }, ledgers(...ours))
    expect(state.finalizedLedger).toBe(14)
    const step = feed(state, ledgers(on(12, 'b', 'x')))
    expect(step).toMatchObject({ code: 'FINALITY_CONFLICT', status: 409, state: { conflict: { ledger: 12 } } })
    // A ledger without a parent, or with another one, contradicts nothing that is known.
    expect(feed(state, ledgers(bare(12, 'x'))).code).toBe('STALE')
  })
})
