import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { advance, startRun } from './support.ts'
import { configs, createWorld, moves, nextEvent } from './world.ts'

describe.each(['accept', 'need'] as const)('the invariants, gapPolicy %s', (gapPolicy) => {
  it('hold after every step of any history', () => {
    const codes: Record<string, number> = {}
    let steps = 0
    fc.assert(
      fc.property(configs(gapPolicy), moves, fc.nat(40), fc.boolean(), (options, list, start, bare) => {
        const world = createWorld(start, bare)
        let run = startRun(options)
        for (const move of list) {
          const { run: next, step } = advance(run, nextEvent(world, run.state, move))
          run = next
          codes[step.code] = (codes[step.code] ?? 0) + 1
          steps++
        }
      }),
      { numRuns: 1500 },
    )
    console.log(`${gapPolicy}: ${steps} steps`, codes)
    for (const code of [
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
    ]) {
      expect(codes[code], code).toBeGreaterThan(0)
    }
    if (gapPolicy === 'accept') expect(codes.LATE).toBeGreaterThan(0)
  })
})
