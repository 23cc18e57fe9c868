/**
 * The state machine: one event in, the next state and its effects out. Synchronous, total, no clock, no I/O.
 *
 * @module
 */
import { type ReorgStep, refuse } from './effects.ts'
import { stepFinalized } from './finality.ts'
import { stepLedgers } from './ledgers.ts'
import { stepReplay, stepReset } from './operator.ts'
import type { ReorgState } from './state.ts'
import { check, isSequence, type ReorgEvent, readLedgers, readPoint, readText, reasonOf } from './validate.ts'

/**
 * Takes one event into the state.
 *
 * Never throws and never mutates, whatever it is given as an event: what is no event is `INVALID` with a reason and the very
 * same state. An event is taken whole or not at all. Store `state` and carry out `effects` in one transaction; if the process
 * dies before that, the same step gives the same answer again.
 *
 * Trusted for: nothing beyond the window. A ledger inside the finality depth that comes with another hash undoes ours and what
 * stands on it; at or below `finalizedLedger` it is refused, latched into health, and nothing is undone.
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
  let step: () => ReorgStep
  try {
    step = readEvent(state, event)
  } catch (problem) {
    return refuse(state, 'INVALID', reasonOf(problem), [], 400)
  }
  // Not tried: what would be thrown here is no fault of the event.
  return step()
}

/** The step that an event asks for, with a copy of all it needs; throws for what is no event. */
function readEvent(state: ReorgState, event: unknown): () => ReorgStep {
  // What is no object has no type either.
  const { type, ledgers, source, sequence, hash, actor, reason, from, to } = Object(event) as Record<string, unknown>
  if (type === 'ledgers') {
    const named = source === undefined ? source : readText(source, 'any', 'source')
    const shown = readLedgers(ledgers, state.config)
    return () => stepLedgers(state, shown, named)
  }
  if (type === 'finalized') {
    const point = readPoint(sequence, hash, state.config)
    return () => stepFinalized(state, point)
  }
  check(type === 'reset' || type === 'replay', 'type: must be known')
  // Who may not command is told so before the command is looked at.
  if (actor !== 'operator' || typeof reason !== 'string' || reason.length > 1000 || !/\S/.test(reason)) {
    return () => refuse(state, 'FORBIDDEN', 'actor: must be an operator with a reason', [], 403)
  }
  if (type === 'reset') return () => stepReset(state, reason)
  check(typeof from !== 'bigint' && typeof to !== 'bigint', 'from, to: must be numbers, not bigints: use Number()')
  check(isSequence(from) && isSequence(to) && from <= to, 'from, to: must be ascending')
  return () => stepReplay(state, from, to)
}
