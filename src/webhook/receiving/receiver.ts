// Receiving a delivery exactly once: authenticate it, claim it, handle it, then commit or release. Written once, for either MAC engine.

import { demandKnownNames, invalidOption } from '../../shared/webhook-error.ts'
import type { Refusal } from '../codes.ts'
import { readReceiverOptions, readStore, type WebhookReceiverOptions } from '../receiver-options.ts'
import { admission } from './admission.ts'
import { type Authenticated, authenticate, authenticatorOf, type ReceiverEngine } from './authenticate.ts'
import { shareBudget } from './body-budget.ts'
import { failed } from './handle-once.ts'
import { identifyBy } from './identity.ts'
import { type Notes, type Outcome, refused } from './outcome.ts'
import { outcomeTeller } from './outcome-teller.ts'
import type { ReceiveCall, ReceiveInput, WebhookHandler, WebhookReceiver } from './receiver-contract.ts'

export type {
  Abortable,
  HandlerContext,
  ReceiveCall,
  ReceiveInput,
  RunInTransaction,
  WebhookHandler,
  WebhookReceiver,
} from './receiver-contract.ts'

const CALL_NAMES: readonly (keyof ReceiveCall)[] = ['dedupe', 'signal', 'log']

/** `extraNames` are options that the caller reads by itself. */
export function receiverOver<ImportedKey>(
  engine: ReceiverEngine<ImportedKey>,
  options: WebhookReceiverOptions,
  extraNames: readonly string[] = [],
): WebhookReceiver {
  const settings = readReceiverOptions(options, extraNames)
  const authenticator = authenticatorOf(engine, options, settings)
  const admit = admission(settings, identifyBy(settings, engine.mac.digest))
  const tellOutcome = outcomeTeller(settings)
  const openBudget = shareBudget(settings.maxBufferedBytes)
  return Object.freeze({
    async receive(input: ReceiveInput, handle: WebhookHandler, call: ReceiveCall = {}): Promise<Outcome> {
      demandKnownNames(call, CALL_NAMES)
      const { dedupe, signal, log } = call
      if (typeof handle !== 'function') throw invalidOption('handle', 'a function')
      if (dedupe) readStore(dedupe)
      if (dedupe && settings.transaction) {
        throw invalidOption('dedupe', 'left out where the receiver has a transaction')
      }
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
      tellOutcome(outcome, notes, startedAt, log)
      return outcome
    },
  })
}
