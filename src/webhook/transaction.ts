// Claim, handler and commit inside a transaction of the application's, which opens and ends it: only for a delivery that is genuine, and
// with the answer held back until it has ended.

import { refuse } from './codes.ts'
import type { DedupeStore } from './dedupe.ts'
import type { VerifiedDelivery } from './delivery.ts'
import { WebhookError } from './errors.ts'
import { type Notes, type Outcome, refused } from './outcome.ts'
import type { RunInTransaction } from './receiver-contract.ts'

/** What is done inside; resolves to its outcome, whatever comes. */
export type Work = (store: DedupeStore, transaction: unknown) => Promise<Outcome>

/** Runs the work inside the application's transaction, and says what both came to. */
export async function runInside(
  transaction: (run: RunInTransaction) => unknown,
  work: Work,
  delivery: VerifiedDelivery,
  notes: Notes,
): Promise<Outcome> {
  let inside: Promise<Outcome> | undefined
  let isSettled = false
  let isOver = false
  const run: RunInTransaction = async (dedupe, context) => {
    if (inside || isOver) throw misuse('run may be called once, while the transaction function runs')
    inside = work(dedupe, context)
    const outcome = await inside
    isSettled = true
    return outcome
  }
  try {
    await transaction(run)
    isOver = true
  } catch (error) {
    isOver = true
    const outcome = await inside
    if (outcome && !outcome.ok) return outcome
    notes.error = error
    return refused(refuse('store_unavailable', 'The transaction failed; the delivery may be sent again.'), delivery)
  }
  if (isSettled) return inside as unknown as Promise<Outcome>
  await inside
  notes.error = misuse(
    inside ? 'transaction must wait for what run gives' : 'transaction must call run, and wait for what it gives',
  )
  return refused(refuse('handler_failed', 'The delivery could not be handled; it may be sent again.'), delivery)
}

function misuse(message: string): WebhookError {
  return new WebhookError('invalid_option', `${message}.`, 'transaction')
}
