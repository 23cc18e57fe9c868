// Which moves a provider may make, and how often.

import * as fc from 'fast-check'
import type { Move, ProviderSettings } from './provider.ts'

/** Generates one move of the provider. The simplest comes first, since counterexamples shrink towards it. */
export function anyMove(
  { maxForkDepth, maxGap }: ProviderSettings,
  lag: boolean,
  finality: boolean,
  resets: boolean,
): fc.Arbitrary<Move> {
  const again = lag ? fc.boolean() : fc.constant(false)
  const count = fc.integer({ min: 1, max: 5 })
  const back = fc.nat(Math.max(maxForkDepth, 8))
  const possible: fc.WeightedArbitrary<Move>[] = []
  const add = (weight: number, arbitrary: fc.Arbitrary<Move>): void => void possible.push({ weight, arbitrary })

  add(5, fc.record({ type: fc.constant('grow'), count, again }))
  if (maxForkDepth > 0) {
    const depth = fc.integer({ min: 1, max: maxForkDepth })
    add(4, fc.record({ type: fc.constant('fork'), depth, count, headFirst: fc.boolean(), again }))
  }
  if (lag) add(2, fc.record({ type: fc.constant('lag'), depth: back, count, again }))
  if (maxGap > 0) {
    add(2, fc.record({ type: fc.constant('gap'), missing: fc.integer({ min: 1, max: maxGap }), count, again }))
    add(2, fc.record({ type: fc.constant('late'), depth: fc.nat(4), again }))
  }
  if (finality) add(2, fc.record({ type: fc.constant('finalize'), depth: back, again }))
  if (resets) add(1, fc.record({ type: fc.constant('reset'), count, again }))
  return fc.oneof({ withCrossShrink: true }, ...possible)
}
