// A genuine delivery's way through the store: claim, handle, then commit or release.

import type { Claim, ClaimResult, DedupeStore } from '../../stores/contract.ts'
import { type Refusal, refuse } from '../codes.ts'
import type { ReceiverSettings } from '../receiver-options.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import type { Identify } from './identity.ts'
import { Lease } from './lease.ts'
import { aborted, duplicate, handled, type Notes, type Outcome, refused } from './outcome.ts'
import type { Abortable, WebhookHandler } from './receiver-contract.ts'

/** A delivery that is to be handled, and all that belongs to it. */
export interface Job {
  readonly delivery: VerifiedDelivery
  readonly namespace: string
  readonly handle: WebhookHandler
  readonly signal: Abortable | undefined
  readonly notes: Notes
}

/** A transaction that the store, the handler and what it writes are in. */
export interface Inside {
  readonly transaction: unknown
}

/** Resolves to an outcome, whatever the store and the handler do. */
export async function handleOnce(
  settings: ReceiverSettings,
  identify: Identify,
  store: DedupeStore,
  job: Job,
  inside?: Inside,
): Promise<Outcome> {
  const { delivery, handle, signal, notes } = job
  const askedAt = performance.now()
  const answer = await claim(settings, identify, store, job)
  if ('code' in answer) {
    const isAccepted = answer.code === 'store_unavailable' && settings.acceptUnclaimed
    return isAccepted ? handleUnclaimed(job) : refused(answer, delivery)
  }
  if (answer.status !== 'claimed') return known(answer, settings.duplicateStatus, delivery)
  if (signal?.aborted) {
    await release(store, answer.claim, notes)
    return refused(aborted(), delivery)
  }
  try {
    const terms = { store, claim: answer.claim, leaseMs: settings.leaseMs, askedAt, inside }
    await Lease.run(terms, (lease) => handle(delivery, lease))
  } catch (error) {
    notes.error = error
    await release(store, answer.claim, notes)
    return refused(failed(), delivery)
  }
  const isCommitted = await commit(store, answer.claim, settings.retentionMs, notes)
  // Outside of a transaction the effect stands, and running it again would be worse. Inside, it can still be undone.
  if (inside && !isCommitted) return refused(refuse('store_unavailable', 'The delivery may be sent again.'), delivery)
  return handled(delivery)
}

/** What is answered where somebody has the delivery, or had it. */
function known(
  answer: Exclude<ClaimResult, { readonly status: 'claimed' }>,
  duplicateStatus: 200 | 409,
  delivery: VerifiedDelivery,
): Outcome {
  if (answer.status === 'duplicate') return duplicate(duplicateStatus, delivery)
  if (answer.status === 'in_progress') {
    const refusal = refuse('delivery_in_progress', 'The delivery is being handled; its outcome is not known yet.')
    return refused(refusal, delivery, answer.retryAfterMs)
  }
  const message = 'The delivery id is known with another body, or the body with another id.'
  return refused(refuse('delivery_id_conflict', message), delivery)
}

export function failed(): Refusal {
  return refuse('handler_failed', 'The delivery could not be handled; it may be sent again.')
}

/** The store cannot be asked, and the application would rather handle a delivery twice than late. */
async function handleUnclaimed({ delivery, handle, signal, notes }: Job): Promise<Outcome> {
  if (signal?.aborted) return refused(aborted(), delivery)
  notes.problem = 'unclaimed'
  try {
    await handle(delivery, { signal: new AbortController().signal })
  } catch (error) {
    notes.error = error
    return refused(failed(), delivery)
  }
  return handled(delivery)
}

async function claim(
  { leaseMs, bindMs }: ReceiverSettings,
  identify: Identify,
  store: DedupeStore,
  { delivery, namespace, notes }: Job,
): Promise<ClaimResult | Refusal> {
  let code: 'handler_failed' | 'store_unavailable' = 'handler_failed'
  try {
    const keys = await identify(namespace, delivery)
    code = 'store_unavailable'
    const answer = readAnswer(await store.claim({ keys, leaseMs, bindMs }))
    if (answer) return answer
  } catch (error) {
    notes.error = error
  }
  return refuse(code, 'Whether the delivery was handled before could not be found out; it may be sent again.')
}

/** A store may be anybody's: an answer that is none counts as none. */
function readAnswer(answer: ClaimResult): ClaimResult | undefined {
  const { status } = answer
  if (status === 'claimed') return Object(answer.claim) === answer.claim ? { status, claim: answer.claim } : undefined
  if (status === 'duplicate' || status === 'conflict') return { status }
  if (status !== 'in_progress') return undefined
  const { retryAfterMs } = answer
  return { status, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : Number.NaN }
}

async function commit(store: DedupeStore, held: Claim, retentionMs: number, notes: Notes): Promise<boolean> {
  try {
    if ((await store.commit(held, retentionMs)) !== false) return true
    notes.problem = 'claim_lost'
  } catch (error) {
    notes.problem = 'commit_failed'
    notes.error = error
  }
  return false
}

/** A failed release costs the sender the rest of the lease, nothing more. It must not hide the handler's own error. */
async function release(store: DedupeStore, held: Claim, notes: Notes): Promise<void> {
  try {
    await store.release(held)
  } catch (error) {
    notes.problem = 'release_failed'
    notes.error ??= error
  }
}
