// Signing one delivery for a test.

import { invalidOption, WebhookError } from '../shared/webhook-error.ts'
import { isAmbiguousId } from '../webhook/pipeline/ambiguity.ts'
import { toBytes } from '../webhook/pipeline/body.ts'
import { writeTimestamp } from '../webhook/pipeline/timestamp.ts'
import { systemClock } from '../webhook/pipeline/unix-seconds.ts'
import { fluxora } from '../webhook/schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from '../webhook/schemes/scheme.ts'
import { isHeaderText, keyOf, type TestDelivery, writeHeaders } from './draft.ts'

/** What `signTestDelivery` signs. */
export interface SignTestDeliveryInput<Body extends string | Uint8Array = string | Uint8Array> {
  /** The receiver's scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  /** The receiver's secret. */
  readonly secret: string | Uint8Array | undefined
  /** Bytes, or text that is sent as UTF-8. */
  readonly body: Body
  /** A random UUID by default, if the scheme has an id. */
  readonly deliveryId?: string | undefined
  /** Name of the event, none by default. Written if the scheme has a header for it. */
  readonly event?: string | undefined
  /** Unix seconds, the system's clock by default. */
  readonly timestamp?: number | undefined
}

/**
 * Signs a delivery as its sender would. It is synchronous on every runtime, and slow: for tests only. Use `createWebhookSigner` to send
 * real deliveries.
 *
 * @param input The body, the secret, and the fields to sign.
 * @returns The headers, and the same body that was passed in.
 * @throws {WebhookError} `invalid_scheme` or `invalid_secret` for one that cannot sign, `invalid_input` for what cannot be sent.
 *
 * @example
 * ```ts
 * const delivery = signTestDelivery({ secret: 'topsecret', body: JSON.stringify({ event: 'stream.updated' }) })
 * const response = await sendTestDelivery(app, delivery)
 * ```
 */
export function signTestDelivery<Body extends string | Uint8Array>(
  input: SignTestDeliveryInput<Body>,
): TestDelivery<Body> {
  if (typeof input !== 'object' || input === null) throw invalidOption('input', 'an object')
  const { secret, body, event, deliveryId } = input
  const scheme = readScheme(input.scheme ?? fluxora)
  const timestamp = writeTimestamp(input.timestamp ?? Math.floor(systemClock()), scheme.timestamp)
  if (deliveryId !== undefined && (!isHeaderText(deliveryId) || isAmbiguousId(scheme, deliveryId)))
    throw unsendable('deliveryId must be visible ASCII, without the separator of the signed parts')
  if (event !== undefined && !isHeaderText(event)) throw unsendable('event must be visible ASCII')
  const bytes = toBytes(body)
  if (!bytes)
    throw unsendable(
      'body must be bytes or well-formed text: serialise an object first, and send the text that you signed',
    )

  const draft = {
    scheme,
    key: keyOf(scheme, secret),
    deliveryId: idFor(scheme, deliveryId),
    timestamp,
    event,
    body: bytes,
  }
  return { headers: writeHeaders(draft), body }
}

function idFor(scheme: WebhookScheme, deliveryId: string | undefined): string | undefined {
  if (scheme.headers.deliveryId.length === 0) return undefined
  return deliveryId ?? crypto.randomUUID()
}

function unsendable(message: string): WebhookError {
  return new WebhookError('invalid_input', `${message}.`)
}
