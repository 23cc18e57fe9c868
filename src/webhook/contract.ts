// The Fluxora contract as its document writes it: one call, the headers passed one by one. See the backend's README, "Canonical
// verification rules". `createWebhookVerifier` is the same checks for any scheme and any bag of headers.

import { demandKnownNames, invalidOption, isWebhookError, readNumber } from '../shared/webhook-error.ts'
import { type Refusal, refuse, WEBHOOK_STATUS, type WebhookCode } from './codes.ts'
import {
  checkBody,
  DEFAULT_MAX_BODY_BYTES,
  describeMalformed,
  isRefusal,
  matchKey,
  type WebhookBody,
} from './pipeline/checks.ts'
import { checkTimestamp } from './pipeline/timestamp.ts'
import { isBeyondSeconds, looksLikeMilliseconds, readClock, systemClock } from './pipeline/unix-seconds.ts'
import { nodeMac } from './proof/node.ts'
import { fluxora } from './schemes/fluxora.ts'
import { type Key, readSecret } from './secrets.ts'

/** A header's value as Node, Express and Fetch give it. One in an array counts as it is; several count as none. */
export type ContractHeader = string | readonly string[] | null | undefined

/** One delivery's headers and body, the secrets, and the limits. */
export interface VerifyWebhookSignatureInput {
  /** Text that has white space at either end is as good as none, and the message says so. Bytes are taken as they are. */
  readonly secret?: string | Uint8Array | undefined
  /** The secret before the last rotation. Without `previousSecretRotatedAt` it is valid as long as it is passed. */
  readonly secretPrevious?: string | Uint8Array | undefined
  /** Unix seconds. A time in the future is misuse and throws. */
  readonly previousSecretRotatedAt?: number | undefined
  /** How long the previous secret stays valid, its last second included; 86,400 by default. */
  readonly graceWindowSeconds?: number | undefined
  readonly deliveryId?: ContractHeader
  readonly timestamp?: ContractHeader
  readonly signature?: ContractHeader
  /** The bytes of the request exactly as received; text stands for its UTF-8 bytes. */
  readonly rawBody: WebhookBody
  /** 300 by default, both ways, inclusive. */
  readonly toleranceSeconds?: number | undefined
  /** 262,144 by default, inclusive. */
  readonly maxBodyBytes?: number | undefined
  /** Unix seconds or a Date; the system's clock by default. */
  readonly now?: number | Date | undefined
  /** The status of `duplicate_delivery`: 200 by default, or 409, which Fluxora's own sender counts as a failure for good. */
  readonly duplicateStatus?: 200 | 409 | undefined
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
 * Verifies one Fluxora delivery. A header that stands more than once (an array of several values) is refused as a missing one is.
 *
 * @returns a verdict for anything that a sender can send
 * @throws {WebhookError} `invalid_option` for a number, clock or rotation time that makes no sense, and for an unknown field
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
  const { now, toleranceSeconds, maxBodyBytes, duplicateStatus } = readSettings(input)
  const previous = findPrevious(input, now)

  const { key: secret, fault } = findKey('secret', input.secret)
  const why = fault === undefined ? 'No webhook secret is configured.' : describeFault('webhook', fault)
  if (!secret) return refuse('missing_secret', why)
  const deliveryId = readHeader('missing_delivery_id', 'x-fluxora-delivery-id', input.deliveryId)
  if (isRefusal(deliveryId)) return deliveryId
  const timestamp = readHeader('missing_timestamp', 'x-fluxora-timestamp', input.timestamp)
  if (isRefusal(timestamp)) return timestamp
  const signature = readHeader('missing_signature', 'x-fluxora-signature', input.signature)
  if (isRefusal(signature)) return signature

  const body = checkBody(maxBodyBytes, input.rawBody)
  if (isRefusal(body)) return body
  const time = checkTimestamp(timestamp, toleranceSeconds, now)
  if (isRefusal(time)) return time

  const candidates = fluxora.signature.read(signature)?.candidates
  // The contract has no code of its own for a signature that is not of the form.
  if (!candidates) return refuse('signature_mismatch', describeMalformed(fluxora))
  const keys = previous.key ? [secret, previous.key] : [secret]
  const key = matchKey(keys, matchAll(keys, timestamp, body, candidates), now)
  if (isRefusal(key)) return previous.fault ? explain(key, describeFault('previous', previous.fault)) : key
  const used = key === previous.key ? { usedPreviousSecret: true as const } : {}
  const repeated = input.isDuplicateDelivery && checkDuplicate(input.isDuplicateDelivery, deliveryId)
  if (repeated?.code === 'duplicate_delivery') return { ...repeated, status: duplicateStatus, ...used }
  if (repeated) return { ...repeated, ...used }
  return { ok: true, status: WEBHOOK_STATUS.ok, code: 'ok', message: 'The delivery is genuine.', ...used }
}

const FIELDS: Record<keyof VerifyWebhookSignatureInput, true> = {
  secret: true,
  secretPrevious: true,
  previousSecretRotatedAt: true,
  graceWindowSeconds: true,
  deliveryId: true,
  timestamp: true,
  signature: true,
  rawBody: true,
  toleranceSeconds: true,
  maxBodyBytes: true,
  now: true,
  duplicateStatus: true,
  isDuplicateDelivery: true,
}

/** What is set, once it makes sense. */
interface Settings {
  readonly now: number
  readonly toleranceSeconds: number
  readonly maxBodyBytes: number
  readonly duplicateStatus: 200 | 409
}

function readSettings(input: VerifyWebhookSignatureInput): Settings {
  demandKnownNames(input, Object.keys(FIELDS))
  const { now = systemClock(), duplicateStatus = 200, isDuplicateDelivery } = input
  if (duplicateStatus !== 200 && duplicateStatus !== 409) throw invalidOption('duplicateStatus', '200 or 409')
  if (isDuplicateDelivery !== undefined && typeof isDuplicateDelivery !== 'function') {
    throw invalidOption('isDuplicateDelivery', 'a function')
  }
  const most = Number.MAX_SAFE_INTEGER
  return {
    now: readClock(now instanceof Date ? now.getTime() / 1000 : now),
    toleranceSeconds: readNumber('toleranceSeconds', input.toleranceSeconds, 300, 0, most),
    maxBodyBytes: readNumber('maxBodyBytes', input.maxBodyBytes, DEFAULT_MAX_BODY_BYTES, 0, most),
    duplicateStatus,
  }
}

/** A secret, or none. One that could not be used is as good as none; `fault` says what is wrong with it. */
interface Found {
  readonly key: Key | undefined
  readonly fault?: string
}

function findPrevious(input: VerifyWebhookSignatureInput, now: number): Found {
  const { previousSecretRotatedAt: rotatedAt, graceWindowSeconds = 86_400 } = input
  readNumber('graceWindowSeconds', graceWindowSeconds, 0, 0, Number.MAX_SAFE_INTEGER)
  if (rotatedAt !== undefined) checkRotation(rotatedAt, now)
  const found = findKey('secretPrevious', input.secretPrevious)
  if (!found.key || rotatedAt === undefined) return found
  return { key: { ...found.key, expiresAt: Math.floor(rotatedAt + graceWindowSeconds) + 1 } }
}

function checkRotation(rotatedAt: unknown, now: number): void {
  const [option, expected] = ['previousSecretRotatedAt', 'Unix seconds, not in the future,']
  if (isBeyondSeconds(rotatedAt)) throw looksLikeMilliseconds(option, `${expected} from 0 to ${now}`, option)
  const second = typeof rotatedAt === 'number' ? Math.floor(rotatedAt) : rotatedAt // `now` is a whole second too
  readNumber(option, second, 0, 0, now, expected)
}

/** The contract answers with a code, it does not throw. */
function findKey(option: 'secret' | 'secretPrevious', secret: unknown): Found {
  if (secret === undefined || secret === null || secret === '') return { key: undefined }
  try {
    return { key: readSecret(option, secret, fluxora) }
  } catch (error) {
    return { key: undefined, fault: isWebhookError(error) ? error.message : 'It could not be read.' }
  }
}

function describeFault(which: 'webhook' | 'previous', fault: string): string {
  return `The ${which} secret cannot be used: ${fault}`
}

function explain(refusal: Refusal, more: string): Refusal {
  return { ...refusal, message: `${refusal.message} ${more}` }
}

/** The text of a header. The contract has no code for one that was sent twice: neither value can be trusted, so it is a missing one. */
function readHeader(
  code: 'missing_delivery_id' | 'missing_timestamp' | 'missing_signature',
  name: string,
  value: unknown,
): string | Refusal {
  const [text, ...more] = valuesOf(value)
  if (more.length > 0)
    return refuse(code, `The ${name} header was sent more than once, so that none of its values counts.`)
  return typeof text === 'string' && text !== '' ? text : refuse(code, `The ${name} header is missing.`)
}

function valuesOf(value: unknown): readonly unknown[] {
  try {
    if (!Array.isArray(value)) return [value]
    return value.length > 1 ? [value[0], value[1]] : [value[0]] // an array may say that it is billions long
  } catch {
    return [] // a proxy whose traps throw
  }
}

function matchAll(
  keys: readonly Key[],
  timestamp: string,
  body: Uint8Array,
  candidates: readonly Uint8Array[],
): boolean[] {
  return keys.map(({ bytes }) => nodeMac.matches(nodeMac.importKey(bytes), `${timestamp}.`, body, '', candidates))
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
