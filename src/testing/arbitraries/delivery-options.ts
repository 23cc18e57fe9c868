// The options of `signedDelivery` and `tamperedDelivery`.

import * as fc from 'fast-check'
import { invalidOption, readNumber } from '../../shared/webhook-error.ts'
import { isAmbiguousId } from '../../webhook/pipeline/ambiguity.ts'
import { DEFAULT_MAX_BODY_BYTES } from '../../webhook/pipeline/body.ts'
import { isBeyondSeconds, looksLikeMilliseconds } from '../../webhook/pipeline/unix-seconds.ts'
import { fluxora } from '../../webhook/schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { addressFor, isAddress, isHeaderText, keyOf, TEST_ADDRESS } from '../draft.ts'
import { anyDeliveryId, anySecret } from './delivery-fields.ts'
import { bodiesFor } from './scheme-bodies.ts'

/** Options of `signedDelivery` and `tamperedDelivery`. A value that is set here is the same in every delivery. */
export interface SignedDeliveryConstraints {
  /** The scheme, or several to choose from; `fluxora` by default. */
  readonly scheme?: WebhookScheme | readonly WebhookScheme[] | undefined
  /**
   * The secret of the handler under test, any of the scheme's form by default. For a scheme of public keys it is the private key that goes
   * with the handler's public one: PEM, or for Ed25519 also `whsk_` or JWK. For RSA it must be given.
   */
  readonly secret?: string | undefined
  /** The body, or an arbitrary of bodies such as `webhookBody()`. By default JSON objects, written in more ways than by `JSON.stringify`. */
  readonly body?: string | Uint8Array | fc.Arbitrary<string | Uint8Array> | undefined
  /** The receiver's time in whole Unix seconds, any from 1,600,000,000 to 1,900,000,000 by default. */
  readonly now?: number | undefined
  /** The tolerance of the handler under test in whole seconds, 300 by default. Timestamps lie within it, its last second included. */
  readonly toleranceSeconds?: number | undefined
  /**
   * How far timestamps keep away from the edges of the tolerance, in whole seconds, 0 by default. A handler that reads the system's clock
   * needs some, since time passes between signing and verifying.
   */
  readonly marginSeconds?: number | undefined
  /** The largest body that the handler under test takes, in bytes. By default the scheme's own limit, or 262,144 where it has none. */
  readonly maxBodyBytes?: number | undefined
  /** The delivery id, if the scheme has one; UUIDs and other visible ASCII by default. */
  readonly deliveryId?: string | undefined
  /** Name of the event, if the scheme has a header for it; some name or none by default. */
  readonly event?: string | undefined
  /** The whole address of the handler as its sender knows it, if the scheme signs it; `https://example.com/` by default. */
  readonly url?: string | undefined
  /** Headers that the scheme signs beside its own; some value by default. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** The options as they are used, for one scheme. */
export interface DeliverySettings {
  readonly scheme: WebhookScheme
  readonly secret: fc.Arbitrary<string>
  readonly body: fc.Arbitrary<Uint8Array>
  readonly now: fc.Arbitrary<number>
  readonly toleranceSeconds: number
  readonly marginSeconds: number
  readonly maxBodyBytes: number
  readonly deliveryId: fc.Arbitrary<string>
  readonly event: fc.Arbitrary<string | null>
  readonly url: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** Reads the options, for each scheme. What makes no sense throws here, before anything is generated. */
export function readDeliveryConstraints(constraints: SignedDeliveryConstraints): DeliverySettings[] {
  if (typeof constraints !== 'object' || constraints === null) throw invalidOption('constraints', 'an object')
  const { secret, body, deliveryId, event, url = TEST_ADDRESS, headers = {} } = constraints
  const toleranceSeconds = readWhole('toleranceSeconds', constraints.toleranceSeconds, 300, 0, 1e9)
  const marginSeconds = readWhole('marginSeconds', constraints.marginSeconds, 0, 0, toleranceSeconds)
  readWhole('maxBodyBytes', constraints.maxBodyBytes, DEFAULT_MAX_BODY_BYTES, 1, 2 ** 26)
  const now = readNow(constraints.now)
  checkHeaderText('deliveryId', deliveryId)
  checkHeaderText('event', event)
  for (const value of Object.values(headers)) checkHeaderText('headers', value)
  if (!isAddress(url)) throw invalidOption('url', 'a whole address, such as https://example.com/webhooks')
  return readSchemes(constraints.scheme).map((scheme) => {
    if (deliveryId !== undefined && isAmbiguousId(scheme, deliveryId))
      throw invalidOption('deliveryId', 'text without the separator of the signed parts')
    if (secret !== undefined) keyOf(scheme, secret)
    const maxBodyBytes = constraints.maxBodyBytes ?? scheme.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
    return {
      scheme,
      secret: fixedOr(secret, () => anySecret(scheme)),
      body: bodiesFor(scheme, body, maxBodyBytes),
      now,
      toleranceSeconds,
      marginSeconds,
      maxBodyBytes,
      deliveryId: fixedOr(deliveryId, () => anyDeliveryId(scheme)),
      event: fixedOr<string | null>(event, anyEvent),
      url: addressFor(scheme, url),
      headers,
    }
  })
}

function readSchemes(scheme: SignedDeliveryConstraints['scheme'] = fluxora): WebhookScheme[] {
  const schemes = [scheme].flat()
  if (schemes.length === 0) throw invalidOption('scheme', 'a scheme, or a list of at least one')
  return schemes.map(readScheme)
}

function readNow(now: number | undefined): fc.Arbitrary<number> {
  if (now === undefined) return fc.integer({ min: 1_600_000_000, max: 1_900_000_000 })
  if (isBeyondSeconds(now)) throw looksLikeMilliseconds('now', 'whole Unix seconds', 'now')
  return fc.constant(readWhole('now', now, 0, 1, 1e11))
}

function readWhole(option: string, value: number | undefined, fallback: number, min: number, max: number): number {
  const number = readNumber(option, value, fallback, min, max, 'a whole number')
  if (!Number.isInteger(number)) throw invalidOption(option, `a whole number from ${min} to ${max}`)
  return number
}

function checkHeaderText(option: string, value: unknown): void {
  if (value !== undefined && !isHeaderText(value)) throw invalidOption(option, 'visible ASCII text')
}

function fixedOr<Value>(value: Value | undefined, any: () => fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  if (value === undefined) return any()
  return fc.constant(value)
}

function anyEvent(): fc.Arbitrary<string | null> {
  const names = fc.constantFrom('stream.created', 'stream.updated', 'payment.settled', 'order/paid', 'push')
  return fc.option(names, { freq: 2 })
}
