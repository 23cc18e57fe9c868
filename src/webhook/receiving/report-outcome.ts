// Who is told of an outcome: `onOutcome`, or without one the log.

import type { ReceiverSettings } from '../receiver-options.ts'
import { type Notes, type Outcome, reportOf } from './outcome.ts'
import { isWorthLogging, problemLog } from './problem-log.ts'
import type { ReceiveCall } from './receiver-contract.ts'

export type TellOutcome = (outcome: Outcome, notes: Notes, startedAt: number, log: ReceiveCall['log']) => void

export function outcomeTeller({ onOutcome, checks }: Pick<ReceiverSettings, 'onOutcome' | 'checks'>): TellOutcome {
  const { name } = checks.scheme
  const logProblem = problemLog()
  return (outcome, notes, startedAt, log) => {
    if (onOutcome) tell(() => onOutcome(reportOf(outcome, name, startedAt, notes)))
    else if (onOutcome === undefined && isWorthLogging(outcome, notes)) {
      tell(() => logProblem(reportOf(outcome, name, startedAt, notes), log))
    }
  }
}

/** A logger that fails, or takes its time, must not turn a handled delivery into a failed one. */
function tell(call: () => unknown): void {
  try {
    const told = call()
    if (told instanceof Promise) told.catch(() => {})
  } catch {}
}
