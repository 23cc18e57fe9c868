// A state that is read and written again is the same text and continues in the same way, for every state that a history leads to.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createReorgState,
  parseReorgState,
  type ReorgState,
  serializeReorgState,
  stepReorg,
} from '../../src/reorg/index.ts'
import { chain, feed, fullState, ledgerOf, ledgers } from './support.ts'
import { configs, createWorld, moves, nextEvent } from './world.ts'

const setup = fc
  .record({
    gaps: fc.constantFrom('accept' as const, 'need' as const),
    heights: fc.constantFrom('consecutive' as const, 'sparse' as const),
  })
  .chain(({ gaps, heights }) => configs(gaps, heights))

describe('serializeReorgState(parseReorgState(text))', () => {
  it('is the same text, after every step of any history', () => {
    fc.assert(
      fc.property(setup, moves, (options, list) => {
        const world = createWorld(20, false, options.heights === 'sparse')
        let state = createReorgState(options)
        for (const move of list) {
          state = stepReorg(state, nextEvent(world, state, move)).state
          const text = serializeReorgState(state)
          expect(serializeReorgState(parseReorgState(text))).toBe(text)
        }
      }),
      { numRuns: 300 },
    )
  })

  it.each<[string, () => ReorgState]>([
    [
      'a reorg with a source',
      () => feed({}, ledgers(...chain(1, 5)), { type: 'ledgers', ledgers: chain(4, 6, 'b', 'a'), source: 's' }).state,
    ],
    [
      'a ledger whose two copies have different members',
      () =>
        feed({}, ledgers({ sequence: 1, hash: 'a1', closedAt: 5 }, { sequence: 1, hash: 'a1', parentHash: 'a0' }))
          .state,
    ],
    ['an island', () => feed({}, ledgers(...chain(1, 5)), ledgers(ledgerOf(90))).state],
    ['every part in use', fullState],
  ])('is the same text after %s', (_what, state) => {
    const text = serializeReorgState(state())
    expect(serializeReorgState(parseReorgState(text))).toBe(text)
    expect(serializeReorgState(parseReorgState(JSON.stringify(JSON.parse(text), null, 1)))).toBe(text)
  })
})

describe('a state from before there were islands', () => {
  const old = (state: ReorgState): string => {
    const { linkedLedger, ...rest } = state
    const { heights, closeTimes, ...config } = state.config
    return JSON.stringify({ ...rest, config })
  }

  it.each<[string, ReorgState, number]>([
    ['empty', createReorgState(), 0],
    ['without holes', feed({}, ledgers(...chain(1, 200))).state, 200],
    ['with every part in use', fullState(), 61],
    ['with a ledger apart', feed({}, ledgers(...chain(1, 9)), ledgers(ledgerOf(20))).state, 9],
    [
      'with a long run above a hole',
      feed({ finalityDepth: 3 }, ledgers(...chain(1, 9)), ledgers(...chain(20, 24))).state,
      24,
    ],
    [
      'with finality above a hole',
      feed({ finality: 'external' }, ledgers(...chain(1, 9)), ledgers(...chain(20, 22)), {
        type: 'finalized',
        sequence: 21,
      }).state,
      22,
    ],
  ])('is read: %s', (_what, state, linkedLedger) => {
    const read = parseReorgState(old(state))
    expect(read).toStrictEqual(state)
    expect(read).toMatchObject({ linkedLedger, config: { heights: 'consecutive', closeTimes: 'ordered' } })
  })

  it('continues like one that was never written, for any history', () => {
    fc.assert(
      fc.property(setup, moves, (options, list) => {
        const plain = { ...options, heights: 'consecutive', closeTimes: 'ordered' } as const
        const world = createWorld(20, false)
        let state = createReorgState(plain)
        for (const move of list) state = stepReorg(state, nextEvent(world, state, move)).state
        const read = parseReorgState(old(state))
        const text = serializeReorgState(read)
        expect(serializeReorgState(parseReorgState(text))).toBe(text)
        expect({ ...read, linkedLedger: 0 }).toStrictEqual({ ...state, linkedLedger: 0 })
      }),
      { numRuns: 200 },
    )
  })
})
