// The Fluxora contract as its document writes it: one call, the headers passed one by one. See the backend's README, "Canonical
// verification rules". `createWebhookVerifier` is the same checks for any scheme and any bag of headers.

import { checkBody, checkTimestamp, DEFAULT_MAX_BODY_BYTES, isRefusal, matchKey, type WebhookBody } from './checks.ts'
import { type Refusal, refuse, WEBHOOK_STATUS, type WebhookCode } from './codes.ts'
import { invalidOption, readNumber } from './errors.ts'
import { nodeMac } from './mac-node.ts'
import { fluxora } from './schemes/fluxora.ts'
import { type Key, readSecrets } from './secrets.ts'
import { isBeyondSeconds, looksLikeMilliseconds, readClock, systemClock } from './unix-seconds.ts'

/** One delivery's headers and body, the secrets, and the limits. */
export interface VerifyWebhookSignatureInput {
  readonly secret?: string | Uint8Array | undefined
  /** The secret before the last rotation. Without `previousSecretRotatedAt` it is valid as long as it is passed. */
  readonly secretPrevious?: string | Uint8Array | undefined
  /** Unix seconds. A time in the future is misuse and throws. */
  readonly previousSecretRotatedAt?: number | undefined
  /** How long the previous secret stays valid, its last second included; 86,400 by default. */
  readonly graceWindowSeconds?: number | undefined
  readonly deliveryId?: string | undefined
  readonly timestamp?: string | undefined
  readonly signature?: string | undefined
  /** The bytes of the request exactly as received; text stands for its UTF-8 bytes. */
  readonly rawBody: WebhookBody
  /** 300 by default, both ways, inclusive. */
  readonly toleranceSeconds?: number | undefined
  /** 262,144 by default, inclusive. */
  readonly maxBodyBytes?: number | undefined
  /** Unix seconds or a Date; the system's clock by default. */
  readonly now?: number | Date | undefined
  /** Asked only after the signature was found valid. For an atomic claim use `createWebhookReceiver`. */
  readonly isDuplicateDelivery?: ((deliveryId: string) => boolean) | undefined
}

/** The contract's verdict. `usedPreviousSecret` stands only where the previous secret matched. */
export interface WebhookVerificationResult {
  readonly ok: boolean
  readonly status: number
  readonly code: WebhookCode
  readonly message: string
  readonly usedPreviousSecret?: true
}

/**
 * Verifies one Fluxora delivery.
 *
 * @returns a verdict for anything that a sender can send
 * @throws {WebhookError} `invalid_option` for a number, clock or rotation time that makes no sense
 * @example
 * const verdict = verifyWebhookSignature({
 *   secret: process.env.FLUXORA_WEBHOOK_SECRET,
 *   deliveryId: request.headers['x-fluxora-delivery-id'],
 *   timestamp: request.headers['x-fluxora-timestamp'],
 *   signature: request.headers['x-fluxora-signature'],
 *   rawBody,
 * })
 */
export function verifyWebhookSignature(given: VerifyWebhookSignatureInput): WebhookVerificationResult {
  // Own fields only: a polluted Object.prototype must bring neither a secret nor a wider tolerance.
  const input = { __proto__: null, ...given } as VerifyWebhookSignatureInput
  const now = readClock(
    input.now === undefined ? systemClock() : input.now instanceof Date ? input.now.getTime() / 1000 : input.now,
  )
  const toleranceSeconds = readNumber('toleranceSeconds', input.toleranceSeconds, 300, 0, Number.MAX_SAFE_INTEGER)
  const maxBodyBytes = readNumber(
    'maxBodyBytes',
    input.maxBodyBytes,
    DEFAULT_MAX_BODY_BYTES,
    0,
    Number.MAX_SAFE_INTEGER,
  )
  const { isDuplicateDelivery } = input
  if (isDuplicateDelivery !== undefined && typeof isDuplicateDelivery !== 'function') {
    throw invalidOption('isDuplicateDelivery', 'a function')
  }
  const previous = readPrevious(input, now)

  const secret = readKey(input.secret)
  if (!secret) return refuse('missing_secret', 'No webhook secret is configured.')
  const missing = findMissing(input)
  if (missing) return missing
  const { deliveryId, timestamp, signature } = input as { deliveryId: string; timestamp: string; signature: string }

  const body = checkBody(maxBodyBytes, input.rawBody)
  if (isRefusal(body)) return body
  const time = checkTimestamp(timestamp, toleranceSeconds, now)
  if (isRefusal(time)) return time

  const keys = previous ? [secret, previous] : [secret]
  const candidates = fluxora.signature.read(signature)?.candidates ?? []
  const matches = keys.map(
    ({ bytes }) =>
      candidates.length > 0 && nodeMac.matches(nodeMac.importKey(bytes), `${timestamp}.`, body, '', candidates),
  )
  const key = matchKey(keys, matches, now)
  if (isRefusal(key)) return key
  const used = key === previous ? { usedPreviousSecret: true as const } : {}
  const repeated = isDuplicateDelivery && checkDuplicate(isDuplicateDelivery, deliveryId)
  if (repeated) return { ...repeated, ...used }
  return { ok: true, status: WEBHOOK_STATUS.ok, code: 'ok', message: 'The delivery is genuine.', ...used }
}

function readPrevious(input: VerifyWebhookSignatureInput, now: number): Key | undefined {
  const { previousSecretRotatedAt: rotatedAt, graceWindowSeconds = 86_400 } = input
  readNumber('graceWindowSeconds', graceWindowSeconds, 0, 0, Number.MAX_SAFE_INTEGER)
  if (rotatedAt !== undefined) {
    const [option, what] = ['previousSecretRotatedAt', 'Unix seconds, not in the future,'] as const
    if (isBeyondSeconds(rotatedAt)) throw looksLikeMilliseconds(option, `${what} from 0 to ${now}`, option)
    const second = typeof rotatedAt === 'number' ? Math.floor(rotatedAt) : rotatedAt // `now` is a whole second too
    readNumber(option, second, 0, 0, now, what)
  }
  const key = readKey(input.secretPrevious)
  if (!key || rotatedAt === undefined) return key
  return { ...key, expiresAt: Math.floor(rotatedAt + graceWindowSeconds) + 1 }
}

/** A secret that could not be used is as good as none: the contract answers with a code, it does not throw. */
function readKey(secret: unknown): Key | undefined {
  try {
    return readSecrets('secret', secret, fluxora.secret)[0]
  } catch {
    return undefined
  }
}

function checkDuplicate(isDuplicateDelivery: (deliveryId: string) => boolean, deliveryId: string): Refusal | undefined {
  let seen: unknown
  try {
    seen = isDuplicateDelivery(deliveryId)
  } catch {
    return refuse('store_unavailable', 'Whether the delivery was handled before could not be found out.')
  }
  if (typeof seen === 'boolean')
    return seen ? refuse('duplicate_delivery', 'The delivery was handled before.') : undefined
  // A promise would count as true, and every delivery as a duplicate.
  if (seen instanceof Promise) seen.catch(() => {})
  throw invalidOption(
    'isDuplicateDelivery',
    'a function that returns a boolean at once; createWebhookReceiver takes asynchronous stores',
  )
}

function findMissing(input: VerifyWebhookSignatureInput): Refusal | undefined {
  const given = (value: unknown): boolean => typeof value === 'string' && value !== ''
  if (!given(input.deliveryId)) return refuse('missing_delivery_id', 'The x-fluxora-delivery-id header is missing.')
  if (!given(input.timestamp)) return refuse('missing_timestamp', 'The x-fluxora-timestamp header is missing.')
  if (!given(input.signature)) return refuse('missing_signature', 'The x-fluxora-signature header is missing.')
  return undefined
}
