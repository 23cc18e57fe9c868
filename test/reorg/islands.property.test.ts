// Whatever unlinked ledgers a provider shows, and however long it was away: the true chain becomes the chain again, and until then health
// says so.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Ledger, type ReorgOptions, reorgHealth } from '../../src/reorg/index.ts'
import { advance, chain, type Run, startRun } from './support.ts'

const options: fc.Arbitrary<ReorgOptions> = fc
  .record({
    finalityDepth: fc.integer({ min: 1, max: 12 }),
    slack: fc.nat(20),
    switchRule: fc.constantFrom('latest' as const, 'higher' as const),
    safetyMargin: fc.nat(3),
  })
  .map(({ slack, ...rest }) => ({ ...rest, history: rest.finalityDepth + 1 + slack, maxGap: 400 }))

/** Runs of lies above the tip: how far above, how long, and whether they name parents. */
const lies = fc.array(fc.record({ slot: fc.nat(8), length: fc.integer({ min: 1, max: 12 }), linked: fc.boolean() }), {
  maxLength: 6,
})

const play = fc.record({
  options,
  start: fc.integer({ min: 1, max: 60 }),
  turns: fc.array(fc.record({ lies, grow: fc.integer({ min: 1, max: 15 }), away: fc.nat(120), paged: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  }),
})

/** Sends an event as the guide says: what the tracker asks for is fetched from the true chain and sent with the ledgers above it. */
function take(run: Run, truth: (from: number) => readonly Ledger[], ledgers: readonly Ledger[]): Run {
  let { run: next, step } = advance(run, { type: 'ledgers', ledgers })
  for (let tries = 0; step.code === 'NEED' && tries < 3; tries++) {
    const need = step.effects.find(({ type }) => type === 'need') as { from: number }
    ;({ run: next, step } = advance(next, { type: 'ledgers', ledgers: truth(need.from) }))
  }
  expect(['EXTENDED', 'LATE', 'REORG', 'DUPLICATE', 'STALE', 'IGNORED_LOWER_BRANCH']).toContain(step.code)
  // The only ledgers that are too old to judge came already, with the ones that were asked for.
  const held = new Set(next.list.map(({ hash }) => hash))
  if (step.code === 'STALE') expect(ledgers.filter(({ hash }) => !held.has(hash))).toEqual([])
  return next
}

describe('islands', () => {
  it('never stop the true chain from becoming the chain again, or health from saying so', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(play, ({ options, start, turns }) => {
        const depth = options.finalityDepth as number
        let tip = start
        let run = startRun(options)
        const truth = (from: number) => chain(from, tip)
        run = take(run, truth, chain(1, tip))
        let holes = 0
        for (const { lies, grow, away, paged } of turns) {
          for (const [at, { slot, length, linked }] of lies.entries()) {
            // They lie apart from each other and are no longer than the finality depth. A longer run would count as the chain, and only
            // another source can tell it from the true one.
            const first = 20 * (Math.ceil((tip + 2) / 20) + slot)
            const lie = chain(first, first + Math.min(length, depth) - 1, `lie${at}-`)
            const shown = linked ? lie : lie.map(({ sequence, hash }) => ({ sequence, hash }))
            run = advance(run, { type: 'ledgers', ledgers: shown }).run
          }
          expect(run.state.finalizedLedger).toBeLessThanOrEqual(tip)
          // After an outage, enough of the chain follows to be recognised.
          const from = tip + 1 + (away > 60 ? away : 0)
          if (away > 60) holes++
          tip = from + (away > 60 ? depth + grow : grow)
          const page = chain(from, tip)
          if (paged) run = take(run, truth, page)
          else for (const ledger of page) run = take(run, truth, [ledger])
        }
        // Until the chain has passed the last lie.
        const highest = Math.max(tip, run.state.tip?.sequence ?? 0) + depth + 7
        for (let sequence = tip + 1; sequence <= highest; sequence++) {
          tip = sequence
          run = take(run, truth, chain(sequence, sequence))
        }
        const { state, list } = run
        expect(state.linkedLedger).toBe(tip)
        expect(state.tip?.hash).toBe(`a${tip}`)
        expect(reorgHealth(state, { now: 0 })).toMatchObject({ island: null, need: null })
        if (holes === 0) expect(list.map(({ hash }) => hash)).toEqual(chain(1, tip).map(({ hash }) => hash))
        else expect(list.at(-1 - depth)?.hash).toMatch(/^a/)
      }),
      { numRuns: 150 },
    )
  })
})
