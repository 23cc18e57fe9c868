// Step 6, verdict: whether a secret that is still valid made the signature.

import { refuse, type VerificationRefusal } from '../codes.ts'
import type { Key } from '../secrets.ts'
import { Delivery, type VerifiedDelivery } from '../verified-delivery.ts'
import type { Head } from './head.ts'
import type { Time } from './timestamp.ts'

/** The verdict on a delivery: the verified delivery, or a refusal with one of the codes that `verify` can give. */
export type Verification =
  | {
      readonly ok: true
      readonly status: 200
      readonly code: 'ok'
      readonly message: string
      readonly delivery: VerifiedDelivery
    }
  | VerificationRefusal

/** A delivery that has passed every check but the last: its signature has not been compared yet. */
export interface Unproven {
  readonly ok: true
  readonly head: Head
  readonly time: Time
  readonly body: Uint8Array
}

/** The verdict, once it is known which keys made the signature. The first match that has not expired counts. */
export function conclude(
  scheme: string,
  { head, time, body }: Unproven,
  keys: readonly Key[],
  matches: readonly boolean[],
): Verification {
  let hasExpired = false
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    if (!key || matches[i] !== true) continue
    if (time.now < key.expiresAt) {
      const delivery = new Delivery(scheme, head, time.timestamp, body, key.id)
      return { ok: true, status: 200, code: 'ok', message: 'The delivery is genuine.', delivery }
    }
    hasExpired = true
  }
  if (hasExpired) return refuse('previous_secret_expired', 'The signature was made with a secret that has expired.')
  return refuse('signature_mismatch', 'No configured secret makes this signature over this body.')
}
