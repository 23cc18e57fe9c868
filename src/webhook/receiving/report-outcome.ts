// Reports each outcome: to `onOutcome`, or, without one, to a log if the application should know.

import { type AdapterOutcome, type ReportDetails, reportOf } from './outcome.ts'
import { isWorthLogging, problemLog } from './problem-log.ts'
import type { ReceiveCall } from './receiver-contract.ts'
import type { ReceiverSettings } from './settings.ts'

/** `startedAt` is by `performance.now()`; `log` is where to report to without `onOutcome`. */
export type ReportOutcome = (
  outcome: AdapterOutcome,
  details: ReportDetails,
  startedAt: number,
  log: ReceiveCall['log'],
) => void

export function outcomeReporter({ onOutcome, checks }: Pick<ReceiverSettings, 'onOutcome' | 'checks'>): ReportOutcome {
  const { name } = checks.scheme
  const logProblem = problemLog()
  return (outcome, details, startedAt, log) => {
    const report = () => reportOf(outcome, name, performance.now() - startedAt, details)
    if (onOutcome) ignoringErrors(() => onOutcome(report()))
    else if (onOutcome === undefined && isWorthLogging(outcome, details)) {
      ignoringErrors(() => logProblem(report(), log))
    }
  }
}

/** A logger that fails, or is slow, must not turn a handled delivery into a failed one. */
function ignoringErrors(call: () => unknown): void {
  try {
    const result = call()
    if (result instanceof Promise) result.catch(() => {})
  } catch {}
}
