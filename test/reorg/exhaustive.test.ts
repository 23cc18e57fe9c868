// Small scope: every sequence of up to six events over a small alphabet keeps every invariant. Sequences that lead to the same
// state with the same list behave the same from there on, so each such pair is stepped once and counted as often as it is met.
import { describe, expect, it } from 'vitest'
import type { ReorgEvent, ReorgOptions } from '../../src/reorg/index.ts'
import { advance, ledgers, type Run, startRun } from './support.ts'

const LENGTH = 6

// Three heights, two hashes, links right and wrong, and none.
const ALPHABET: readonly ReorgEvent[] = [1, 2, 3].flatMap((sequence) =>
  ['a', 'b'].flatMap((branch) =>
    [{ parentHash: `a${sequence - 1}` }, { parentHash: `b${sequence - 1}` }].map((link) =>
      ledgers({ sequence, hash: `${branch}${sequence}`, ...link }),
    ),
  ),
)

const CASES: readonly ReorgOptions[] = [
  { gapPolicy: 'accept' },
  { gapPolicy: 'need' },
  { gapPolicy: 'accept', finalityDepth: 1, history: 2, recoveryLedgers: 0 },
  { gapPolicy: 'need', finalityDepth: 1, history: 2, recoveryLedgers: 0, switchRule: 'higher' },
]

describe('exhaustive small scope', () => {
  it.each(CASES)('%j', (options) => {
    let level = new Map<string, { run: Run; count: number }>([['', { run: startRun(options), count: 1 }]])
    let sequences = 0
    let steps = 0
    for (let length = 1; length <= LENGTH; length++) {
      const next = new Map<string, { run: Run; count: number }>()
      for (const { run, count } of level.values()) {
        for (const event of ALPHABET) {
          const { run: after } = advance(run, event, false)
          steps++
          sequences += count
          // Totals do not steer anything; two runs that differ in them alone are one.
          const { counts, orphans, lastReorg, ...rest } = after.state
          const key = JSON.stringify([rest, after.list])
          const met = next.get(key)
          if (met) met.count += count
          else next.set(key, { run: after, count })
        }
      }
      level = next
    }
    console.log(
      `${JSON.stringify(options)}: ${sequences} sequences, ${steps} distinct steps, ${level.size} states at the end`,
    )
    expect(sequences).toBe(
      Array.from({ length: LENGTH }, (_, at) => ALPHABET.length ** (at + 1)).reduce((sum, one) => sum + one, 0),
    )
  })
})
