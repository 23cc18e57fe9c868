// Signing one delivery for a test.

import { invalidOption, WebhookError } from '../shared/webhook-error.ts'
import { isAmbiguousId } from '../webhook/pipeline/ambiguity.ts'
import { toBytes } from '../webhook/pipeline/body.ts'
import { writeTimestamp } from '../webhook/pipeline/timestamp.ts'
import { systemClock } from '../webhook/pipeline/unix-seconds.ts'
import { fluxora } from '../webhook/schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from '../webhook/schemes/scheme.ts'
import { allPointers, bodyPointers, bodyText, canHold } from './body-members.ts'
import {
  addressFor,
  type Draft,
  isAddress,
  isHeaderText,
  keyOf,
  signedHeadersOf,
  TEST_ADDRESS,
  type TestDelivery,
  writeDelivery,
} from './draft.ts'

/** What `signTestDelivery` signs. */
export interface SignTestDeliveryInput<Body extends string | Uint8Array = string | Uint8Array> {
  /** The receiver's scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  /** The receiver's secret; for a scheme of public keys, the sender's private key (PEM, for Ed25519 also `whsk_` or JWK). */
  readonly secret: string | Uint8Array | undefined
  /** Bytes, or text that is sent as UTF-8. */
  readonly body: Body
  /** A random UUID by default, if the scheme has an id. */
  readonly deliveryId?: string | undefined
  /** Name of the event, none by default. Written if the scheme has a header for it. */
  readonly event?: string | undefined
  /** Unix seconds, the system's clock by default. */
  readonly timestamp?: number | undefined
  /** The whole address, if the scheme signs it; `https://example.com/` by default. */
  readonly url?: string | undefined
  /** Headers that the scheme signs beside its own. By default they have some value. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Signs a delivery as its sender would. It is synchronous on every runtime, and slow: for tests only. Use `createWebhookSigner` to send
 * real deliveries.
 *
 * @param input The body, the secret, and the fields to sign.
 * @returns The headers, the address if the scheme signs it, and the same body that was passed in. What the sender puts into the body (Linear
 *   a timestamp, Mailgun its signature too) stands at its beginning, unless it is there already.
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
  const draft = readDraft(input)
  const { headers, body } = writeDelivery(draft)
  const delivery = { headers, body: likeInput(input.body, body) }
  if (draft.url === undefined) return delivery
  return { ...delivery, url: draft.url }
}

function readDraft(input: SignTestDeliveryInput): Draft {
  const { secret, event, deliveryId, url = TEST_ADDRESS, headers = {} } = input
  const scheme = readScheme(input.scheme ?? fluxora)
  const timestamp = writeTimestamp(input.timestamp ?? Math.floor(systemClock()), scheme.timestamp)
  if (deliveryId !== undefined && (!isHeaderText(deliveryId) || isAmbiguousId(scheme, deliveryId)))
    throw unsendable('deliveryId must be visible ASCII, without the separator of the signed parts')
  if (event !== undefined && !isHeaderText(event)) throw unsendable('event must be visible ASCII')
  if (!isAddress(url)) throw unsendable('url must be a whole address, such as https://example.com/webhooks')
  if (!Object.values(headers).every(isHeaderText)) throw unsendable('headers must be visible ASCII')
  const body = readBody(scheme, input.body)
  return {
    scheme,
    key: keyOf(scheme, secret),
    deliveryId: idFor(scheme, deliveryId),
    timestamp: bodyText(body, scheme.bodyFields?.timestamp) ?? timestamp,
    event,
    body,
    url: addressFor(scheme, url),
    signedHeaders: signedHeadersOf(scheme, headers),
  }
}

function readBody(scheme: WebhookScheme, body: unknown): Uint8Array {
  const bytes = toBytes(body)
  if (!bytes)
    throw unsendable(
      'body must be bytes or well-formed text: serialise an object first, and send the text that you signed',
    )
  const pointers = allPointers(scheme)
  if (pointers.length === 0 || canHold(bytes, missingPointers(scheme, bytes))) return bytes
  throw unsendable(`body must be a JSON object, to which the sender's own members can be added: ${pointers.join(', ')}`)
}

/** Those that have to be added. A signature that is there already could only be a wrong one. */
function missingPointers(scheme: WebhookScheme, body: Uint8Array): readonly string[] {
  const { signature } = bodyPointers(scheme)
  return allPointers(scheme).filter((pointer) => pointer === signature || bodyText(body, pointer) === undefined)
}

/** Text if it was given as text. */
function likeInput<Body extends string | Uint8Array>(given: Body, body: Uint8Array): Body {
  const written = typeof given === 'string' ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(body) : body
  return written as Body
}

function idFor(scheme: WebhookScheme, deliveryId: string | undefined): string | undefined {
  if (scheme.headers.deliveryId.length === 0 && bodyPointers(scheme).fields.length === 0) return undefined
  return deliveryId ?? crypto.randomUUID()
}

function unsendable(message: string): WebhookError {
  return new WebhookError('invalid_input', `${message}.`)
}
