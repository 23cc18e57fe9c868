// What a step answers: a code for the provider, a state to store, and effects for the consumer's tables.

import type { ReorgEffect } from './effects.ts'
import type { ReorgState } from './state.ts'

/**
 * What became of an event, with its HTTP status.
 *
 * | code | status | state |
 * |---|---|---|
 * | `EXTENDED` | 200 | new ledgers on top of the tip |
 * | `REORG` | 200 | a branch was undone, another applied |
 * | `LATE` | 200 | a ledger was inserted below the tip |
 * | `DUPLICATE` | 200 | all ledgers were known: unchanged |
 * | `STALE` | 200 | too old to judge, from a provider that lags: unchanged |
 * | `IGNORED_LOWER_BRANCH` | 200 | a branch that does not end above ours, with `switchRule: 'higher'`: unchanged |
 * | `NEED` | 409 | ledgers are missing below these; fetch the range and send it with them |
 * | `GAP_TOO_LARGE` | 409 | more than `maxGap` heights above the last linked ledger: unchanged |
 * | `FINALITY_CONFLICT` | 409 | contradicts a final ledger: nothing undone, kept in `conflict` |
 * | `CHAIN_RESET_SUSPECTED` | 409 | old heights with newer close times: nothing undone, kept in `conflict` |
 * | `FORK_BELOW_ANCHOR` | 409 | forks from ledgers no longer held: nothing undone, kept in `conflict` |
 * | `FINALIZED` | 200 | finality moved |
 * | `DEFERRED` | 202 | finality of a ledger that has not come: remembered |
 * | `IGNORED` | 200 | final already: unchanged |
 * | `RESET`, `REPLAY` | 200 | an operator's command was carried out |
 * | `OUT_OF_RANGE` | 409 | a replay of ledgers that are not held: unchanged |
 * | `FORBIDDEN` | 403 | an operator's command without the role or a reason: unchanged |
 * | `INVALID` | 400 | not an event: unchanged |
 */
export type ReorgCode =
  | 'EXTENDED'
  | 'REORG'
  | 'LATE'
  | 'DUPLICATE'
  | 'STALE'
  | 'IGNORED_LOWER_BRANCH'
  | 'NEED'
  | 'GAP_TOO_LARGE'
  | 'FINALITY_CONFLICT'
  | 'CHAIN_RESET_SUSPECTED'
  | 'FORK_BELOW_ANCHOR'
  | 'FINALIZED'
  | 'DEFERRED'
  | 'IGNORED'
  | 'RESET'
  | 'REPLAY'
  | 'OUT_OF_RANGE'
  | 'FORBIDDEN'
  | 'INVALID'

/** The HTTP statuses that an event can be answered with. */
export type ReorgStatus = 200 | 202 | 400 | 403 | 409

/** The answer to one event. */
export interface ReorgStep {
  /** True if `status` is below 400. */
  readonly ok: boolean
  readonly status: ReorgStatus
  readonly code: ReorgCode
  /** The state to store; the very object that was passed in if nothing changed. */
  readonly state: ReorgState
  /** To be carried out in order, in the transaction that stores `state`. */
  readonly effects: readonly ReorgEffect[]
  /** What is wrong, for a log or the provider: one sentence, present if `ok` is false. It never repeats the input. */
  readonly reason?: string
}

/** The answer to an event that was taken in, or that needs nothing. */
export function accept(
  state: ReorgState,
  code: ReorgCode,
  effects: readonly ReorgEffect[],
  status: 200 | 202 = 200,
): ReorgStep {
  return { ok: true, status, code, state, effects }
}

/** The answer to an event that was not taken in. */
export function reject(
  state: ReorgState,
  code: ReorgCode,
  reason: string,
  effects: readonly ReorgEffect[] = [],
  status: 400 | 403 | 409 = 409,
): ReorgStep {
  return { ok: false, status, code, state, effects, reason }
}
