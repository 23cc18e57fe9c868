/**
 * What a tracker may be told about its chain, and what it assumes when it is told nothing.
 *
 * @module
 */
import { describeUnknownName, findUnknownName } from '../shared/options.ts'
import { ReorgError } from './errors.ts'
import { isWhole } from './validate.ts'

/** Options of `createReorgState`. All counts are in ledgers; all have defaults. */
export interface ReorgOptions {
  /** How far `lastSafeLedger` stays behind the tip: 0 or more. Default 1. */
  readonly safetyMargin?: number
  /** How many ledgers must stand above one before nothing a provider says can undo it: 1 or more. Default 64. */
  readonly finalityDepth?: number
  /** `depth` (default): depth and `finalized` events move finality. `external`: only `finalized` events do. */
  readonly finality?: 'depth' | 'external'
  /** How many ledgers are held: more than `finalityDepth`, at most 65,536. Default 128, or `finalityDepth + 1` if that is more. */
  readonly history?: number
  /** How many undone ledgers are remembered for `resumeReorg`: 0 to 65,536. Default 64, or `finalityDepth` if that is more. */
  readonly orphans?: number
  /** A ledger from above the next height: `accept` (default) takes it and reports the hole, `need` asks for what is missing. */
  readonly gapPolicy?: 'accept' | 'need'
  /** Most heights that may be missing between the last linked ledger and an island: beyond it the step is GAP_TOO_LARGE. Default 17,280. */
  readonly maxGap?: number
  /**
   * `consecutive` (default): each height has a ledger. `sparse`: heights may be skipped, and a link by `parentHash` is a link,
   * however many heights lie between. A ledger that names a parent which is not held is then never passed over: it is `NEED`.
   */
  readonly heights?: 'consecutive' | 'sparse'
  /** `ordered` (default): close times only grow along a chain. `unordered`: they may go back, as Bitcoin's do, and prove nothing. */
  readonly closeTimes?: 'ordered' | 'unordered'
  /** A competing branch: `latest` (default) follows what was shown last, `higher` only a branch that ends above the tip. */
  readonly switchRule?: 'latest' | 'higher'
  /** Refuse ledgers without a `parentHash`. Default false. */
  readonly requireParent?: boolean
  /** How far above the replaced ledger the tip must grow before `reorgDetected` clears: 0 or more. Default 5. */
  readonly recoveryLedgers?: number
  /** Most ledgers in one event: 1 or more. Default 10,000. */
  readonly maxBatch?: number
  /** `any` (default), or `hex64`: hashes are 64 lowercase hexadecimal digits. */
  readonly hashFormat?: 'any' | 'hex64'
}

/** The options with every default filled in, as a state carries them. */
export type ReorgConfig = Required<ReorgOptions>

/**
 * For consumers that take Stellar's finality at its word: a ledger is final as soon as another stands on it.
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

const LIMIT = 65_536

/** Fills in the defaults; throws a ReorgError on anything that makes no sense. */
export function resolveConfig(options: ReorgOptions): ReorgConfig {
  const config: Record<string, unknown> = {}
  const demand = (fact: boolean, name: string, expected: string): void => {
    if (!fact) throw new ReorgError('REORG_INVALID_CONFIG', `${name} must be ${expected}.`, name)
  }
  const count = (name: keyof ReorgOptions, fallback: number, min = 0, max = LIMIT): number => {
    const value = options[name] ?? fallback
    demand(isWhole(value, min, max), name, `a whole number, ${min} to ${max}`)
    config[name] = value
    return value as number
  }
  // The first choice is the default.
  const choice = (name: keyof ReorgOptions, ...choices: readonly unknown[]): void => {
    const value = options[name] ?? choices[0]
    demand(choices.includes(value), name, choices.join(' or '))
    config[name] = value
  }
  demand(Object(options) === options, 'options', 'an object')
  count('safetyMargin', 1)
  const depth = count('finalityDepth', 64, 1, LIMIT - 1)
  choice('finality', 'depth', 'external')
  count('history', Math.max(128, depth + 1), depth + 1)
  count('orphans', Math.max(64, depth))
  choice('gapPolicy', 'accept', 'need')
  count('maxGap', 17_280, 0, Infinity)
  choice('heights', 'consecutive', 'sparse')
  choice('closeTimes', 'ordered', 'unordered')
  choice('switchRule', 'latest', 'higher')
  choice('requireParent', false, true)
  count('recoveryLedgers', 5)
  count('maxBatch', 10_000, 1)
  choice('hashFormat', 'any', 'hex64')
  refuseUnknownNames(options, Object.keys(config))
  return config as unknown as ReorgConfig
}

/** A misspelt option would otherwise leave its default in force, unseen. */
export function refuseUnknownNames(options: object, known: readonly string[]): void {
  const name = findUnknownName(options, known)
  if (name !== undefined) throw new ReorgError('REORG_INVALID_CONFIG', describeUnknownName(name, known), name)
}
