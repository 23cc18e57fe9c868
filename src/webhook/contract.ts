// The Fluxora contract as its document writes it: one call, headers passed one by one. See "Canonical verification rules" in the README of
// the Fluxora backend. The checks are those of `createWebhookVerifier`; this file translates their results into the contract's codes.

import { demandKnownNames, invalidOption, isWebhookError, readNumber } from '../shared/webhook-error.ts'
import { type Refusal, refuse, type VerificationRefusal, WEBHOOK_STATUS, type WebhookCode } from './codes.ts'
import { DEFAULT_MAX_BODY_BYTES, type WebhookBody } from './pipeline/body.ts'
import { type Checks, DEFAULT_TOLERANCE_SECONDS } from './pipeline/checks.ts'
import { planHeaders } from './pipeline/header-fields.ts'
import type { HeaderBag } from './pipeline/headers.ts'
import { describeMalformed } from './pipeline/hints.ts'
import { inspect, judge } from './pipeline/sequence.ts'
import { isBeyondSeconds, looksLikeMilliseconds, readClock, systemClock } from './pipeline/unix-seconds.ts'
import { nodeEngine } from './proof/node.ts'
import { fluxora } from './schemes/fluxora.ts'
import type { WebhookScheme } from './schemes/scheme.ts'
import { type Key, readSecret } from './secrets.ts'

/** A header's value as Node, Express and Fetch give it. An array of one value is that value; an array of several counts as missing. */
export type ContractHeader = string | readonly string[] | null | undefined

/** One delivery's headers and body, the secrets, and the limits. */
export interface VerifyWebhookSignatureInput {
  /** Text with white space at either end cannot be used: the answer is `missing_secret`, and the message says why. Bytes are taken as they are. */
  readonly secret?: string | Uint8Array | undefined
  /** The secret before the last rotation. Without `previousSecretRotatedAt` it is valid as long as it is passed. */
  readonly secretPrevious?: string | Uint8Array | undefined
  /** When the secret was rotated, in Unix seconds. A time in the future is misuse and throws. */
  readonly previousSecretRotatedAt?: number | undefined
  /** How long the previous secret stays valid, in seconds, inclusive; 86,400 by default. */
  readonly graceWindowSeconds?: number | undefined
  /** The value of the header `x-fluxora-delivery-id`. */
  readonly deliveryId?: ContractHeader
  /** The value of the header `x-fluxora-timestamp`. */
  readonly timestamp?: ContractHeader
  /** The value of the header `x-fluxora-signature`. */
  readonly signature?: ContractHeader
  /** The bytes of the request exactly as received. Text stands for its UTF-8 bytes. */
  readonly rawBody: WebhookBody
  /** How far the timestamp may be from `now`, in seconds, in both directions and inclusive; 300 by default. */
  readonly toleranceSeconds?: number | undefined
  /** The largest body in bytes, inclusive; 262,144 by default. */
  readonly maxBodyBytes?: number | undefined
  /** Unix seconds or a Date; the system's clock by default. */
  readonly now?: number | Date | undefined
  /** The status of `duplicate_delivery`: 200 by default, or 409, which Fluxora's own sender takes as a permanent failure. */
  readonly duplicateStatus?: 200 | 409 | undefined
  /** Called only after the signature was found valid. For an atomic claim use `createWebhookReceiver`. */
  readonly isDuplicateDelivery?: ((deliveryId: string) => boolean) | undefined
}

/** The contract's verdict. */
export interface WebhookVerificationResult {
  /** True for a genuine, new delivery. */
  readonly ok: boolean
  /** The HTTP status to answer with. */
  readonly status: number
  readonly code: WebhookCode
  /** The verdict as a sentence. */
  readonly message: string
  /** Present only if the previous secret matched. */
  readonly usedPreviousSecret?: true
}

/**
 * Verifies one Fluxora delivery. A header that was sent more than once (an array of several values) is refused as a missing one.
 *
 * @param input The headers one by one, the raw body, the secrets and the limits. All times are in Unix seconds.
 * @returns `{ ok, status, code, message }` for anything that a sender can send.
 * @throws {WebhookError} `invalid_option` for a number, clock or rotation time that makes no sense, and for an unknown field.
 *
 * @example
 * ```ts
 * const verdict = verifyWebhookSignature({
 *   secret: process.env.FLUXORA_WEBHOOK_SECRET,
 *   deliveryId: request.headers['x-fluxora-delivery-id'],
 *   timestamp: request.headers['x-fluxora-timestamp'],
 *   signature: request.headers['x-fluxora-signature'],
 *   rawBody,
 * })
 * ```
 */
export function verifyWebhookSignature(input: VerifyWebhookSignatureInput): WebhookVerificationResult {
  const own: VerifyWebhookSignatureInput = { ...NO_FIELDS, ...input }
  const { checks, now, duplicateStatus } = readSettings(own)
  const previous = findPrevious(own, now)
  const current = findSecret('secret', own.secret)
  if (!current.key) return refuse('missing_secret', describeMissingSecret(current.fault))

  const unproven = inspect(checks, headersOf(own), own.rawBody)
  if (!unproven.ok) return explainRepeated(unproven, own)
  if (unproven.head.candidates.length === 0) return refuse('signature_mismatch', describeMalformed(fluxora))

  const keys = previous.key ? [current.key, previous.key] : [current.key]
  const imported = keys.map((key) => nodeEngine.importKey(key.material))
  const verdict = judge(nodeEngine, checks, unproven, { keys, imported })
  if (!verdict.ok) return explainPrevious(verdict, previous.fault)

  const { deliveryId = '', keyId } = verdict.delivery
  const used = keyId === 'secretPrevious' ? { usedPreviousSecret: true as const } : {}
  const refusal = own.isDuplicateDelivery && checkDuplicate(own.isDuplicateDelivery, deliveryId)
  if (refusal?.code === 'duplicate_delivery') return { ...refusal, status: duplicateStatus, ...used }
  if (refusal) return { ...refusal, ...used }
  return { ok: true, status: WEBHOOK_STATUS.ok, code: 'ok', message: verdict.message, ...used }
}

/** Every field as an own property, so that a polluted Object.prototype cannot supply a secret or a wider tolerance. */
const NO_FIELDS: Readonly<Record<keyof VerifyWebhookSignatureInput, undefined>> = {
  secret: undefined,
  secretPrevious: undefined,
  previousSecretRotatedAt: undefined,
  graceWindowSeconds: undefined,
  deliveryId: undefined,
  timestamp: undefined,
  signature: undefined,
  rawBody: undefined,
  toleranceSeconds: undefined,
  maxBodyBytes: undefined,
  now: undefined,
  duplicateStatus: undefined,
  isDuplicateDelivery: undefined,
}
const FIELD_NAMES: readonly string[] = /* @__PURE__ */ Object.keys(NO_FIELDS)

interface Settings {
  readonly checks: Checks
  readonly now: number
  readonly duplicateStatus: 200 | 409
}

function readSettings(input: VerifyWebhookSignatureInput): Settings {
  demandKnownNames(input, FIELD_NAMES)
  const { duplicateStatus = 200, isDuplicateDelivery, toleranceSeconds, maxBodyBytes } = input
  if (duplicateStatus !== 200 && duplicateStatus !== 409) throw invalidOption('duplicateStatus', '200 or 409')
  if (isDuplicateDelivery !== undefined && typeof isDuplicateDelivery !== 'function') {
    throw invalidOption('isDuplicateDelivery', 'a function')
  }
  const now = readNow(input.now)
  const most = Number.MAX_SAFE_INTEGER
  const checks: Checks = {
    scheme,
    plan,
    now: () => now,
    toleranceSeconds: readNumber('toleranceSeconds', toleranceSeconds, DEFAULT_TOLERANCE_SECONDS, 0, most),
    maxBodyBytes: readNumber('maxBodyBytes', maxBodyBytes, DEFAULT_MAX_BODY_BYTES, 0, most),
    acceptsJoinedHeaders: true,
  }
  return { checks, now, duplicateStatus }
}

function readNow(now: unknown = systemClock()): number {
  return readClock(now instanceof Date ? now.getTime() / 1000 : now)
}

/**
 * The contract has no code of its own for a malformed signature: it calls that a mismatch, and only after all other checks. So this scheme
 * reads a malformed signature as a header that holds no signatures.
 */
const scheme: WebhookScheme = /* @__PURE__ */ readingAnySignature(fluxora)
const plan = /* @__PURE__ */ planHeaders(fluxora.headers)

function readingAnySignature({ signature, ...rest }: WebhookScheme): WebhookScheme {
  return { ...rest, signature: { ...signature, read: (header) => signature.read(header) ?? { candidates: [] } } }
}

function headersOf({ deliveryId, timestamp, signature }: VerifyWebhookSignatureInput): HeaderBag {
  return {
    'x-fluxora-delivery-id': onlyValue(deliveryId),
    'x-fluxora-timestamp': onlyValue(timestamp),
    'x-fluxora-signature': onlyValue(signature),
  }
}

/** The contract has no code for a header that was sent twice. None of its values can be trusted, so the header counts as missing. */
function onlyValue(header: unknown): string | undefined {
  if (typeof header === 'string') return header
  const values = valuesOf(header)
  const [value] = values
  return values.length === 1 && typeof value === 'string' ? value : undefined
}

/** The first two values of a header, which is all that matters: an array may claim to be billions long. */
function valuesOf(header: unknown): readonly unknown[] {
  try {
    return Array.isArray(header) ? header.slice(0, 2) : [header]
  } catch {
    return [] // a proxy whose traps throw
  }
}

/** Explains a missing header that was in fact sent twice. */
function explainRepeated(refusal: VerificationRefusal, input: VerifyWebhookSignatureInput): Refusal {
  for (const [code, header, name] of [
    ['missing_delivery_id', input.deliveryId, 'x-fluxora-delivery-id'],
    ['missing_timestamp', input.timestamp, 'x-fluxora-timestamp'],
    ['missing_signature', input.signature, 'x-fluxora-signature'],
  ] as const) {
    if (refusal.code !== code || valuesOf(header).length < 2) continue
    return refuse(code, `The ${name} header was sent more than once, so none of its values is used.`)
  }
  return refusal
}

/** A secret, or none. One that cannot be used counts as none, and `fault` says what is wrong with it. */
interface FoundSecret {
  readonly key: Key | undefined
  readonly fault?: string
}

/** The contract answers with a code where the rest of the library throws. The option's name becomes the key's id. */
function findSecret(option: 'secret' | 'secretPrevious', secret: unknown): FoundSecret {
  if (secret === undefined || secret === null || secret === '') return { key: undefined }
  try {
    return { key: { ...readSecret({ option, path: option, rules: fluxora, use: 'verify' }, secret), id: option } }
  } catch (error) {
    return { key: undefined, fault: isWebhookError(error) ? error.message : 'It could not be read.' }
  }
}

function findPrevious(input: VerifyWebhookSignatureInput, now: number): FoundSecret {
  const { previousSecretRotatedAt: rotatedAt, graceWindowSeconds = 86_400 } = input
  readNumber('graceWindowSeconds', graceWindowSeconds, 0, 0, Number.MAX_SAFE_INTEGER)
  if (rotatedAt !== undefined) checkRotation(rotatedAt, now)
  const found = findSecret('secretPrevious', input.secretPrevious)
  if (!found.key || rotatedAt === undefined) return found
  return { key: { ...found.key, expiresAt: Math.floor(rotatedAt + graceWindowSeconds) + 1 } }
}

function checkRotation(rotatedAt: unknown, now: number): void {
  const option = 'previousSecretRotatedAt'
  const expected = 'Unix seconds, not in the future,'
  if (isBeyondSeconds(rotatedAt)) throw looksLikeMilliseconds(option, `${expected} from 0 to ${now}`, option)
  const second = typeof rotatedAt === 'number' ? Math.floor(rotatedAt) : rotatedAt // `now` is in whole seconds too
  readNumber(option, second, 0, 0, now, expected)
}

function describeMissingSecret(fault: string | undefined): string {
  if (fault === undefined) return 'No webhook secret is configured.'
  return `The webhook secret cannot be used: ${fault}`
}

function explainPrevious(refusal: VerificationRefusal, fault: string | undefined): Refusal {
  if (fault === undefined) return refusal
  return { ...refusal, message: `${refusal.message} The previous secret cannot be used: ${fault}` }
}

function checkDuplicate(
  isDuplicateDelivery: (deliveryId: string) => boolean,
  deliveryId: string,
): Refusal<'duplicate_delivery' | 'store_unavailable'> | undefined {
  let isDuplicate: unknown
  try {
    isDuplicate = isDuplicateDelivery(deliveryId)
  } catch {
    return refuse('store_unavailable', 'The look-up of earlier deliveries failed.')
  }
  if (isDuplicate === false) return undefined
  if (isDuplicate === true) return refuse('duplicate_delivery', 'The delivery was handled before.')
  // A promise would count as true, and every delivery as a duplicate.
  if (isDuplicate instanceof Promise) isDuplicate.catch(() => {})
  throw invalidOption(
    'isDuplicateDelivery',
    'a function that returns a boolean at once; createWebhookReceiver takes asynchronous stores',
  )
}
