// The layout of the window: it is why a step on a thousand ledgers costs no more than on a hundred.

import { describe, expect, it } from 'vitest'
import { createQuorum } from '../../src/reorg/index.ts'
import { ledgerByHash, someAbove } from '../../src/reorg/window.ts'
import { chain, feed, ledgerOf, ledgers } from './support.ts'

const sizes = ({ chunks }: { chunks: readonly (readonly unknown[])[] }) => chunks.map(({ length }) => length)

describe('the window', () => {
  it('holds ledgers in groups of 32 heights, in whichever order they came', () => {
    const { window } = feed({}, ledgers(...chain(1, 100))).state
    expect(sizes(window)).toEqual([31, 32, 32, 5])
    const one = feed({}, ...chain(1, 100).map((ledger) => ledgers(ledger))).state.window
    expect(one).toStrictEqual(window)
    const late = feed({}, ledgers(...chain(1, 40), ...chain(50, 100)), ledgers(...chain(41, 49))).state.window
    expect(late).toStrictEqual(window)
  })

  it('forgets the oldest, over any number of groups, and says which was the last', () => {
    const { window } = feed({ history: 70 }, ledgers(...chain(1, 200))).state
    expect(sizes(window)).toEqual([29, 32, 9])
    expect(window).toMatchObject({ size: 70, forgotten: 130 })
    expect(window.chunks[0]?.[0]).toEqual(ledgerOf(131))
    const more = feed({ history: 70 }, ledgers(...chain(1, 70)), ledgers(...chain(71, 200))).state.window
    expect(more).toStrictEqual(window)
  })
})

describe('a search in the window', () => {
  // Three groups: 1 to 31, 32 to 63, 64 to 70.
  const { window } = feed({}, ledgers(...chain(1, 70))).state

  it.each([5, 31, 32, 63, 64, 69])('finds ledger %d by its hash, from any height above it alone', (sequence) => {
    const ledger = ledgerOf(sequence)
    for (const above of [sequence + 1, 70, 1000]) expect(ledgerByHash(window, ledger.hash, above)).toEqual(ledger)
    for (const below of [0, sequence - 1, sequence]) expect(ledgerByHash(window, ledger.hash, below)).toBe(undefined)
  })

  it('finds no ledger by a hash that none has', () => {
    expect(ledgerByHash(window, 'none', 1000)).toBe(undefined)
  })

  it.each([1, 31, 32, 64, 70])('asks about ledger %d where it is above a height, and nowhere else', (sequence) => {
    const isIt = (ledger: { sequence: number }): boolean => ledger.sequence === sequence
    for (const below of [0, Math.floor(sequence / 2), sequence - 1])
      expect(someAbove(window, below, isIt), `above ${below}`).toBe(true)
    for (const above of [sequence, sequence + 1, 70, 1000])
      expect(someAbove(window, above, isIt), `above ${above}`).toBe(false)
  })

  it('asks about the ledgers above alone', () => {
    const asked: number[] = []
    expect(someAbove(window, 61, ({ sequence }) => asked.push(sequence) === 0)).toBe(false)
    expect(asked).toEqual([62, 63, 64, 65, 66, 67, 68, 69, 70])
  })
})

it('a quorum without sources is misuse', () => {
  expect(() => createQuorum({ sources: [], required: 1 })).toThrow(expect.objectContaining({ field: 'sources' }))
})
