// Telling what is the application's to mend, where it has no `onOutcome`: a webhook that fails in silence is found out by its sender's
// customers.

import type { WebhookCode } from '../codes.ts'
import type { Notes, Outcome, OutcomeReport } from './outcome.ts'
import type { ReceiveCall } from './receiver-contract.ts'

const OURS: readonly WebhookCode[] = ['missing_secret', 'body_already_parsed', 'handler_failed', 'store_unavailable']

/** Whether an outcome is the application's to mend, and nobody else has told it so. */
export function isWorthLogging({ code }: Pick<Outcome, 'code'>, { problem, error }: Notes): boolean {
  if (problem !== undefined) return true
  // In Express and Fastify: an answer of the application's own, which the framework has logged where it was an error.
  if (error instanceof Error && error.name === 'ApplicationDeclined') return false
  return OURS.includes(code)
}

/** Says what went wrong, once per cause and minute; gives back what the logger gave. */
export type ProblemLog = (report: OutcomeReport, log: ReceiveCall['log']) => unknown

interface Cause {
  /** When it may be said again, by `performance.now()`. */
  readonly quietUntil: number
  leftOut: number
}

export function problemLog(): ProblemLog {
  const causes = new Map<string, Cause>()
  return (report, log = logToConsole) => {
    const now = performance.now()
    const name = placeFor(causes, causeOf(report), now)
    const cause = causes.get(name)
    if (cause && now < cause.quietUntil) {
      cause.leftOut++
      return undefined
    }
    causes.set(name, { quietUntil: now + MINUTE_MS, leftOut: 0 })
    return log(describe(report, cause?.leftOut ?? 0), report)
  }
}

/** Where a cause is kept: under its own name, as long as there is room. */
function placeFor(causes: Map<string, Cause>, name: string, now: number): string {
  if (causes.has(name) || causes.size < MOST_CAUSES) return name
  for (const [each, { quietUntil }] of causes) if (now >= quietUntil) causes.delete(each)
  return causes.size < MOST_CAUSES ? name : OTHERS
}

const MINUTE_MS = 60_000
/** Errors may hold anything in their messages, so there may be any number of causes; beyond this many they count as one. */
const MOST_CAUSES = 50
const OTHERS = ''

function causeOf({ code, problem, error }: OutcomeReport): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : typeof error
  return `${code} ${problem} ${said.slice(0, 200)}`
}

function describe({ code, problem, message, scheme, deliveryId, event }: OutcomeReport, leftOut: number): string {
  const what = problem === undefined ? `${code}: ${message}` : `${problem} (${code}): ${PROBLEMS[problem]}`
  const more = leftOut === 0 ? '' : ` ${leftOut} more like this were left out since the last time.`
  // As JSON: an id is a sender's text, and must not begin a line of its own.
  const id = deliveryId === undefined ? '' : ` Delivery ${JSON.stringify(deliveryId)}.`
  const kind = event === undefined ? '' : ` Event ${JSON.stringify(event)}.`
  return `@fluxora/verify, ${scheme}: ${what}${id}${kind}${more}`
}

const PROBLEMS: Readonly<Record<NonNullable<Notes['problem']>, string>> = {
  commit_failed: 'The claim of a handled delivery could not be committed: it may run again.',
  claim_lost: 'The claim was lost before its commit: another worker may have handled the delivery too.',
  release_failed: 'The claim could not be released: the delivery cannot run again until its lease runs out.',
  unclaimed: 'The dedupe store failed, and the delivery was handled without a claim.',
}

function logToConsole(message: string, { error }: OutcomeReport): void {
  if (error === undefined) console.error(message)
  else console.error(message, error)
}
