// The way back: undoes a step in a consumer's list, for a consumer that must step back outside a transaction.

import type { ReorgEffect, RollbackEffect } from '../effects.ts'
import { ReorgError } from '../errors.ts'

/**
 * Inverts the effects of a step: carried out, the result leads a consumer's list back to what it was before `effects`. Applied ledgers are
 * rolled back, undone ones applied again, late ones taken out, and `safe` is reversed. Effects that do not change the list (`finalize`,
 * `need`, `gap`, `warn`, `recovered`) are left out.
 *
 * @param effects The effects of one step, or of several in order.
 * @returns Effects to carry out in order.
 * @throws {ReorgError} `REORG_NOT_INVERTIBLE` for an operator's reset, whose undo list covers the window only.
 *
 * @example
 * ```ts
 * for (const effect of invertEffects(step.effects)) await carryOut(effect)
 * ```
 */
export function invertEffects(effects: readonly ReorgEffect[]): readonly ReorgEffect[] {
  return [...effects].reverse().flatMap((effect) => invert(effect))
}

function invert(effect: ReorgEffect): readonly ReorgEffect[] {
  switch (effect.type) {
    case 'apply':
      return [{ type: 'rollback', to: effect.after, undo: [effect.ledger] }]
    case 'rollback':
      return applyAgain(effect)
    case 'late':
      if (effect.remove) return [{ type: 'late', ledger: effect.ledger }]
      return [{ ...effect, remove: true }]
    case 'safe':
      return [{ type: 'safe', sequence: effect.previous, previous: effect.sequence, wentBack: !effect.wentBack }]
    default:
      return []
  }
}

function applyAgain({ all, to, undo }: RollbackEffect): readonly ReorgEffect[] {
  if (all) {
    const message = 'A reset cannot be inverted, because its undo list covers the window only.'
    throw new ReorgError('REORG_NOT_INVERTIBLE', message)
  }
  let after = to
  return [...undo].reverse().map((ledger) => {
    const effect: ReorgEffect = { type: 'apply', ledger, after }
    after = ledger.sequence
    return effect
  })
}
