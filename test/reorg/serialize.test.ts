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

/** A state with every part in use; the test checks that it is. */
function full(): ReorgState {
  const state = fullState()
  expect(state).toMatchObject({
    conflict: { ledger: expect.any(Number) },
    need: {},
    deferred: {},
    lastReorg: {},
    recovery: {},
  })
  return state
}

describe('serializeReorgState and parseReorgState', () => {
  it('round trip to the same state', () => {
    const conflicted = feed({ finalityDepth: 2 }, ledgers(...chain(1, 9)), ledgers({ sequence: 3, hash: 'x' })).state
    for (const state of [createReorgState(), full(), conflicted]) {
      expect(parseReorgState(serializeReorgState(state))).toStrictEqual(state)
    }
  })

  it('accept members in any order, as jsonb stores them', () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, member]) => [key, sorted(member)]),
      )
    }
    const state = full()
    const copy = parseReorgState(JSON.stringify(sorted(state), null, 2))
    expect(copy).toStrictEqual(state)
    expect(stepReorg(copy, ledgers(ledgerOf(62, 'c'))).state).toBe(copy)
  })

  it('give text of bounded size, however many ledgers were fed', () => {
    const size = (length: number): number => {
      let state = createReorgState()
      for (let at = 0; at < length; at += 1000) state = stepReorg(state, ledgers(...hex(1_000_000 + at, 1000))).state
      return serializeReorgState(state).length
    }
    const hex = (from: number, count: number) =>
      chain(from, from + count - 1).map(({ sequence }) => ({
        sequence,
        hash: sequence.toString(16).padStart(64, '0'),
        parentHash: (sequence - 1).toString(16).padStart(64, '0'),
        closedAt: 1_700_000_000 + sequence * 5,
      }))
    const [small, large] = [size(1000), size(50_000)]
    console.log(`serialised state, 128 ledgers with 64-digit hashes: ${large} bytes`)
    expect(large).toBe(small)
    expect(large).toBeLessThan(32_000)
  })

  it.each<[string, (state: { -readonly [Key in keyof ReorgState]: unknown } & Record<string, unknown>) => void]>([
    ['another version', (state) => (state.version = 2)],
    ['no config', (state) => (state.config = null)],
    ['a bad config', (state) => (state.config = { ...full().config, history: 1 })],
    ['no counts', (state) => (state.counts = 3)],
    ['bad counts', (state) => (state.counts = { reorgs: 1, deepest: 1, flaps: -1, late: 0 })],
    ['no window', (state) => (state.window = [])],
    ['a window of no chunks', (state) => (state.window = { size: 0, forgotten: null, chunks: [1] })],
    ['a window of another size', (state) => (state.window = { ...full().window, size: 3 })],
    ['a window that forgot nothing it could name', (state) => (state.window = { ...full().window, forgotten: 'x' })],
    ['a window above what it forgot', (state) => (state.window = { ...full().window, forgotten: 59 })],
    ['an empty window that forgot', (state) => (state.window = { size: 0, forgotten: 3, chunks: [] })],
    [
      'a window that does not link',
      (state) => (state.window = { size: 2, forgotten: null, chunks: [[ledgerOf(1), ledgerOf(2, 'b')]] }),
    ],
    [
      'a window with junk',
      (state) => (state.window = { size: 1, forgotten: null, chunks: [[{ sequence: 1, hash: '' }]] }),
    ],
    ['another tip', (state) => (state.tip = ledgerOf(61, 'z'))],
    ['no tip', (state) => (state.tip = null)],
    ['another safe ledger', (state) => (state.lastSafeLedger = 3)],
    ['finality above the tip', (state) => (state.finalizedLedger = 1000)],
    ['no finality', (state) => delete state.finalizedLedger],
    ['a flag without its recovery', (state) => (state.recovery = null)],
    ['a bad recovery', (state) => (state.recovery = { ledger: 3 })],
    ['a number as recovery', (state) => (state.recovery = 3)],
    ['a bad epoch', (state) => (state.epoch = -1)],
    ['a bad conflict', (state) => (state.conflict = { code: 'NONE' })],
    ['a conflict without a height', (state) => (state.conflict = { code: 'FINALITY_CONFLICT', ledger: 'x', tip: 3 })],
    [
      'a conflict with a bad hash',
      (state) =>
        (state.conflict = { code: 'FINALITY_CONFLICT', ledger: 3, tip: 3, existingHash: 3, incomingHash: 'x' }),
    ],
    ['a bad need', (state) => (state.need = 3)],
    ['a need whose from is above its to', (state) => (state.need = { from: 3, to: 2 })],
    ['a need with a bad hash', (state) => (state.need = { from: 1, to: 2, parentHash: 3 })],
    ['a bad deferral', (state) => (state.deferred = 3)],
    ['a deferral of junk', (state) => (state.deferred = { sequence: 3, hash: ' ' })],
    ['bad orphans', (state) => (state.orphans = 3)],
    ['a number as a branch', (state) => (state.orphans = [3])],
    ['orphans of another rollback', (state) => (state.orphans = [{ ...full().orphans[0], rollback: 7 }])],
    ['orphans with a bad foot', (state) => (state.orphans = [{ ...full().orphans[0], to: 'x' }])],
    ['orphans in ascending order', (state) => (state.orphans = [{ rollback: 1, to: 57, ledgers: chain(58, 60) }])],
    ['orphans below their foot', (state) => (state.orphans = [{ rollback: 1, to: 58, ledgers: [ledgerOf(58)] }])],
    ['too many orphans', (state) => (state.orphans = [{ rollback: 1, to: 0, ledgers: chain(1, 65).reverse() }])],
    ['a bad last reorg', (state) => (state.lastReorg = 3)],
    ['a last reorg without a height', (state) => (state.lastReorg = { ledger: 'x' })],
    ['a last reorg with a bad hash', (state) => (state.lastReorg = { ledger: 1, depth: 1, existingHash: 3 })],
    ['a last reorg with an empty source', (state) => (state.lastReorg = { ...full().lastReorg, source: '' })],
  ])('reject %s', (_name, spoil) => {
    const state = JSON.parse(serializeReorgState(full()))
    spoil(state)
    expect(() => parseReorgState(JSON.stringify(state))).toThrow(
      expect.objectContaining({
        name: 'ReorgError',
        code: 'REORG_INVALID_STATE',
        field: expect.stringMatching(/^[\w.[\]]+$/),
      }),
    )
  })

  it('reject a gap with gapPolicy need', () => {
    const { state } = feed({}, ledgers(ledgerOf(1), ledgerOf(5)))
    const text = serializeReorgState({ ...state, config: { ...state.config, gapPolicy: 'need' } })
    expect(() => parseReorgState(text)).toThrow('window must not skip a sequence with gapPolicy "need".')
  })

  it.each(['', '{', 'null', '[]', '3', '"x"', undefined, null, 3, {}])('reject %j', (text) => {
    expect(() => parseReorgState(text as string)).toThrow(expect.objectContaining({ code: 'REORG_INVALID_STATE' }))
  })

  it('throw only the typed error and never repeat the text', () => {
    const text = serializeReorgState(full())
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .tuple(fc.nat(text.length), fc.nat(8), fc.string({ maxLength: 4 }))
            .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length)),
        ),
        (spoilt) => {
          try {
            parseReorgState(spoilt)
          } catch (error) {
            expect(error).toMatchObject({ name: 'ReorgError', code: 'REORG_INVALID_STATE' })
          }
        },
      ),
      { numRuns: 2000 },
    )
    expect(() => parseReorgState('{"version":"s3cret"')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    )
  })
})
