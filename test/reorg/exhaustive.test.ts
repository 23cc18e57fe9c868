// Small scope: every sequence of up to six events from a small alphabet keeps every invariant. Sequences that lead to the same
// state with the same list behave the same from there on, so each such pair is stepped once and counted as often as it is met.
import { describe, expect, it } from 'vitest'
import type { ReorgEvent, ReorgOptions } from '../../src/reorg/index.ts'
import { advance, ledgers, type Run, startRun } from './support.ts'

const LENGTH = 6

// Three heights, two hashes for each, and right and wrong links.
const ALPHABET: readonly ReorgEvent[] = [1, 2, 3].flatMap((sequence) =>
  ['a', 'b'].flatMap((branch) =>
    [{ parentHash: `a${sequence - 1}` }, { parentHash: `b${sequence - 1}` }].map((link) =>
      ledgers({ sequence, hash: `${branch}${sequence}`, ...link }),
    ),
  ),
)

// With skipped heights: the third height on the second, on the first, or without a parent; and a parent that is not lower.
const SPARSE_ALPHABET: readonly ReorgEvent[] = ['a', 'b'].flatMap((branch) => [
  ledgers({ sequence: 1, hash: `${branch}1`, parentHash: 'a0' }),
  ledgers({ sequence: 2, hash: `${branch}2`, parentHash: 'a1' }),
  ledgers({ sequence: 2, hash: `${branch}2`, parentHash: 'b1' }),
  ledgers({ sequence: 2, hash: `${branch}2`, parentHash: branch === 'a' ? 'a3' : 'a2' }),
  ledgers({ sequence: 3, hash: `${branch}3`, parentHash: `${branch}2` }),
  ledgers({ sequence: 3, hash: `${branch}3`, parentHash: 'a1' }),
  ledgers({ sequence: 3, hash: `${branch}3` }),
])

const CASES: readonly ReorgOptions[] = [
  { gapPolicy: 'accept' },
  { gapPolicy: 'need' },
  { gapPolicy: 'accept', finalityDepth: 1, history: 2, recoveryLedgers: 0 },
  { gapPolicy: 'need', finalityDepth: 1, history: 2, recoveryLedgers: 0, switchRule: 'higher' },
  { gapPolicy: 'accept', heights: 'sparse' },
  { gapPolicy: 'need', heights: 'sparse' },
  { gapPolicy: 'accept', heights: 'sparse', finalityDepth: 1, history: 2, recoveryLedgers: 0 },
]

describe('exhaustive small scope', () => {
  it.each(CASES)('%j', (options) => {
    const alphabet = options.heights === 'sparse' ? SPARSE_ALPHABET : ALPHABET
    interface Node {
      readonly run: Run
      next?: readonly Node[]
    }
    const nodes = new Map<string, Node>()
    const meet = (run: Run): Node => {
      // Totals do not influence a step, so two runs that differ only in them are the same.
      const { counts, orphans, lastReorg, ...rest } = run.state
      const key = JSON.stringify([rest, run.list])
      const node = nodes.get(key) ?? { run }
      nodes.set(key, node)
      return node
    }
    let level = new Map<Node, number>([[meet(startRun(options)), 1]])
    let sequences = 0
    for (let length = 1; length <= LENGTH; length++) {
      const reached = new Map<Node, number>()
      for (const [node, count] of level) {
        node.next ??= alphabet.map((event) => meet(advance(node.run, event, false).run))
        for (const next of node.next) {
          reached.set(next, (reached.get(next) ?? 0) + count)
          sequences += count
        }
      }
      level = reached
    }
    console.log(`${JSON.stringify(options)}: ${sequences} sequences of up to ${LENGTH} events, ${nodes.size} states`)
    expect(sequences).toBe((alphabet.length ** (LENGTH + 1) - alphabet.length) / (alphabet.length - 1))
  })
})
