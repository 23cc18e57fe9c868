// The layout of the window: it is why a step on a thousand ledgers costs no more than on a hundred.

import { describe, expect, it } from 'vitest'
import { createQuorum } from '../../src/reorg/index.ts'
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

it('a quorum without sources is misuse', () => {
  expect(() => createQuorum({ sources: [], required: 1 })).toThrow(expect.objectContaining({ field: 'sources' }))
})
