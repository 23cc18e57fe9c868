// Receiving a delivery exactly once: authenticate it, claim it, handle it, then commit or release. Written once, for either MAC engine.

import { type Authenticated, authenticate, type ReceiverEngine } from './authenticate.ts'
import { shareBudget } from './body-budget.ts'
import { type Refusal, refuse } from './codes.ts'
import { invalidOption } from './errors.ts'
import { failed, handleOnce, type Job } from './handle-once.ts'
import { identifyBy } from './identity.ts'
import { keyRingOf } from './key-ring.ts'
import { aborted, type Notes, type Outcome, refused, reportOf } from './outcome.ts'
import { isWorthLogging, problemLog } from './problem-log.ts'
import type { ReceiveCall, ReceiveInput, WebhookHandler, WebhookReceiver } from './receiver-contract.ts'
import { readReceiverOptions, readStore, type WebhookReceiverOptions } from './receiver-options.ts'
import { timely } from './timely-store.ts'
import { runInside } from './transaction.ts'

export type {
  Abortable,
  HandlerContext,
  ReceiveCall,
  ReceiveInput,
  RunInTransaction,
  WebhookHandler,
  WebhookReceiver,
} from './receiver-contract.ts'

/** `extraNames` are options that the caller reads by itself. */
export function receiverOver<ImportedKey>(
  engine: ReceiverEngine<ImportedKey>,
  options: WebhookReceiverOptions,
  extraNames: readonly string[] = [],
): WebhookReceiver {
  const settings = readReceiverOptions(options, extraNames)
  const { maxConcurrent, onOutcome, storeTimeoutMs, transaction } = settings
  const { scheme } = settings.checks
  const checks = settings.inflate ? { ...settings.checks, encodings: engine.inflater.encodings() } : settings.checks
  const authenticator = { engine, checks, findKeys: keyRingOf(engine.mac, options, settings) }
  const identify = identifyBy({ ...settings, scheme }, engine.mac.digest)
  // The default store lives in this process and answers at once; any other one may hang.
  const usualStore = options.dedupe === undefined ? settings.store : timely(settings.store, storeTimeoutMs, true)
  const openBudget = shareBudget(settings.maxBufferedBytes)
  const logProblem = problemLog()
  let active = 0

  async function admit(job: Job, dedupe: ReceiveCall['dedupe']): Promise<Outcome> {
    const { delivery, signal, notes } = job
    if (active >= maxConcurrent)
      return refused(refuse('overloaded', 'Too many deliveries are being handled.'), delivery)
    active++
    try {
      if (!transaction) {
        const store = dedupe ? timely(dedupe, storeTimeoutMs, false) : usualStore
        return await handleOnce(settings, identify, store, job)
      }
      if (signal?.aborted) return refused(aborted(), delivery)
      return await runInside(
        transaction,
        (store, context) =>
          handleOnce(settings, identify, timely(readStore(store), storeTimeoutMs, false), job, {
            transaction: context,
          }),
        delivery,
        notes,
      )
    } finally {
      active--
    }
  }

  function report(outcome: Outcome, notes: Notes, startedAt: number, log: ReceiveCall['log']): void {
    if (onOutcome) tell(() => onOutcome(reportOf(outcome, scheme.name, startedAt, notes)))
    else if (onOutcome === undefined && isWorthLogging(outcome, notes)) {
      tell(() => logProblem(reportOf(outcome, scheme.name, startedAt, notes), log))
    }
  }

  return Object.freeze({
    async receive(input: ReceiveInput, handle: WebhookHandler, call: ReceiveCall = {}): Promise<Outcome> {
      const { dedupe, signal, log } = call
      if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
      if (dedupe) readStore(dedupe)
      if (dedupe && transaction) throw invalidOption('dedupe', 'left out where the receiver has a transaction')
      const startedAt = performance.now()
      const notes: Notes = {}
      const budget = openBudget()
      let verdict: Authenticated | Refusal
      try {
        verdict = await authenticate(authenticator, input, { signal, budget, notes })
      } catch (error) {
        notes.error = error // a clock that is no clock, say: the receiver is at fault, not the sender
        verdict = failed()
      } finally {
        budget.giveBack()
      }
      const outcome = verdict.ok
        ? // Member by member: a spread costs more than the rest of this function (Node 20).
          await admit({ delivery: verdict.delivery, namespace: verdict.namespace, handle, signal, notes }, dedupe)
        : refused(verdict)
      report(outcome, notes, startedAt, log)
      return outcome
    },
  })
}

/** A logger that fails, or takes its time, must not turn a handled delivery into a failed one. */
function tell(call: () => unknown): void {
  try {
    const told = call()
    if (told instanceof Promise) told.catch(() => {})
  } catch {}
}
