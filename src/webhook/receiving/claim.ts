// The receiver's calls to the dedupe store. Each returns what happened and never rejects: a store may be anybody's, and may answer anything.

import type { Claim, ClaimResult, DedupeStore } from '../../stores/contract.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import type { Identify } from './identity.ts'
import type { ReportDetails } from './outcome.ts'
import type { ReceiverSettings } from './settings.ts'

/** The store's answer to a claim, or why there is none. */
export type ClaimAttempt =
  | ClaimResult
  /** The keys of the delivery could not be determined, because `dedupeKey` failed, say. The store was not asked. */
  | { readonly status: 'unidentified' }
  /** The store failed, or took too long. */
  | { readonly status: 'store_failed' }

/** A delivery to be claimed, and how. */
export interface ClaimInput {
  readonly settings: Pick<ReceiverSettings, 'leaseMs' | 'bindMs'>
  readonly identify: Identify
  readonly namespace: string
  readonly delivery: VerifiedDelivery
}

/** Claims a delivery under its keys. */
export async function claimDelivery(
  store: DedupeStore,
  { settings: { leaseMs, bindMs }, identify, namespace, delivery }: ClaimInput,
  details: ReportDetails,
): Promise<ClaimAttempt> {
  let failure: ClaimAttempt = { status: 'unidentified' }
  try {
    const keys = await identify(namespace, delivery)
    failure = { status: 'store_failed' }
    return readClaimResult(await store.claim({ keys, leaseMs, bindMs })) ?? failure
  } catch (error) {
    details.error = error
    return failure
  }
}

/** Undefined for an invalid answer. */
function readClaimResult(result: ClaimResult): ClaimResult | undefined {
  const { status } = result
  switch (status) {
    case 'claimed':
      return isObject(result.claim) ? { status, claim: result.claim } : undefined
    case 'in_progress':
      return { status, retryAfterMs: typeof result.retryAfterMs === 'number' ? result.retryAfterMs : Number.NaN }
    case 'duplicate':
    case 'conflict':
      return { status }
    default:
      return undefined
  }
}

function isObject(value: unknown): boolean {
  return Object(value) === value
}

/** Commits a claim; false if the delivery may not be remembered. */
export async function commitClaim(
  store: DedupeStore,
  claim: Claim,
  retentionMs: number,
  details: ReportDetails,
): Promise<boolean> {
  try {
    if ((await store.commit(claim, retentionMs)) !== false) return true
    details.problem = 'claim_lost'
  } catch (error) {
    details.problem = 'commit_failed'
    details.error = error
  }
  return false
}

/**
 * Releases a claim, so that the sender's next attempt is handled. If that fails, the attempt must wait for the lease to run out. The failure
 * must not hide the handler's own error.
 */
export async function releaseClaim(store: DedupeStore, claim: Claim, details: ReportDetails): Promise<void> {
  try {
    await store.release(claim)
  } catch (error) {
    details.problem = 'release_failed'
    details.error ??= error
  }
}
