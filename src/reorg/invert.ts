/**
 * The way back: what undoes a step in a consumer's list, for a consumer that must take a step back outside a transaction.
 *
 * @module
 */
import type { ReorgEffect } from './effects.ts'
import { ReorgError } from './errors.ts'

/**
 * Effects that lead a consumer's list back to what it was before `effects`: applied ledgers are rolled back, undone ones
 * applied again, late ones taken out. What is no change of the list (`finalize`, `need`, `gap`, `warn`, `recovered`) is left
 * out; `safe` is turned round.
 *
 * Throws a `ReorgError` (`REORG_NOT_INVERTIBLE`) for an operator's reset: its undo list covers the window only.
 *
 * @example
 * ```ts
 * for (const effect of invertEffects(step.effects)) await carryOut(effect)
 * ```
 */
export function invertEffects(effects: readonly ReorgEffect[]): readonly ReorgEffect[] {
  return effects
    .slice()
    .reverse()
    .flatMap((effect) => invert(effect))
}

function invert(effect: ReorgEffect): ReorgEffect[] {
  switch (effect.type) {
    case 'apply':
      return [{ type: 'rollback', to: effect.after, undo: [effect.ledger] }]
    case 'rollback': {
      if (effect.all)
        throw new ReorgError(
          'REORG_NOT_INVERTIBLE',
          'A reset cannot be inverted: its undo list covers the window only.',
        )
      let after = effect.to
      return effect.undo
        .slice()
        .reverse()
        .map((ledger) => {
          const apply: ReorgEffect = { type: 'apply', ledger, after }
          after = ledger.sequence
          return apply
        })
    }
    case 'late':
      return [effect.remove ? { type: 'late', ledger: effect.ledger } : { ...effect, remove: true }]
    case 'safe':
      return [{ type: 'safe', sequence: effect.previous, previous: effect.sequence, wentBack: !effect.wentBack }]
    default:
      return []
  }
}
