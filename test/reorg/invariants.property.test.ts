// Every invariant after every step of any history, with both gap policies, and with and without skipped heights.
// scripts/soak/reorg.mjs runs the same for a million steps.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance, startRun } from './support.ts'
import { configs, createWorld, moves, nextEvent } from './world.ts'

const goal = Number(process.env.REORG_SOAK ?? 0) / 4
const seed = Number(process.env.REORG_SEED ?? Date.now() % 2 ** 31)

/** Of one run of the property. */
const RUNS = 500

const MET_IN_BOTH = [
  'EXTENDED',
  'REORG',
  'DUPLICATE',
  'STALE',
  'NEED',
  'FINALITY_CONFLICT',
  'CHAIN_RESET_SUSPECTED',
  'GAP_TOO_LARGE',
  'FINALIZED',
  'DEFERRED',
  'RESET',
  'REPLAY',
  'FORBIDDEN',
  'INVALID',
  'IGNORED_LOWER_BRANCH',
]

const MODES = [
  ['accept', 'consecutive'],
  ['need', 'consecutive'],
  ['accept', 'sparse'],
  ['need', 'sparse'],
] as const

describe.each(MODES)('the invariants, gapPolicy %s, heights %s', (gapPolicy, heights) => {
  it('hold after every step of any history', { timeout: Math.max(120_000, 100 * goal) }, () => {
    const codes: Record<string, number> = {}
    let steps = 0
    let runs = 0
    for (let pass = 0; pass === 0 || steps < goal; pass++) {
      fc.assert(
        fc.property(configs(gapPolicy, heights), moves, fc.nat(40), fc.boolean(), (options, list, start, bare) => {
          const world = createWorld(start, bare, heights === 'sparse')
          let run = startRun(options)
          for (const move of list) {
            const { run: next, step } = advance(run, nextEvent(world, run.state, move))
            run = next
            codes[step.code] = (codes[step.code] ?? 0) + 1
            steps++
          }
        }),
        { numRuns: RUNS, seed: seed + pass },
      )
      runs += RUNS
    }
    console.log(
      `gapPolicy ${gapPolicy}, heights ${heights}, seed ${seed}: ${runs} runs, ${steps} steps, ${JSON.stringify(codes)}`,
    )
    for (const code of MET_IN_BOTH) expect(codes[code], code).toBeGreaterThan(0)
    if (gapPolicy === 'accept') expect(codes.LATE).toBeGreaterThan(0)
  })
})
