// A provider's moves as fast-check commands: model-based tests of an indexer, whatever it is made of.

import * as fc from 'fast-check'
import { ReorgError } from '../reorg/errors.ts'
import type { ReorgEvent } from '../reorg/event.ts'
import { type LedgerChainConstraints, readChainConstraints } from './ledgers.ts'
import {
  canShow,
  createProvider,
  type Move,
  type Provider,
  type ProviderSettings,
  show,
  shownLedgers,
} from './provider.ts'

/** What is asked of the indexer under test: an adapter of a few lines. Each method may return a promise. */
export interface LedgerIndexer {
  /** Hands it what the provider shows, by the way on which it comes in production. */
  take(event: ReorgEvent): unknown
  /** What it holds as the chain, oldest first. */
  ledgers(): LedgerIdentities | Promise<LedgerIdentities>
  /** Stops and starts it again over the same store. Left out, it is never restarted. */
  restart?(): unknown
}

/** Ledgers by height and hash; other members are not looked at. */
export type LedgerIdentities = readonly { readonly sequence: number; readonly hash: string }[]

/** What the indexer should hold. Begin each run with `{ ledgers: [] }`. */
export interface LedgerModel {
  ledgers: LedgerIdentities
}

/** Options of `reorgCommands`. */
export interface ReorgCommandsConstraints extends LedgerChainConstraints {
  /**
   * How many of its newest ledgers the indexer keeps.
   *
   * @defaultValue all of them
   */
  readonly heldLedgers?: number | undefined
}

/**
 * Commands for `fc.asyncModelRun`: the provider grows, forks, lags, leaves out ledgers and sends them late, the indexer is restarted, and
 * after each command it must hold the provider's chain, after each event ledgers of one chain. Shrinks towards few commands; the failure says which ledger is not as it should be.
 *
 * @throws {ReorgError} `REORG_INVALID_CONFIG` for options that make no sense
 * @example
 * fc.asyncProperty(reorgCommands({ maxGap: 0 }), (commands) =>
 *   fc.asyncModelRun(() => ({ model: { ledgers: [] }, real: indexerOver(emptyDatabase()) }), commands),
 * )
 */
export function reorgCommands(
  constraints: ReorgCommandsConstraints = {},
): fc.Arbitrary<Iterable<fc.AsyncCommand<LedgerModel, LedgerIndexer>>> {
  const { heldLedgers, ...rest } = constraints
  const held = heldLedgers ?? Number.POSITIVE_INFINITY
  if (heldLedgers !== undefined && !(Number.isSafeInteger(heldLedgers) && heldLedgers > 0))
    throw new ReorgError('REORG_INVALID_CONFIG', 'heldLedgers must be a whole number from 1.', 'heldLedgers')
  const { settings, move, maxMoves } = readChainConstraints(rest)
  const shows = move.map((each) => showCommand(settings, each, held))
  const restarts = fc.constant(restartCommand(held))
  return fc.commands([shows, shows, shows, shows, restarts], { maxCommands: maxMoves, size: 'max' })
}

type Command = fc.AsyncCommand<LedgerModel, LedgerIndexer>

// Kept beside the model, so that a test can begin with an empty list and need not know of the provider.
const providers: WeakMap<LedgerModel, Provider> = /* @__PURE__ */ new WeakMap()

function providerOf(model: LedgerModel, settings: ProviderSettings): Provider {
  const provider = providers.get(model) ?? createProvider(settings)
  providers.set(model, provider)
  return provider
}

function showCommand(settings: ProviderSettings, move: Move, held: number): Command {
  const { type, again, ...how } = move
  const name = `${type}(${Object.entries(how)
    .map((entry) => entry.join(': '))
    .join(', ')})${again ? ' twice' : ''}`
  return {
    check: (model) => canShow(providerOf(model, settings), move),
    async run(model, indexer) {
      const provider = providerOf(model, settings)
      for (const event of show(provider, move)) {
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

/** Between two events of one move it is the indexer's to say what it holds, but that must be of one chain. */
function checkLinks(name: string, { known, settings }: Provider, ledgers: LedgerIdentities): void {
  if (!settings.parentHash) return
  for (const [index, ledger] of ledgers.entries()) {
    const below = ledgers[index - 1]
    const parent = known.get(known.get(ledger.hash)?.parentHash ?? '')
    // A parent from above what is below was never shown, or has not been taken in yet.
    if (!below || below.hash === parent?.hash || (parent && parent.sequence > below.sequence)) continue
    if (!parent && below.sequence !== ledger.sequence - 1) continue
    throw new Error(`In ${name} the indexer holds ${print(ledger)} upon ${print(below)}, which is not its parent.`)
  }
}

async function compare(name: string, { ledgers }: LedgerModel, indexer: LedgerIndexer, held: number): Promise<void> {
  const expected = ledgers.slice(-held)
  const actual = [...(await indexer.ledgers())].slice(-held)
  for (let at = 0; at < Math.max(expected.length, actual.length); at++) {
    const [wanted, found] = [print(expected[at]), print(actual[at])]
    if (wanted !== found)
      throw new Error(`After ${name} the indexer holds ${found} where the provider's chain has ${wanted}.`)
  }
}

function print(ledger: LedgerIdentities[number] | undefined): string {
  return ledger ? `ledger ${ledger.sequence} with the hash ${ledger.hash}` : 'no ledger'
}
