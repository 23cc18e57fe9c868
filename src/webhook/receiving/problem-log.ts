// Logs problems that the application must fix, if it has no `onOutcome`. A webhook that fails silently is first noticed by the sender's
// customers.

import type { WebhookCode } from '../codes.ts'
import type { AdapterOutcome, OutcomeReport, ReceiveProblem, ReportDetails } from './outcome.ts'
import type { ReceiveCall } from './receiver-contract.ts'

/** Refusals that are the receiver's fault, not the sender's. */
const OUR_FAULT: readonly WebhookCode[] = [
  'missing_secret',
  'body_already_parsed',
  'handler_failed',
  'store_unavailable',
]

/** Whether the application must do something about an outcome, and has not been told already. */
export function isWorthLogging({ code }: Pick<AdapterOutcome, 'code'>, { problem, error }: ReportDetails): boolean {
  if (problem !== undefined) return true
  // In Express and Fastify: an answer that the application chose. If it was an error, the framework has logged it.
  if (error instanceof Error && error.name === 'ApplicationDeclined') return false
  return OUR_FAULT.includes(code)
}

/** Logs a problem unless its cause was logged within the last minute; returns what the logger returned. */
export type ProblemLog = (report: OutcomeReport, log: ReceiveCall['log']) => unknown

interface Cause {
  /** Until when it is not logged again, by `performance.now()`. */
  readonly quietUntil: number
  /** How many problems with this cause were not logged. */
  suppressed: number
}

const MINUTE_MS = 60_000
/** Error messages may contain anything, so there is no end of causes. Any beyond these count as one. */
const MAX_CAUSES = 50
const OTHER_CAUSES = ''

export function problemLog(): ProblemLog {
  const causes = new Map<string, Cause>()
  return (report, log = logToConsole) => {
    const now = performance.now()
    const name = slotFor(causes, causeOf(report), now)
    const cause = causes.get(name)
    if (cause && now < cause.quietUntil) {
      cause.suppressed++
      return undefined
    }
    causes.set(name, { quietUntil: now + MINUTE_MS, suppressed: 0 })
    return log(describe(report, cause?.suppressed ?? 0), report)
  }
}

/** The name that a cause is kept under: its own, if there is room. */
function slotFor(causes: Map<string, Cause>, name: string, now: number): string {
  if (causes.has(name) || causes.size < MAX_CAUSES) return name
  for (const [each, { quietUntil }] of causes) if (now >= quietUntil) causes.delete(each)
  if (causes.size < MAX_CAUSES) return name
  return OTHER_CAUSES
}

function causeOf({ code, problem, error }: OutcomeReport): string {
  return `${code} ${problem} ${describeError(error).slice(0, 200)}`
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error
}

function describe(report: OutcomeReport, suppressed: number): string {
  const sentences = [`@fluxora/verify, ${report.scheme}: ${describeFailure(report)}`]
  // As JSON: an id is the sender's text, and must not begin a new line in the log.
  if (report.deliveryId !== undefined) sentences.push(`Delivery ${JSON.stringify(report.deliveryId)}.`)
  if (report.event !== undefined) sentences.push(`Event ${JSON.stringify(report.event)}.`)
  if (suppressed > 0) sentences.push(`${suppressed} more like this were left out since the last time.`)
  return sentences.join(' ')
}

function describeFailure({ code, problem, message }: OutcomeReport): string {
  if (problem === undefined) return `${code}: ${message}`
  return `${problem} (${code}): ${PROBLEMS[problem]}`
}

const PROBLEMS: Readonly<Record<ReceiveProblem, string>> = {
  commit_failed: 'The claim of a handled delivery could not be committed, so the delivery may run again.',
  claim_lost: 'The claim was lost before it was committed, so another worker may have handled the delivery too.',
  release_failed: 'The claim could not be released, so the delivery cannot run again until its lease runs out.',
  unclaimed: 'The dedupe store failed, and the delivery was handled without a claim.',
}

function logToConsole(message: string, { error }: OutcomeReport): void {
  if (error === undefined) console.error(message)
  else console.error(message, error)
}
