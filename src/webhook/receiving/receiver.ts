// Receives a delivery and handles it exactly once. The steps, in order, and where to read on:
//
//   1. authenticate     authenticate.ts: headers and timestamp; secrets (key-ring.ts); body (body-budget.ts, inflate.ts); signature
//   2. shake hands      handshake.ts: answers a sender that only asks whether this is the right endpoint, if an adapter has the option
//   3. take a place     concurrency-limit.ts
//   4. choose a store   deduplicate.ts: the receiver's (store-timeout.ts), the call's, or one in a transaction (transaction.ts)
//   5. handle once      handle-once.ts: identify (identity.ts), claim (claim.ts), run the handler (lease.ts), commit or release
//   6. report           report-outcome.ts: to `onOutcome`, or to a log (problem-log.ts)
//
// It is written once, for either MAC engine.

import { demandKnownNames, invalidOption } from '../../shared/webhook-error.ts'
import type { DedupeStore } from '../../stores/contract.ts'
import { refuse } from '../codes.ts'
import type { Sign } from '../proof/engine.ts'
import type { WebhookReceiverOptions } from '../receiver-options.ts'
import type { WebhookHandshake } from '../schemes/handshakes/handshake.ts'
import { authenticate, authenticatorOf, type ReceiverEngine } from './authenticate.ts'
import { shareBudget } from './body-budget.ts'
import { concurrencyLimit } from './concurrency-limit.ts'
import { deduplicator } from './deduplicate.ts'
import type { Job } from './handle-once.ts'
import { type JudgeRequest, judgeAfterHandshake, type RequestVerdict, readHandshake } from './handshake.ts'
import { identifyBy } from './identity.ts'
import { type AdapterOutcome, handlerFailed, type Outcome, type ReportDetails, refusedOutcome } from './outcome.ts'
import type {
  Abortable,
  AdapterReceiver,
  ReceiveCall,
  ReceiveInput,
  WebhookHandler,
  WebhookReceiver,
} from './receiver-contract.ts'
import { outcomeReporter } from './report-outcome.ts'
import { type ReceiverSettings, readReceiverOptions, readStore } from './settings.ts'

/** The options of a receiver that an adapter makes. */
export interface ReceiverOptionsOfAdapter extends WebhookReceiverOptions {
  readonly handshake?: WebhookHandshake | undefined
}

/** What an adapter has beside a receiver. */
export interface AdapterTerms<ImportedKey> {
  /** Its options beside those of a receiver: `handshake`, and others that it reads itself. */
  readonly optionNames: readonly string[]
  /** Makes what a handshake has to be answered with. */
  readonly sign: Sign<ImportedKey>
}

export function receiverOver<ImportedKey>(
  engine: ReceiverEngine<ImportedKey>,
  options: WebhookReceiverOptions,
): WebhookReceiver
export function receiverOver<ImportedKey>(
  engine: ReceiverEngine<ImportedKey>,
  options: ReceiverOptionsOfAdapter,
  adapter: AdapterTerms<ImportedKey>,
): AdapterReceiver
export function receiverOver<ImportedKey>(
  engine: ReceiverEngine<ImportedKey>,
  options: ReceiverOptionsOfAdapter,
  adapter?: AdapterTerms<ImportedKey>,
): AdapterReceiver {
  const settings = readReceiverOptions(options, adapter?.optionNames ?? [])
  const handshake = adapter && readHandshake(options.handshake, settings.checks.scheme)
  const authenticator = authenticatorOf(engine, options, settings)
  const judgeRequest: JudgeRequest<ImportedKey> =
    adapter && handshake
      ? judgeAfterHandshake(handshake, authenticator, adapter.sign)
      : (input, context) => authenticate(authenticator, input, context)
  const openBudget = shareBudget(settings.maxBufferedBytes)
  const limit = concurrencyLimit(settings.maxConcurrent)
  const deduplicate = deduplicator(settings, identifyBy(settings, engine.proof.digest))
  const reportOutcome = outcomeReporter(settings)

  return Object.freeze({
    async receive(input: ReceiveInput, handle: WebhookHandler, call: ReceiveCall = {}): Promise<AdapterOutcome> {
      checkCall(handle, call, settings)
      const { dedupe, signal, log } = call
      const startedAt = performance.now()
      const details: ReportDetails = {}
      const verdict = await authenticateInput(input, signal, details)
      let outcome: AdapterOutcome
      if (!verdict.ok) outcome = refusedOutcome(verdict)
      else if (verdict.code === 'handshake') outcome = verdict
      else {
        const { delivery, ring } = verdict
        const { namespace } = ring
        outcome = await handleWithinLimit({ delivery, namespace, handle, signal, details }, dedupe)
      }
      reportOutcome(outcome, details, startedAt, log)
      return outcome
    },
  })

  async function authenticateInput(
    input: ReceiveInput,
    signal: Abortable | undefined,
    details: ReportDetails,
  ): Promise<RequestVerdict<ImportedKey>> {
    const budget = openBudget()
    try {
      return await judgeRequest(input, { signal, budget, details })
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
