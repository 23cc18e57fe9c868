// A provider's moves as fast-check commands, for model-based tests of any indexer.

import * as fc from 'fast-check'
import { ReorgError } from '../../reorg/errors.ts'
import type { ReorgEvent } from '../../reorg/event.ts'
import type { Ledger } from '../../reorg/ledger.ts'
import { type LedgerChainConstraints, readChainConstraints } from './chain-options.ts'
import {
  canCarryOut,
  carryOut,
  createProvider,
  type Move,
  type Provider,
  type ProviderSettings,
  shownLedgers,
} from './provider.ts'

/** The indexer under test, behind an adapter of a few lines. Each method may return a promise. */
export interface LedgerIndexer {
  /** Gives it what the provider shows, the same way as in production. */
  take(event: ReorgEvent): unknown
  /** The chain that it holds, oldest first. */
  ledgers(): LedgerIdentities | Promise<LedgerIdentities>
  /** Stops it and starts it again over the same store. Without this method it is never restarted. */
  restart?(): unknown
}

/** Ledgers by height and hash. Other members are ignored. */
export type LedgerIdentities = readonly { readonly sequence: number; readonly hash: string }[]

/** What the indexer should hold. Begin each run with `{ ledgers: [] }`. */
export interface LedgerModel {
  ledgers: LedgerIdentities
}

/** Options of `reorgCommands`. */
export interface ReorgCommandsConstraints extends LedgerChainConstraints {
  /** How many of its newest ledgers the indexer keeps, all of them by default. */
  readonly heldLedgers?: number | undefined
}

/**
 * Generates commands for `fc.asyncModelRun`: the provider grows, forks, lags, leaves out ledgers and sends them late, and the indexer is
 * restarted. After each event the indexer must hold ledgers of one chain, and after each command the provider's chain. A failure names the
 * ledger that is wrong. Shrinks towards few commands.
 *
 * @param constraints What the provider does: see {@link LedgerChainConstraints}. `heldLedgers`: all by default.
 * @returns An arbitrary of command lists.
 * @throws {ReorgError} `REORG_INVALID_CONFIG` for an option that makes no sense.
 *
 * @example
 * ```ts
 * await fc.assert(
 *   fc.asyncProperty(reorgCommands({ maxGap: 0 }), (commands) =>
 *     fc.asyncModelRun(() => ({ model: { ledgers: [] }, real: indexerOver(emptyDatabase()) }), commands),
 *   ),
 * )
 * ```
 */
export function reorgCommands(
  constraints: ReorgCommandsConstraints = {},
): fc.Arbitrary<Iterable<fc.AsyncCommand<LedgerModel, LedgerIndexer>>> {
  const { heldLedgers, ...rest } = constraints
  if (heldLedgers !== undefined && !(Number.isSafeInteger(heldLedgers) && heldLedgers > 0))
    throw new ReorgError('REORG_INVALID_CONFIG', 'heldLedgers must be a whole number from 1.', 'heldLedgers')
  const held = heldLedgers ?? Number.POSITIVE_INFINITY
  const { settings, move, maxMoves } = readChainConstraints(rest)
  const moves = move.map((each) => moveCommand(settings, each, held))
  const restarts = fc.constant(restartCommand(held))
  return fc.commands([moves, moves, moves, moves, restarts], { maxCommands: maxMoves, size: 'max' })
}

type Command = fc.AsyncCommand<LedgerModel, LedgerIndexer>

function moveCommand(settings: ProviderSettings, move: Move, held: number): Command {
  const name = nameOf(move)
  return {
    check: (model) => canCarryOut(providerOf(model, settings), move),
    async run(model, indexer) {
      const provider = providerOf(model, settings)
      for (const event of carryOut(provider, move)) {
        await indexer.take(event)
        checkLinks(name, provider, await indexer.ledgers())
      }
      model.ledgers = shownLedgers(provider)
      await compare(name, model, indexer, held)
    },
    toString: () => name,
  }
}

function restartCommand(held: number): Command {
  return {
    check: () => true,
    async run(model, indexer) {
      await indexer.restart?.()
      await compare('restart()', model, indexer, held)
    },
    toString: () => 'restart()',
  }
}

/** As it would be called: `fork(depth: 1, count: 2, headFirst: false)`, with `twice` behind it if its events are repeated. */
function nameOf({ type, again, ...options }: Move): string {
  const list = Object.entries(options).map((entry) => entry.join(': '))
  const call = `${type}(${list.join(', ')})`
  if (again) return `${call} twice`
  return call
}

// Kept beside the model, so a test can begin with an empty list and need not know about the provider.
const providers: WeakMap<LedgerModel, Provider> = /* @__PURE__ */ new WeakMap()

function providerOf(model: LedgerModel, settings: ProviderSettings): Provider {
  const provider = providers.get(model) ?? createProvider(settings)
  providers.set(model, provider)
  return provider
}

/** Between two events of one move, the indexer may hold any ledgers that could be of one chain. */
function checkLinks(name: string, { known, settings }: Provider, ledgers: LedgerIdentities): void {
  if (!settings.parentHash) return
  for (const [index, ledger] of ledgers.entries()) {
    const below = ledgers[index - 1]
    if (!below || mayFollow(known, ledger, below)) continue
    throw new Error(
      `During ${name} the indexer holds ${print(ledger)} on top of ${print(below)}, which is not its parent.`,
    )
  }
}

function mayFollow(
  known: ReadonlyMap<string, Ledger>,
  ledger: LedgerIdentities[number],
  below: LedgerIdentities[number],
): boolean {
  const parent = known.get(known.get(ledger.hash)?.parentHash ?? '')
  if (!parent) return below.sequence !== ledger.sequence - 1
  // A parent that is higher than the ledger below was never shown, or has not been taken in yet.
  return below.hash === parent.hash || parent.sequence > below.sequence
}

async function compare(name: string, { ledgers }: LedgerModel, indexer: LedgerIndexer, held: number): Promise<void> {
  const expected = ledgers.slice(-held)
  const actual = [...(await indexer.ledgers())].slice(-held)
  for (let at = 0; at < Math.max(expected.length, actual.length); at++) {
    const [wanted, found] = [print(expected[at]), print(actual[at])]
    if (wanted !== found)
      throw new Error(`After ${name} the indexer holds ${found}, but the provider's chain has ${wanted} there.`)
  }
}

function print(ledger: LedgerIdentities[number] | undefined): string {
  if (!ledger) return 'no ledger'
  return `ledger ${ledger.sequence} with the hash ${ledger.hash}`
}
