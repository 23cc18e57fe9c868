// What a tracker can be told about its chain, and what it assumes otherwise.

import { rejectUnknownNames } from '../shared/options.ts'
import { ReorgError } from './errors.ts'
import { isWhole } from './input/guards.ts'

/** Options of `createReorgState`. All counts are in ledgers; all have defaults. */
export interface ReorgOptions {
  /** How far `lastSafeLedger` stays behind the tip, 0 or more. Default 1. */
  readonly safetyMargin?: number
  /** How many ledgers must be above one before no provider can undo it, 1 or more. Default 64. */
  readonly finalityDepth?: number
  /** `depth` (default): depth and `finalized` events move finality. `external`: only `finalized` events do. */
  readonly finality?: 'depth' | 'external'
  /** How many ledgers are held: more than `finalityDepth`, at most 65,536. Default 128, or `finalityDepth + 1` if that is more. */
  readonly history?: number
  /** How many undone ledgers are remembered for `resumeReorg`, 0 to 65,536. Default 64, or `finalityDepth` if that is more. */
  readonly orphans?: number
  /** For a ledger above the next height: `accept` (default) takes it and reports the gap, `need` asks for what is missing. */
  readonly gapPolicy?: 'accept' | 'need'
  /**
   * Most heights that may be missing between the last linked ledger and one that nothing ties to it. Beyond it the answer is
   * `GAP_TOO_LARGE`. Default 17,280, a day of Stellar ledgers.
   */
  readonly maxGap?: number
  /**
   * `consecutive` (default): each height has a ledger. `sparse`: heights may be skipped, and a `parentHash` links two ledgers however
   * many heights lie between. A ledger whose parent is not held is then answered `NEED`.
   */
  readonly heights?: 'consecutive' | 'sparse'
  /** `ordered` (default): close times only grow along a chain. `unordered`: they may go back, as Bitcoin's do, and prove nothing. */
  readonly closeTimes?: 'ordered' | 'unordered'
  /** For a competing branch: `latest` (default) follows the one shown last, `higher` only one that ends above our chain. */
  readonly switchRule?: 'latest' | 'higher'
  /** Reject ledgers without a `parentHash`. Default false. */
  readonly requireParent?: boolean
  /** How far above the replaced ledger the tip must grow before `reorgDetected` clears, 0 or more. Default 5. */
  readonly recoveryLedgers?: number
  /** Most ledgers in one event, 1 or more. Default 10,000. */
  readonly maxBatch?: number
  /** `any` (default): 1 to 128 printable ASCII characters. `hex64`: 64 lowercase hexadecimal digits. */
  readonly hashFormat?: 'any' | 'hex64'
}

/** The options with every default filled in, as the state holds them. */
export type ReorgConfig = Required<ReorgOptions>

/**
 * Options for Stellar, if you trust its finality: a ledger is final as soon as another one follows it.
 *
 * @example
 * ```ts
 * let state = createReorgState({ ...STELLAR, gapPolicy: 'need' })
 * ```
 */
export const STELLAR: {
  readonly safetyMargin: 1
  readonly finalityDepth: 1
  readonly hashFormat: 'hex64'
} = /* @__PURE__ */ Object.freeze({ safetyMargin: 1, finalityDepth: 1, hashFormat: 'hex64' })

/** The largest count, if nothing else limits it. */
const LIMIT = 65_536

type CountName = 'safetyMargin' | 'finalityDepth' | 'history' | 'orphans' | 'maxGap' | 'recoveryLedgers' | 'maxBatch'

/** Fills in the defaults, and throws a {@link ReorgError} if an option makes no sense. */
export function resolveConfig(options: ReorgOptions): ReorgConfig {
  if (Object(options) !== options) throw invalidOption('options', 'an object')
  const finalityDepth = readCount(options, 'finalityDepth', 64, 1, LIMIT - 1)
  const config: ReorgConfig = {
    safetyMargin: readCount(options, 'safetyMargin', 1, 0),
    finalityDepth,
    finality: readChoice(options, 'finality', ['depth', 'external']),
    history: readCount(options, 'history', Math.max(128, finalityDepth + 1), finalityDepth + 1),
    orphans: readCount(options, 'orphans', Math.max(64, finalityDepth), 0),
    gapPolicy: readChoice(options, 'gapPolicy', ['accept', 'need']),
    maxGap: readCount(options, 'maxGap', 17_280, 0, Infinity),
    heights: readChoice(options, 'heights', ['consecutive', 'sparse']),
    closeTimes: readChoice(options, 'closeTimes', ['ordered', 'unordered']),
    switchRule: readChoice(options, 'switchRule', ['latest', 'higher']),
    requireParent: readChoice(options, 'requireParent', [false, true]),
    recoveryLedgers: readCount(options, 'recoveryLedgers', 5, 0),
    maxBatch: readCount(options, 'maxBatch', 10_000, 1),
    hashFormat: readChoice(options, 'hashFormat', ['any', 'hex64']),
  }
  refuseUnknownNames(options, Object.keys(config))
  return config
}

function readCount(options: ReorgOptions, name: CountName, fallback: number, min: number, max = LIMIT): number {
  const value: unknown = options[name] ?? fallback
  if (isWhole(value, min, max)) return value
  const range = max === Infinity ? `${min} or more` : `${min} to ${max}`
  throw invalidOption(name, `a whole number, ${range}`)
}

/** The first choice is the default. */
function readChoice<Choice>(
  options: ReorgOptions,
  name: keyof ReorgOptions,
  choices: readonly [Choice, Choice],
): Choice {
  const value: unknown = options[name] ?? choices[0]
  const choice = choices.find((one) => one === value)
  if (choice !== undefined) return choice
  throw invalidOption(name, choices.join(' or '))
}

function invalidOption(name: string, expected: string): ReorgError {
  return new ReorgError('REORG_INVALID_CONFIG', `${name} must be ${expected}.`, name)
}

/** A misspelt option would otherwise leave its default in force, and nobody would notice. */
export function refuseUnknownNames(options: object, known: readonly string[]): void {
  rejectUnknownNames(options, known, (name, message) => new ReorgError('REORG_INVALID_CONFIG', message, name))
}
