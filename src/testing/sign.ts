// Signing one delivery for a test, and what every fixture of a delivery is made of.

import { concatBytes, hmacSha256 } from '../shared/hmac.ts'
import { invalidOption, WebhookError } from '../shared/webhook-error.ts'
import { isAmbiguousId } from '../webhook/pipeline/ambiguity.ts'
import { toBytes } from '../webhook/pipeline/body.ts'
import { writeSigned } from '../webhook/pipeline/signed-content.ts'
import { writeTimestamp } from '../webhook/pipeline/timestamp.ts'
import { systemClock } from '../webhook/pipeline/unix-seconds.ts'
import { fluxora } from '../webhook/schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from '../webhook/schemes/scheme.ts'
import { readSecret } from '../webhook/secrets.ts'

/** What `signTestDelivery` signs. */
export interface SignTestDeliveryInput<Body extends string | Uint8Array = string | Uint8Array> {
  /** The receiver's scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  readonly secret: string | Uint8Array | undefined
  /** Bytes, or text that stands for its UTF-8 bytes. */
  readonly body: Body
  /** A random UUID where the scheme has an id and none is given. */
  readonly deliveryId?: string | undefined
  readonly event?: string | undefined
  /** Unix seconds, the system's clock by default. */
  readonly timestamp?: number | undefined
}

/** A request as a sender makes it: enough for `sendTestDelivery`, `fetch`, `app.inject` or supertest. */
export interface TestDelivery<Body extends string | Uint8Array = string | Uint8Array> {
  /** By lower-case name; `content-type` is among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

/**
 * Signs a delivery as its sender would. Synchronous on every runtime; for tests only, `createWebhookSigner` is the one to send with.
 *
 * @returns the headers, and the very body that was passed in
 * @throws {WebhookError} `invalid_scheme`, `invalid_secret`, or `invalid_input` for what cannot be sent
 * @example
 * const delivery = signTestDelivery({ secret: 'topsecret', body: JSON.stringify({ event: 'stream.updated' }) })
 * const response = await sendTestDelivery(app, delivery)
 */
export function signTestDelivery<Body extends string | Uint8Array>(
  input: SignTestDeliveryInput<Body>,
): TestDelivery<Body> {
  if (typeof input !== 'object' || input === null) throw invalidOption('input', 'an object')
  const { secret, body, event, deliveryId } = input
  const scheme = readScheme(input.scheme ?? fluxora)
  const timestamp = writeTimestamp(input.timestamp ?? Math.floor(systemClock()))
  if (!isHeaderText(deliveryId) || (deliveryId !== undefined && isAmbiguousId(scheme, deliveryId)))
    throw unsendable('deliveryId must be visible ASCII without what separates the signed parts')
  if (!isHeaderText(event)) throw unsendable('event must be visible ASCII')
  const bytes = toBytes(body)
  if (!bytes)
    throw unsendable('body must be bytes or well-formed text; serialise an object first, and send what was signed')
  const id = scheme.headers.deliveryId.length > 0 ? (deliveryId ?? crypto.randomUUID()) : undefined
  const draft = { scheme, key: keyOf(scheme, secret), deliveryId: id, timestamp, event, body: bytes }
  return { headers: writeHeaders(draft), body }
}

/** @internal All that goes into one delivery. */
export interface Draft {
  readonly scheme: WebhookScheme
  readonly key: Uint8Array
  readonly deliveryId: string | undefined
  /** As it is written, so that it can be written wrong. */
  readonly timestamp: string
  readonly event: string | undefined
  readonly body: Uint8Array
}

/** @internal The headers of a delivery: those of the scheme, and the content type that its sender would name. */
export function writeHeaders(draft: Draft, signature: string = writeSignature(draft)): Record<string, string> {
  const { headers: names } = draft.scheme
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  const write = ([name]: readonly string[], value: string | undefined): void => {
    if (name !== undefined && value !== undefined) headers[name] = value
  }
  write(names.deliveryId, draft.deliveryId)
  write(names.timestamp, draft.timestamp)
  write(names.signature, signature)
  write(names.event, draft.event)
  return headers
}

/** @internal The signature header's value. */
export function writeSignature(draft: Draft, mac: Uint8Array = macOf(draft)): string {
  return draft.scheme.signature.write([mac], draft.timestamp)
}

/** @internal */
export function macOf({ scheme, key, deliveryId, timestamp, body }: Draft): Uint8Array {
  const fields = { deliveryId, timestamp }
  const [before, after] = [writeSigned(scheme.before, fields), writeSigned(scheme.after, fields)]
  const encoder = new TextEncoder()
  return hmacSha256(key, concatBytes(encoder.encode(before), body, encoder.encode(after)))
}

/** @internal The key bytes of a secret. */
export function keyOf(scheme: WebhookScheme, secret: string | Uint8Array | undefined): Uint8Array {
  return readSecret('secret', secret, scheme).bytes
}

/** Visible ASCII, blanks inside: what every transport carries unchanged. */
function isHeaderText(value: string | undefined): boolean {
  return value === undefined || (typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value))
}

function unsendable(message: string): WebhookError {
  return new WebhookError('invalid_input', `${message}.`)
}
