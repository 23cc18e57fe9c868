// Claim, handler and commit inside a transaction of the application's, which opens and ends it: only for a delivery that is genuine, and
// with the answer held back until it has ended.

import { WebhookError } from '../../shared/webhook-error.ts'
import type { DedupeStore } from '../../stores/contract.ts'
import { refuse } from '../codes.ts'
import { failed, type Job } from './handle-once.ts'
import { type Outcome, refused } from './outcome.ts'
import type { RunInTransaction } from './receiver-contract.ts'

/** What is done inside; resolves to its outcome, whatever comes. */
export type Work = (store: DedupeStore, transaction: unknown) => Promise<Outcome>

/** Runs the work inside the application's transaction, and says what both came to. */
export async function runInside(
  transaction: (run: RunInTransaction) => unknown,
  { delivery, notes }: Job,
  work: Work,
): Promise<Outcome> {
  const state: { isOver: boolean; inside?: Promise<Outcome>; outcome?: Outcome } = { isOver: false }
  const run: RunInTransaction = async (dedupe, context) => {
    if (state.inside || state.isOver) throw misuse('run may be called once, while the transaction function runs')
    state.inside = work(dedupe, context)
    state.outcome = await state.inside
    return state.outcome
  }
  const failure = await failureOf(() => transaction(run))
  state.isOver = true
  const hasWaited = state.outcome !== undefined
  const outcome = await state.inside // the answer must not leave while the handler runs
  if (outcome && !outcome.ok) return outcome
  if (failure) {
    notes.error = failure.error
    return refused(refuse('store_unavailable', 'The transaction failed; the delivery may be sent again.'), delivery)
  }
  if (outcome && hasWaited) return outcome
  notes.error = misuse('transaction must call run, and wait for what it gives')
  return refused(failed(), delivery)
}

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
