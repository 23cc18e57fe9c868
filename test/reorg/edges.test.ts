// Histories at the edge of a rule, where one comparison decides. Each was found by a search for input that tells the rule from its neighbour.

import { describe, expect, it } from 'vitest'
import {
  createQuorum,
  createReorgState,
  type Ledger,
  parseReorgState,
  type ReorgOptions,
  stepQuorum,
  stepReorg,
} from '../../src/reorg/index.ts'

/** `a8<a6@116`: hash a8 at height 8, on the parent a6, closed at second 116. The parent and the time may be left out. */
function ledger(text: string): Ledger {
  const [, hash, height, parent, time] = /^(\w(\d+))(?:<(\w+))?(?:@(\d+))?$/.exec(text) as unknown as string[]
  return {
    sequence: Number(height),
    hash: hash as string,
    closedAt: Number(time ?? 100 + 2 * Number(height)),
    ...(parent && { parentHash: parent }),
  }
}

function page(text: string): Ledger[] {
  return text.split(' ').map(ledger)
}

/** Plays pages in order, and returns the last step. */
function play(options: ReorgOptions, ...pages: string[]) {
  let state = createReorgState({ finalityDepth: 1, ...options })
  let last: ReturnType<typeof stepReorg> | undefined
  for (const text of pages) {
    last = stepReorg(state, { type: 'ledgers', ledgers: page(text) })
    state = last.state
  }
  return last as ReturnType<typeof stepReorg>
}

describe('a ledger from below the final one', () => {
  it('is stale if heights are consecutive, even if it names the parent that the next one names', () => {
    const { code, state } = play({ history: 3 }, 'a8<a6 a10<a8 a11<a10', 'a1<a0', 'a6<a4 a8<a6 a9<a8')
    expect([code, state.conflict]).toEqual(['STALE', null])
  })

  it('is a conflict over skipped heights if it names the parent that the next one names', () => {
    const { code } = play({ heights: 'sparse', history: 3 }, 'a8<a6 a10<a8 a11<a10', 'a9<a8')
    expect(code).toBe('FINALITY_CONFLICT')
  })

  it('is stale over skipped heights if the next one names no parent', () => {
    const { code, state } = play({ heights: 'sparse', history: 4 }, 'a6 a8 a9', 'b4<a3', 'b4<a3 b5<b4')
    expect([code, state.conflict]).toEqual(['STALE', null])
  })
})

describe('a ledger whose parent is in its own page, but too old to judge', () => {
  it('is a fork below the anchor, and its parent is not asked for again', () => {
    const { code, state } = play(
      { heights: 'sparse', gapPolicy: 'need', finality: 'external', history: 2 },
      'a2<a0 a4<a2',
      'a1<a0 a3<a1',
    )
    expect([code, state.need]).toEqual(['FORK_BELOW_ANCHOR', null])
  })

  it('is a conflict with finality if the parent is below the final ledger', () => {
    const { code } = play({ heights: 'sparse', history: 2 }, 'a2<a1 a3<a2 a4<a3 a5<a4', 'c3<a2 a6<c3')
    expect(code).toBe('FINALITY_CONFLICT')
  })

  it('is a conflict with finality if the parent is at the height of the final ledger', () => {
    const chain = 'a1<a0 a2<a1 a3<a2 a4<a3'
    const { code, state } = play({ heights: 'sparse', history: 3 }, chain, 'a6<a5 a7<a6', 'a3<a1 a5<a3')
    expect([code, state.finalizedLedger]).toEqual(['FINALITY_CONFLICT', 3])
  })
})

describe('a ledger from below the tip', () => {
  it('is late and no reorg if it closed in the same second as the tip', () => {
    const { code } = play({ heights: 'sparse', history: 2 }, 'a4<a3', 'a6@110', 'a2<a0 a4<a2 a5<a4@110')
    expect(code).toBe('LATE')
  })
})

describe('a ledger from between the chain and an island', () => {
  it('is late if the island begins on it, even in a full window', () => {
    const options: ReorgOptions = { heights: 'sparse', history: 3, maxGap: 2 }
    const { code, state } = play(options, 'a2<a1 a3<a2 a4<a3 a5<a4', 'a8<a7 a9<a8', 'a7<a6')
    const held = state.window.chunks.flat().map(({ sequence }) => sequence)
    expect([code, state.need, held]).toEqual(['LATE', null, [7, 8, 9]])
  })
})

describe('a page with a hole in it', () => {
  it('is asked to fill the hole before anything of it is taken, if what is above the hole is tied to nothing', () => {
    const options: ReorgOptions = { heights: 'sparse', finalityDepth: 2, maxGap: 1, history: 3 }
    const { code, state } = play(options, 'a8<a7', 'a2<a1 a3<a2', 'a4 a6')
    expect([code, state.need]).toEqual(['NEED', { from: 5, to: 5 }])
  })
})

describe('a quorum', () => {
  it('keeps every vote of a source that has room left', () => {
    let quorum = createQuorum({ sources: ['p', 'q'], required: 2, maxPending: 4 })
    for (const [source, text] of [
      ['q', 'a1<a0 a2<a1'],
      ['p', 'a1 a2'],
      ['p', 'a3<a2'],
    ] as const) {
      quorum = stepQuorum(quorum, { type: 'ledgers', ledgers: page(text), source }).state
    }
    expect(quorum.pending.map(({ votes }) => Object.keys(votes).sort())).toEqual([['p', 'q'], ['p', 'q'], ['p']])
  })
})

describe('a quorum that has released a height', () => {
  it('drops no vote below it to make room, as long as it has forgotten no release', () => {
    let quorum = createQuorum({ sources: ['p', 'q', 'r'], required: 2, maxPending: 4 })
    for (const [source, text] of [
      ['q', 'b3'],
      ['p', 'b1 b3'],
    ] as const) {
      quorum = stepQuorum(quorum, { type: 'ledgers', ledgers: page(text), source }).state
    }
    const step = stepQuorum(quorum, { type: 'ledgers', ledgers: page('a2<a1 a3<a2 a4<a3 a5<a4'), source: 'p' })
    expect([step.code, step.state]).toEqual(['PAGE_TOO_LARGE', quorum])
  })
})

describe('a source of finality that vouches for a ledger on an island', () => {
  /** A chain from 1 to 4, and two islands, 7 and 10. Then 7 is final. */
  function vouched() {
    const options: ReorgOptions = { finalityDepth: 3, finality: 'external', history: 4 }
    const { state } = play(options, 'a1<a0 a2<a1 a3<a2 a4<a3', 'a7<a6', 'a10<a9')
    return stepReorg(state, { type: 'finalized', sequence: 7 }).state
  }

  it('makes the chain reach up to there, and takes no room from the island above', () => {
    const { linkedLedger, window } = vouched()
    expect([linkedLedger, window.chunks.flat().map(({ sequence }) => sequence)]).toEqual([7, [2, 3, 4, 7, 10]])
  })

  it('is remembered by a state of an older version, which did not store where the chain ends', () => {
    const { linkedLedger, ...older } = vouched()
    expect(parseReorgState(JSON.stringify(older)).linkedLedger).toBe(linkedLedger)
  })
})
