// Third part of a step on ledgers: what the new window means for finality, for what is safe, and for the facts that the state keeps until
// the chain has grown past them.

import { accept, type ReorgStep } from './answer.ts'
import type { Draft } from './apply.ts'
import { conflictOf, warningOf } from './conflict.ts'
import { finalByDepth, judgeFinality, moveFinality } from './finality.ts'
import { sequenceOf } from './ledger.ts'

/** Ends a step whose draft has its new tip and window. */
export function settle(draft: Draft): ReorgStep {
  const { next, code, effects } = draft
  const { conflict } = next
  // The ledgers that were asked for have come, or the chain went another way. If neither, the next ledger asks again.
  if (code !== 'LATE') next.need = null
  if (conflict && sequenceOf(next.tip) > conflict.tip) next.conflict = null
  settleFinality(draft)
  if (code !== 'REORG') settleRecovery(draft)
  return accept(next, code, effects)
}

/** Moves finality and what is safe. A step with a gap never moves finality: one liar's ledger from far ahead must not. */
function settleFinality({ next, effects, hasGap }: Draft): void {
  const { config, deferred, finalizedLedger } = next
  if (hasGap) {
    moveFinality(next, finalizedLedger, effects)
    return
  }
  let final = finalizedLedger
  if (config.finality === 'depth') final = Math.max(final, finalByDepth(next))
  if (deferred) {
    const verdict = judgeFinality(next, deferred)
    if (verdict.kind !== 'open') next.deferred = null
    if (verdict.kind === 'agrees') final = Math.max(final, deferred.sequence)
    if (verdict.kind === 'differs') {
      next.conflict = conflictOf(verdict, next.tip)
      effects.push(warningOf(verdict, next.tip))
    }
  }
  moveFinality(next, final, effects)
}

/** Clears the flag of a reorg once the new branch has outgrown it. */
function settleRecovery({ next, effects }: Draft): void {
  const { config, recovery, lastSafeLedger } = next
  const sequence = sequenceOf(next.tip)
  if (!recovery || lastSafeLedger <= recovery.safeMark) return
  if (sequence <= recovery.ledger + config.recoveryLedgers) return
  next.reorgDetected = false
  next.recovery = null
  effects.push({ type: 'recovered', sequence })
}
