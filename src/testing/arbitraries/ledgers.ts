// Chains as a provider shows them: growth, forks, gaps, late ledgers, lag, resets.

import * as fc from 'fast-check'
import type { ReorgEvent } from '../../reorg/event.ts'
import type { Ledger } from '../../reorg/ledger.ts'
import { type LedgerChainConstraints, readChainConstraints } from './chain-options.ts'
import { carryOut, createProvider, type Move, shownLedgers } from './provider.ts'

/** What a provider shows, and what a consumer must hold in the end. */
export interface LedgerChain {
  /** In order, for `stepReorg`. Ledgers are linked by hash, within an event and from one event to the next of the same branch. */
  readonly events: readonly ReorgEvent[]
  /** The chain at the end, oldest first, without the ledgers that were never shown. */
  readonly ledgers: readonly Ledger[]
}

/**
 * Generates chains that are shown event by event. Shrinks towards one ledger.
 *
 * @param constraints What the provider does: see {@link LedgerChainConstraints} for all options and their defaults.
 * @returns An arbitrary of `{ events, ledgers }`.
 * @throws {ReorgError} `REORG_INVALID_CONFIG` for an option that makes no sense.
 *
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(ledgerChain(), ({ events, ledgers }) => {
 *     const state = events.reduce((state, event) => stepReorg(state, event).state, createReorgState())
 *     expect(state.tip).toEqual(ledgers.at(-1))
 *   }),
 * )
 * ```
 */
export function ledgerChain(constraints: LedgerChainConstraints = {}): fc.Arbitrary<LedgerChain> {
  const { settings, maxMoves, move } = readChainConstraints(constraints)
  return fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.array(move, { maxLength: maxMoves - 1, size: 'max' }))
    .map(([count, moves]) => {
      const provider = createProvider(settings)
      const first: Move = { type: 'grow', count, again: false }
      const events = [first, ...moves].flatMap((each) => carryOut(provider, each))
      return { events, ledgers: shownLedgers(provider) }
    })
}
