// The state machine: one event in, the next state and its effects out. Synchronous, total, without a clock or I/O.

import { type ReorgStep, reject } from './answer.ts'
import type { ReorgEvent } from './event.ts'
import { stepFinalized } from './finalized.ts'
import { readEvent } from './input/request.ts'
import { stepLedgers } from './ledgers.ts'
import { stepReplay, stepReset } from './operator.ts'
import type { ReorgState } from './state.ts'

/**
 * Takes one event into the state. An event is taken whole or not at all, and the input is never changed. Store `state` and carry out
 * `effects` in one transaction: if the process dies before that, the same step gives the same answer again.
 *
 * A ledger with another hash than ours undoes our ledger and those above it. But nothing at `finalizedLedger` or below is ever undone:
 * such an event is rejected, and `conflict` keeps it until the chain has grown past it.
 *
 * @param state The state before, as `createReorgState`, `parseReorgState` or the last step gave it.
 * @param event Any value. What is not an event is answered `INVALID`, with a reason and the very same state.
 * @returns The next state, the code of the answer, and the effects to carry out. It never throws, whatever the event is.
 *
 * @example
 * ```ts
 * const { code, status, state, effects } = stepReorg(previous, { type: 'ledgers', ledgers: page, source: 'horizon-1' })
 * for (const effect of effects) {
 *   if (effect.type === 'rollback') for (const ledger of effect.undo) await remove(ledger)
 *   if (effect.type === 'apply' || effect.type === 'late') await insert(effect.ledger)
 * }
 * ```
 */
export function stepReorg(state: ReorgState, event: ReorgEvent): ReorgStep {
  const request = readEvent(event, state.config)
  switch (request.kind) {
    case 'ledgers':
      return stepLedgers(state, request.ledgers, request.source)
    case 'finalized':
      return stepFinalized(state, request.point)
    case 'reset':
      return stepReset(state, request.reason)
    case 'replay':
      return stepReplay(state, request.from, request.to)
    case 'forbidden':
      return reject(state, 'FORBIDDEN', 'actor must be "operator", with a reason of 1 to 1000 characters.', [], 403)
    case 'invalid':
      return reject(state, 'INVALID', request.reason, [], 400)
  }
}
