// A chain that skips heights and forks, shown in pieces: the effects build that chain, a hole that a link proves empty is not a gap, and
// the tracker does not ask for heights that do not exist.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ledger, ReorgOptions } from '../../src/reorg/index.ts'
import { advance, startRun } from './support.ts'

interface Move {
  readonly kind: 'grow' | 'fork' | 'away' | 'lag' | 'again'
  readonly depth: number
  readonly skips: readonly number[]
  /** How many of its newest ledgers the provider shows. */
  readonly shown: number
}

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom('grow', 'grow', 'fork', 'away', 'lag', 'again'),
  depth: fc.integer({ min: 1, max: 5 }),
  // A null round, a stretch of skipped slots, or a chain that jumps by far more than maxGap.
  skips: fc.array(fc.constantFrom(0, 0, 1, 3, 50, 100_000), { minLength: 1, maxLength: 8 }),
  // At most the finality depth: a longer page counts as the chain resumed after an outage, whatever its parent.
  shown: fc.integer({ min: 1, max: 6 }),
})

const options = (gapPolicy: 'accept' | 'need'): fc.Arbitrary<ReorgOptions> =>
  fc
    .record({ finalityDepth: fc.integer({ min: 6, max: 12 }), slack: fc.nat(20), requireParent: fc.boolean() })
    .map(({ slack, ...rest }) => ({
      ...rest,
      gapPolicy,
      heights: 'sparse' as const,
      history: rest.finalityDepth + 1 + slack,
      maxGap: 2_000_000,
    }))

function grow(chain: readonly Ledger[], skips: readonly number[], branch: number): Ledger[] {
  const grown = [...chain]
  for (const skip of skips) {
    const parent = grown.at(-1) as Ledger
    const sequence = parent.sequence + 1 + skip
    grown.push({ sequence, hash: `${branch}:${sequence}`, parentHash: parent.hash })
  }
  return grown
}

describe.each(['accept', 'need'] as const)('a chain that skips heights, gapPolicy %s', (gapPolicy) => {
  it('is built by the effects, whatever was skipped, forked, missed or shown twice', () => {
    fc.assert(
      fc.property(options(gapPolicy), fc.array(move, { minLength: 1, maxLength: 25 }), (options, moves) => {
        let canonical: readonly Ledger[] = [{ sequence: 100, hash: '0:100', parentHash: 'genesis' }]
        let highest = 1
        let run = startRun(options)
        const show = (page: readonly Ledger[]): void => {
          let shown = page
          for (let tries = 0; tries < 4; tries++) {
            const { run: next, step } = advance(run, { type: 'ledgers', ledgers: shown })
            run = next
            expect(step.effects.map(({ type }) => type)).not.toContain('gap')
            expect(run.state.linkedLedger).toBe(run.state.tip?.sequence)
            expect(['EXTENDED', 'REORG', 'DUPLICATE', 'STALE', 'NEED']).toContain(step.code)
            if (step.code !== 'NEED') return
            const need = step.effects.find((effect) => effect.type === 'need')
            const [from, to] = [need?.from ?? 0, need?.to ?? 0]
            const held = new Set(run.list.map(({ hash }) => hash))
            const missing = canonical.filter(
              ({ sequence, hash }) => sequence >= from && sequence <= to && !held.has(hash),
            )
            expect(missing.length).toBeGreaterThan(0)
            shown = canonical.filter(({ sequence }) => sequence >= from)
          }
          throw new Error('it asks for ever')
        }
        show(canonical)
        for (const [branch, { kind, depth, skips, shown }] of moves.entries()) {
          // A fork is never as deep as finality.
          const stays = Math.max(1, highest - (options.finalityDepth as number) + 1, canonical.length - depth)
          if (kind === 'fork') canonical = canonical.slice(0, stays)
          if (kind === 'lag') {
            const end = Math.max(1, canonical.length - depth)
            show(canonical.slice(Math.max(0, end - shown), end))
            continue
          }
          if (kind !== 'again') canonical = grow(canonical, skips, branch)
          highest = Math.max(highest, canonical.length)
          if (kind !== 'away') show(canonical.slice(-shown))
        }
        show(canonical.slice(-1))
        expect(run.list).toEqual(canonical)
      }),
      { numRuns: 400 },
    )
  })
})
