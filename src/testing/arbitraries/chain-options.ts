// The options of `ledgerChain` and `reorgCommands`.

import type * as fc from 'fast-check'
import { refuseUnknownNames } from '../../reorg/config.ts'
import { ReorgError } from '../../reorg/errors.ts'
import { anyMove } from './moves.ts'
import type { Move, ProviderSettings } from './provider.ts'

/** Options of `ledgerChain` and `reorgCommands`. All counts are whole numbers. */
export interface LedgerChainConstraints {
  /** Most moves of the provider, 20 by default. A move is a growth, a fork, a gap and so on. */
  readonly maxMoves?: number | undefined
  /** Height of the first ledger, 100 by default. */
  readonly firstSequence?: number | undefined
  /**
   * How far below the highest tip a fork may begin, in ledgers, 8 by default; 0 for a chain that never forks. Ledgers that deep are neither
   * replaced nor sent late. Use at most the depth at which the consumer calls a ledger final.
   */
  readonly maxForkDepth?: number | undefined
  /** Most ledgers left out at a time, 3 by default, or 0 if `heights` is `sparse`. Some of them come late. */
  readonly maxGap?: number | undefined
  /** Most ledgers in one event, 4 by default. */
  readonly maxBatch?: number | undefined
  /** Whether a provider that lags behind shows old ledgers again, and events come twice. True by default. */
  readonly lag?: boolean | undefined
  /** Whether there are `finalized` events, false by default. The ledgers that they name are never replaced. */
  readonly finality?: boolean | undefined
  /** Whether an operator's `reset` event may announce another chain, from `firstSequence` on. False by default. */
  readonly resets?: boolean | undefined
  /** Whether ledgers name their parents, true by default. */
  readonly parentHash?: boolean | undefined
  /** Whether ledgers name the time when they closed, in Unix seconds. True by default. */
  readonly closedAt?: boolean | undefined
  /** `sparse`: heights are skipped now and then, for a tracker with the same option. `consecutive` by default. */
  readonly heights?: 'consecutive' | 'sparse' | undefined
  /** `unordered`: a ledger may have closed before its parent, for a tracker with the same option. `ordered` by default. */
  readonly closeTimes?: 'ordered' | 'unordered' | undefined
  /** `readable` (the default): `105:2` is height 105 on branch 2. `hex64`: 64 hexadecimal digits, as the preset `STELLAR` demands. */
  readonly hashFormat?: 'readable' | 'hex64' | undefined
}

/** The options as they are used. */
export interface ChainPlan {
  readonly settings: ProviderSettings
  readonly maxMoves: number
  readonly move: fc.Arbitrary<Move>
}

/** Reads the options. What makes no sense throws here, before anything is generated. */
export function readChainConstraints(constraints: LedgerChainConstraints): ChainPlan {
  if (typeof constraints !== 'object' || constraints === null) throw invalid('constraints', 'an object')
  refuseUnknownNames(constraints, NAMES)
  const heights = readChoice('heights', constraints.heights, ['consecutive', 'sparse'])
  const settings: ProviderSettings = {
    firstSequence: readCount('firstSequence', constraints.firstSequence, 100, 0, 2 ** 40),
    maxForkDepth: readCount('maxForkDepth', constraints.maxForkDepth, 8, 0, 1_000),
    maxBatch: readCount('maxBatch', constraints.maxBatch, 4, 1, 1_000),
    maxGap: readCount('maxGap', constraints.maxGap, DEFAULT_MAX_GAP[heights], 0, 1_000),
    parentHash: readFlag('parentHash', constraints.parentHash, true),
    closedAt: readFlag('closedAt', constraints.closedAt, true),
    heights,
    closeTimes: readChoice('closeTimes', constraints.closeTimes, ['ordered', 'unordered']),
    hashFormat: readChoice('hashFormat', constraints.hashFormat, ['readable', 'hex64']),
  }
  const maxMoves = readCount('maxMoves', constraints.maxMoves, 20, 1, 10_000)
  const lag = readFlag('lag', constraints.lag, true)
  const finality = readFlag('finality', constraints.finality, false)
  const resets = readFlag('resets', constraints.resets, false)
  return { settings, maxMoves, move: anyMove(settings, lag, finality, resets) }
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

/** With skipped heights, a tracker would ask for a ledger that was left out. */
const DEFAULT_MAX_GAP = { consecutive: 3, sparse: 0 }

function readCount(name: string, value: unknown, fallback: number, min: number, max: number): number {
  const count = value ?? fallback
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= min && count <= max) return count
  throw invalid(name, `a whole number from ${min} to ${max}`)
}

function readFlag(name: string, value: unknown, fallback: boolean): boolean {
  const flag = value ?? fallback
  if (typeof flag === 'boolean') return flag
  throw invalid(name, 'true or false')
}

/** The first choice is the default. */
function readChoice<Choice extends string>(name: string, value: unknown, choices: readonly [Choice, Choice]): Choice {
  const [fallback] = choices
  const choice = choices.find((each) => each === (value ?? fallback))
  if (choice !== undefined) return choice
  throw invalid(name, choices.join(' or '))
}

function invalid(name: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_CONFIG', `${name} must be ${expected}.`, name)
}
