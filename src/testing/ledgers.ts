// Chains as a provider shows them: growth, forks, gaps, latecomers, lag, resets.

import * as fc from 'fast-check'
import { refuseUnknownNames } from '../reorg/config.ts'
import { ReorgError } from '../reorg/errors.ts'
import type { ReorgEvent } from '../reorg/event.ts'
import type { Ledger } from '../reorg/ledger.ts'
import { createProvider, type Move, type ProviderSettings, show, shownLedgers } from './provider.ts'

/** What a provider shows, and what a consumer then holds. */
export interface LedgerChain {
  /** In order; each is an event of `stepReorg`. Within one, and from one to the next of the same branch, ledgers are linked by hash. */
  readonly events: readonly ReorgEvent[]
  /** The chain at the end, oldest first, without the ledgers that were never shown. */
  readonly ledgers: readonly Ledger[]
}

/** Options of `ledgerChain` and `reorgCommands`. All counts are whole numbers. */
export interface LedgerChainConstraints {
  /**
   * Most moves of the provider: each is a growth, a fork, a gap or the like.
   *
   * @defaultValue 20
   */
  readonly maxMoves?: number | undefined
  /**
   * Height of the first ledger.
   *
   * @defaultValue 100
   */
  readonly firstSequence?: number | undefined
  /**
   * How far below the highest tip a fork may begin, 0 for a chain that never forks. A ledger that so many have stood upon is neither
   * replaced nor late any more: give the depth at which the consumer calls a ledger final, or less.
   *
   * @defaultValue 8
   */
  readonly maxForkDepth?: number | undefined
  /**
   * Most ledgers that are passed over at a time, 0 for a provider that leaves out none. Some of them come late.
   *
   * @defaultValue 3, or 0 with `heights: 'sparse'`, where a tracker asks for what is missing
   */
  readonly maxGap?: number | undefined
  /**
   * Most ledgers in one event.
   *
   * @defaultValue 4
   */
  readonly maxBatch?: number | undefined
  /**
   * Whether a provider that lags behind shows old ledgers again, and events come twice.
   *
   * @defaultValue true
   */
  readonly lag?: boolean | undefined
  /**
   * Whether there are `finalized` events. What they name is never replaced.
   *
   * @defaultValue false
   */
  readonly finality?: boolean | undefined
  /**
   * Whether the network is reset, told by an operator's `reset` event: then another chain begins at `firstSequence`.
   *
   * @defaultValue false
   */
  readonly resets?: boolean | undefined
  /**
   * Whether ledgers name their parents.
   *
   * @defaultValue true
   */
  readonly parentHash?: boolean | undefined
  /**
   * Whether ledgers name the time at which they closed, in Unix seconds.
   *
   * @defaultValue true
   */
  readonly closedAt?: boolean | undefined
  /**
   * `sparse`: heights are skipped now and then, as null rounds and empty slots are. For a tracker with the same option.
   *
   * @defaultValue 'consecutive'
   */
  readonly heights?: 'consecutive' | 'sparse' | undefined
  /**
   * `unordered`: a ledger may have closed before its parent, as Bitcoin's blocks say of themselves. For a tracker with the same option.
   *
   * @defaultValue 'ordered'
   */
  readonly closeTimes?: 'ordered' | 'unordered' | undefined
  /**
   * `readable`: `105:2` is height 105 on branch 2. `hex64`: 64 hexadecimal digits, as the preset `STELLAR` demands.
   *
   * @defaultValue 'readable'
   */
  readonly hashFormat?: 'readable' | 'hex64' | undefined
}

/**
 * Chains that are shown event by event. Shrinks towards one ledger.
 *
 * @throws {ReorgError} `REORG_INVALID_CONFIG` for options that make no sense
 * @example
 * fc.property(ledgerChain(), ({ events, ledgers }) => {
 *   const state = events.reduce((state, event) => stepReorg(state, event).state, createReorgState())
 *   expect(state.tip).toEqual(ledgers.at(-1))
 * })
 */
export function ledgerChain(constraints: LedgerChainConstraints = {}): fc.Arbitrary<LedgerChain> {
  const plan = readChainConstraints(constraints)
  return fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.array(plan.move, { maxLength: plan.maxMoves - 1, size: 'max' }))
    .map(([count, moves]) => {
      const provider = createProvider(plan.settings)
      const events = [{ type: 'grow', count, again: false } as const, ...moves].flatMap((move) => show(provider, move))
      return { events, ledgers: shownLedgers(provider) }
    })
}

/** @internal */
export interface ChainPlan {
  readonly settings: ProviderSettings
  readonly maxMoves: number
  readonly move: fc.Arbitrary<Move>
}

const NAMES: readonly (keyof LedgerChainConstraints)[] = [
  'maxMoves',
  'firstSequence',
  'maxForkDepth',
  'maxGap',
  'maxBatch',
  'lag',
  'finality',
  'resets',
  'parentHash',
  'closedAt',
  'heights',
  'closeTimes',
  'hashFormat',
]

/** @internal Reads the options; what makes no sense throws here, before anything is generated. */
export function readChainConstraints(constraints: LedgerChainConstraints): ChainPlan {
  if (typeof constraints !== 'object' || constraints === null) throw invalid('constraints', 'an object')
  refuseUnknownNames(constraints, NAMES)
  const count = (name: keyof LedgerChainConstraints, fallback: number, min: number, max: number): number => {
    const value = constraints[name] ?? fallback
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
    throw invalid(name, `a whole number from ${min} to ${max}`)
  }
  const flag = (name: keyof LedgerChainConstraints, fallback: boolean): boolean => {
    const value = constraints[name] ?? fallback
    if (typeof value === 'boolean') return value
    throw invalid(name, 'true or false')
  }
  const choice = <Choice extends string>(name: keyof LedgerChainConstraints, first: Choice, other: Choice): Choice => {
    const value = constraints[name] ?? first
    if (value === first || value === other) return value as Choice
    throw invalid(name, `${first} or ${other}`)
  }
  const heights = choice<'consecutive' | 'sparse'>('heights', 'consecutive', 'sparse')
  const settings: ProviderSettings = {
    firstSequence: count('firstSequence', 100, 0, 2 ** 40),
    maxForkDepth: count('maxForkDepth', 8, 0, 1_000),
    maxBatch: count('maxBatch', 4, 1, 1_000),
    maxGap: count('maxGap', heights === 'sparse' ? 0 : 3, 0, 1_000),
    parentHash: flag('parentHash', true),
    closedAt: flag('closedAt', true),
    heights,
    closeTimes: choice<'ordered' | 'unordered'>('closeTimes', 'ordered', 'unordered'),
    hashFormat: choice<'readable' | 'hex64'>('hashFormat', 'readable', 'hex64'),
  }
  const maxMoves = count('maxMoves', 20, 1, 10_000)
  return {
    settings,
    maxMoves,
    move: moves(settings, flag('lag', true), flag('finality', false), flag('resets', false)),
  }
}

function moves(
  { maxForkDepth, maxGap }: ProviderSettings,
  lag: boolean,
  finality: boolean,
  resets: boolean,
): fc.Arbitrary<Move> {
  const again = lag ? fc.boolean() : fc.constant(false)
  const count = fc.integer({ min: 1, max: 5 })
  const back = fc.nat(Math.max(maxForkDepth, 8))
  const weighted = (weight: number, arbitrary: fc.Arbitrary<Move>): fc.WeightedArbitrary<Move> => ({
    weight,
    arbitrary,
  })
  const possible = [weighted(5, fc.record({ type: fc.constant('grow' as const), count, again }))]
  if (maxForkDepth > 0) {
    const depth = fc.integer({ min: 1, max: maxForkDepth })
    possible.push(
      weighted(4, fc.record({ type: fc.constant('fork' as const), depth, count, headFirst: fc.boolean(), again })),
    )
  }
  if (lag) possible.push(weighted(2, fc.record({ type: fc.constant('lag' as const), depth: back, count, again })))
  if (maxGap > 0) {
    const missing = fc.integer({ min: 1, max: maxGap })
    possible.push(weighted(2, fc.record({ type: fc.constant('gap' as const), missing, count, again })))
    possible.push(weighted(2, fc.record({ type: fc.constant('late' as const), depth: fc.nat(4), again })))
  }
  if (finality) possible.push(weighted(2, fc.record({ type: fc.constant('finalize' as const), depth: back, again })))
  if (resets) possible.push(weighted(1, fc.record({ type: fc.constant('reset' as const), count, again })))
  return fc.oneof({ withCrossShrink: true }, ...possible)
}

function invalid(name: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_CONFIG', `${name} must be ${expected}.`, name)
}
