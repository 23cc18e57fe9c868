// Claim, handler and commit in a transaction that the application opens and ends. It is opened only for a genuine delivery, and the sender is
// answered only after it has ended.

import { WebhookError } from '../../shared/webhook-error.ts'
import type { DedupeStore } from '../../stores/contract.ts'
import { refuse } from '../codes.ts'
import type { Job } from './handle-once.ts'
import { aborted, handlerFailed, type Outcome, refusedOutcome } from './outcome.ts'
import type { RunInTransaction } from './receiver-contract.ts'

/** What is done in the transaction; resolves to its outcome and never rejects. */
export type TransactionWork = (store: DedupeStore, context: unknown) => Promise<Outcome>

/**
 * Runs the work in the application's transaction.
 *
 * @param transaction The `transaction` option: it opens the transaction, calls `run` once, waits for it, and ends the transaction.
 */
export async function handleInTransaction(
  transaction: (run: RunInTransaction) => unknown,
  { delivery, signal, details }: Job,
  work: TransactionWork,
): Promise<Outcome> {
  if (signal?.aborted) return refusedOutcome(aborted(), delivery)
  const state: { isOver: boolean; running?: Promise<Outcome>; outcome?: Outcome } = { isOver: false }
  const run: RunInTransaction = async (dedupe, context) => {
    if (state.running || state.isOver) throw misuse('run may be called once, while the transaction function runs')
    state.running = work(dedupe, context)
    state.outcome = await state.running
    return state.outcome
  }
  const failure = await failureOf(() => transaction(run))
  state.isOver = true
  const hasWaited = state.outcome !== undefined
  const outcome = await state.running // a handler that still runs must end before the sender is answered
  if (outcome && !outcome.ok) return outcome
  if (failure) {
    details.error = failure.error
    return refusedOutcome(refuse('store_unavailable', TRANSACTION_FAILED), delivery)
  }
  if (outcome && hasWaited) return outcome
  details.error = misuse('transaction must call run, and wait for the promise that it returns')
  return refusedOutcome(handlerFailed(), delivery)
}

const TRANSACTION_FAILED = 'The transaction failed; the delivery may be sent again.'

async function failureOf(call: () => unknown): Promise<{ readonly error: unknown } | undefined> {
  try {
    await call()
    return undefined
  } catch (error) {
    return { error }
  }
}

function misuse(message: string): WebhookError {
  return new WebhookError('invalid_option', `${message}.`, 'transaction')
}
