// Receives a delivery and handles it exactly once. The steps, in order, and where to read on:
//
//   1. authenticate     authenticate.ts: headers and timestamp; secrets (key-ring.ts); body (body-budget.ts, inflate.ts); signature
//   2. take a place     concurrency-limit.ts
//   3. choose a store   deduplicate.ts: the receiver's (store-timeout.ts), the call's, or one in a transaction (transaction.ts)
//   4. handle once      handle-once.ts: identify (identity.ts), claim (claim.ts), run the handler (lease.ts), commit or release
//   5. report           report-outcome.ts: to `onOutcome`, or to a log (problem-log.ts)
//
// It is written once, for either MAC engine.

import { demandKnownNames, invalidOption } from '../../shared/webhook-error.ts'
import type { DedupeStore } from '../../stores/contract.ts'
import { type Refusal, refuse } from '../codes.ts'
import type { WebhookReceiverOptions } from '../receiver-options.ts'
import { type Authenticated, authenticate, authenticatorOf, type ReceiverEngine } from './authenticate.ts'
import { shareBudget } from './body-budget.ts'
import { concurrencyLimit } from './concurrency-limit.ts'
import { deduplicator } from './deduplicate.ts'
import type { Job } from './handle-once.ts'
import { identifyBy } from './identity.ts'
import { handlerFailed, type Outcome, type ReportDetails, refusedOutcome } from './outcome.ts'
import type { Abortable, ReceiveCall, ReceiveInput, WebhookHandler, WebhookReceiver } from './receiver-contract.ts'
import { outcomeReporter } from './report-outcome.ts'
import { type ReceiverSettings, readReceiverOptions, readStore } from './settings.ts'

/** `extraNames` are options that the caller reads itself. */
export function receiverOver<ImportedKey>(
  engine: ReceiverEngine<ImportedKey>,
  options: WebhookReceiverOptions,
  extraNames: readonly string[] = [],
): WebhookReceiver {
  const settings = readReceiverOptions(options, extraNames)
  const authenticator = authenticatorOf(engine, options, settings)
  const openBudget = shareBudget(settings.maxBufferedBytes)
  const limit = concurrencyLimit(settings.maxConcurrent)
  const deduplicate = deduplicator(settings, identifyBy(settings, engine.proof.digest))
  const reportOutcome = outcomeReporter(settings)

  return Object.freeze({
    async receive(input: ReceiveInput, handle: WebhookHandler, call: ReceiveCall = {}): Promise<Outcome> {
      checkCall(handle, call, settings)
      const { dedupe, signal, log } = call
      const startedAt = performance.now()
      const details: ReportDetails = {}
      const verdict = await authenticateInput(input, signal, details)
      let outcome: Outcome
      if (verdict.ok) {
        const { delivery, namespace } = verdict
        outcome = await handleWithinLimit({ delivery, namespace, handle, signal, details }, dedupe)
      } else outcome = refusedOutcome(verdict)
      reportOutcome(outcome, details, startedAt, log)
      return outcome
    },
  })

  async function authenticateInput(
    input: ReceiveInput,
    signal: Abortable | undefined,
    details: ReportDetails,
  ): Promise<Authenticated | Refusal> {
    const budget = openBudget()
    try {
      return await authenticate(authenticator, input, { signal, budget, details })
    } catch (error) {
      details.error = error // the receiver is at fault, not the sender: the `now` option is not a clock, say
      return handlerFailed()
    } finally {
      budget.giveBack()
    }
  }

  async function handleWithinLimit(job: Job, dedupe: DedupeStore | undefined): Promise<Outcome> {
    if (!limit.enter()) return refusedOutcome(refuse('overloaded', TOO_MANY), job.delivery)
    try {
      return await deduplicate(job, dedupe)
    } finally {
      limit.leave()
    }
  }
}

const TOO_MANY = 'Too many deliveries are being handled.'
const CALL_NAMES: readonly (keyof ReceiveCall)[] = ['dedupe', 'signal', 'log']

/** Misuse by the programmer throws. */
function checkCall(handle: WebhookHandler, call: ReceiveCall, { transaction }: ReceiverSettings): void {
  demandKnownNames(call, CALL_NAMES)
  if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
  if (!call.dedupe) return
  readStore(call.dedupe)
  if (transaction) throw invalidOption('dedupe', 'left out if the receiver has a transaction')
}
