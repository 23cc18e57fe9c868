// Handles a genuine delivery once: claim it, run the handler, then commit the claim or release it.

import type { Claim, DedupeStore } from '../../stores/contract.ts'
import { refuse } from '../codes.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import { claimDelivery, commitClaim, releaseClaim } from './claim.ts'
import type { Identify } from './identity.ts'
import { Lease, type OpenTransaction } from './lease.ts'
import {
  aborted,
  duplicateOutcome,
  handledOutcome,
  handlerFailed,
  type Outcome,
  type ReportDetails,
  refusedOutcome,
} from './outcome.ts'
import type { Abortable, WebhookHandler } from './receiver-contract.ts'
import type { ReceiverSettings } from './settings.ts'

/** A genuine delivery, and all that is needed to handle it. */
export interface Job {
  readonly delivery: VerifiedDelivery
  /** The namespace that its keys are in. */
  readonly namespace: string
  readonly handle: WebhookHandler
  readonly signal: Abortable | undefined
  readonly details: ReportDetails
}

/** Where deliveries are claimed, and how. */
export interface HandlingTerms {
  readonly settings: ReceiverSettings
  readonly identify: Identify
  readonly store: DedupeStore
  /** Present if the store is in a transaction of the application's. */
  readonly transaction?: OpenTransaction | undefined
}

/** Handles a delivery unless another worker is handling it, or has. Resolves to an outcome, whatever the store and the handler do. */
export async function handleOnce(terms: HandlingTerms, job: Job): Promise<Outcome> {
  const { settings, identify, store } = terms
  const { delivery, namespace, details } = job
  const claimedAt = performance.now()
  const attempt = await claimDelivery(store, { settings, identify, namespace, delivery }, details)
  switch (attempt.status) {
    case 'claimed':
      return handleClaimed(terms, job, attempt.claim, claimedAt)
    case 'duplicate':
      return duplicateOutcome(settings.duplicateStatus, delivery)
    case 'in_progress':
      return refusedOutcome(refuse('delivery_in_progress', IN_PROGRESS), delivery, attempt.retryAfterMs)
    case 'conflict':
      return refusedOutcome(refuse('delivery_id_conflict', CONFLICT), delivery)
    case 'unidentified':
      return refusedOutcome(refuse('handler_failed', UNKNOWN), delivery)
    case 'store_failed':
      if (settings.acceptUnclaimed) return handleUnclaimed(job)
      return refusedOutcome(refuse('store_unavailable', UNKNOWN), delivery)
  }
}

const IN_PROGRESS = 'The delivery is being handled; its outcome is not known yet.'
const CONFLICT = 'The delivery id is known with another body, or the body with another id.'
const UNKNOWN = 'It is not known whether the delivery was handled before; it may be sent again.'

/** Runs the handler under a claim. `claimedAt` is when the store was asked, by `performance.now()`. */
async function handleClaimed(
  { settings, store, transaction }: HandlingTerms,
  { delivery, handle, signal, details }: Job,
  claim: Claim,
  claimedAt: number,
): Promise<Outcome> {
  if (signal?.aborted) {
    await releaseClaim(store, claim, details)
    return refusedOutcome(aborted(), delivery)
  }
  try {
    const terms = { store, claim, leaseMs: settings.leaseMs, claimedAt, transaction }
    await Lease.run(terms, (lease) => handle(delivery, lease))
  } catch (error) {
    details.error = error
    await releaseClaim(store, claim, details)
    return refusedOutcome(handlerFailed(), delivery)
  }
  const isCommitted = await commitClaim(store, claim, settings.retentionMs, details)
  // In a transaction the handler's effects can still be undone. Without one they stay, so handling the delivery again would be worse.
  if (transaction && !isCommitted) return refusedOutcome(refuse('store_unavailable', NOT_COMMITTED), delivery)
  return handledOutcome(delivery)
}

const NOT_COMMITTED = 'The delivery may be sent again.'

/** For `onStoreFailure: 'accept'`: the application would rather handle a delivery twice than late. */
async function handleUnclaimed({ delivery, handle, signal, details }: Job): Promise<Outcome> {
  if (signal?.aborted) return refusedOutcome(aborted(), delivery)
  details.problem = 'unclaimed'
  try {
    await handle(delivery, { signal: new AbortController().signal })
  } catch (error) {
    details.error = error
    return refusedOutcome(handlerFailed(), delivery)
  }
  return handledOutcome(delivery)
}
