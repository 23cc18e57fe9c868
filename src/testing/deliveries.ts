// Genuine deliveries of any scheme: what a handler under test must accept.

import * as fc from 'fast-check'
import { flip } from '../shared/hmac.ts'
import { invalidOption, readNumber } from '../shared/webhook-error.ts'
import { isAmbiguousId } from '../webhook/pipeline/ambiguity.ts'
import { DEFAULT_MAX_BODY_BYTES, toBytes } from '../webhook/pipeline/body.ts'
import { isBeyondSeconds, looksLikeMilliseconds } from '../webhook/pipeline/unix-seconds.ts'
import { fluxora } from '../webhook/schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from '../webhook/schemes/scheme.ts'
import { isSecretText } from '../webhook/secrets.ts'
import { type Draft, keyOf, macOf, type TestDelivery, writeHeaders } from './sign.ts'

/** A delivery and what its receiver knows: `createWebhookVerifier({ scheme, secrets: secret, now: () => now })` accepts it. */
export interface SignedDelivery extends TestDelivery<Uint8Array> {
  readonly scheme: WebhookScheme
  readonly secret: string
  /** The receiver's time, in Unix seconds. */
  readonly now: number
}

/** Options of `signedDelivery` and `tamperedDelivery`. What is fixed here is the same in every delivery. */
export interface SignedDeliveryConstraints {
  /**
   * The scheme, or several to choose from.
   *
   * @defaultValue `fluxora`
   */
  readonly scheme?: WebhookScheme | readonly WebhookScheme[] | undefined
  /**
   * The secret of the handler under test.
   *
   * @defaultValue any secret of the scheme's form
   */
  readonly secret?: string | undefined
  /**
   * The body, or an arbitrary of bodies; `webhookBody()` has those that are not JSON.
   *
   * @defaultValue JSON objects, written in more ways than `JSON.stringify` knows
   */
  readonly body?: string | Uint8Array | fc.Arbitrary<string | Uint8Array> | undefined
  /**
   * The receiver's time, in whole Unix seconds.
   *
   * @defaultValue any from 1,600,000,000 to 1,900,000,000
   */
  readonly now?: number | undefined
  /**
   * The tolerance of the handler under test, in whole seconds: timestamps lie within it, its last second included.
   *
   * @defaultValue 300
   */
  readonly toleranceSeconds?: number | undefined
  /**
   * How far timestamps keep away from the edge of the tolerance, in whole seconds: for a handler that reads the system's clock, which
   * goes on between the signing and the verifying.
   *
   * @defaultValue 0
   */
  readonly marginSeconds?: number | undefined
  /**
   * The largest body that the handler under test takes, in bytes.
   *
   * @defaultValue 262144
   */
  readonly maxBodyBytes?: number | undefined
  /**
   * The delivery id, where the scheme has one.
   *
   * @defaultValue UUIDs and other visible ASCII
   */
  readonly deliveryId?: string | undefined
  /**
   * The event's name, where the scheme has a header for it.
   *
   * @defaultValue names of events, or none
   */
  readonly event?: string | undefined
}

/**
 * Genuine deliveries. Shrinks towards an empty JSON object that was signed at `now`.
 *
 * @throws {WebhookError} `invalid_option`, `invalid_secret` or `invalid_scheme`
 * @example
 * fc.asyncProperty(signedDelivery({ secret, now: clock.now() }), async (delivery) => {
 *   expect((await sendTestDelivery(app, delivery)).status).toBe(200)
 * })
 */
export function signedDelivery(constraints: SignedDeliveryConstraints = {}): fc.Arbitrary<SignedDelivery> {
  const each = readDeliveryConstraints(constraints).map((settings) => {
    const { scheme } = settings
    // A sender that rotates its secret signs with both for a while.
    const place = scheme.signature.carriesMany ? fc.constantFrom('alone', 'first', 'last') : fc.constant('alone')
    return fc.tuple(drafts(settings), place).map(([{ draft, secret, now }, at]): SignedDelivery => {
      const [mac, other] = [macOf(draft), macOf({ ...draft, key: flip(draft.key, 0) })]
      const macs = at === 'alone' ? [mac] : at === 'first' ? [mac, other] : [other, mac]
      const headers = writeHeaders(draft, scheme.signature.write(macs, draft.timestamp))
      return readable({ scheme, secret, now, headers, body: draft.body })
    })
  })
  return each.length === 1 ? each[0]! : fc.oneof({ withCrossShrink: true }, ...each)
}

/**
 * Bodies of every kind that must pass unread: JSON, text in any script, byte order marks, line ends, bytes that are not UTF-8, nothing.
 *
 * @example
 * signedDelivery({ scheme: github, body: webhookBody() })
 */
export function webhookBody(): fc.Arbitrary<string | Uint8Array> {
  return fc.oneof(
    { withCrossShrink: true },
    jsonBody(),
    fc.constantFrom('', ' ', '\ufeff{}', '{"a":1}\r\n', '[]', 'null', 'a=1&b=2', '\u0000', '{"amount":"1.50"'),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 256 }),
  )
}

/** @internal Lets fast-check print a delivery as one would write it: a scheme by its name, a body as text. */
export function readable<Delivery extends SignedDelivery>(delivery: Delivery): Delivery {
  const print = (): string => {
    const { scheme, body, ...rest } = delivery
    return `{ scheme: ${scheme.name}, body: ${printBody(body)}, ${fc.stringify(rest).slice(1, -1)} }`
  }
  return Object.defineProperty(delivery, fc.toStringMethod, { value: print })
}

function printBody(body: Uint8Array): string {
  if (body.length > 1_000) return `${body.length} bytes`
  try {
    return fc.stringify(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    return fc.stringify(body)
  }
}

/** @internal One scheme's constraints, read. */
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
}

/** @internal A delivery in the making. */
export interface Signable {
  readonly draft: Draft
  readonly secret: string
  readonly now: number
}

/** @internal */
export function drafts(settings: DeliverySettings): fc.Arbitrary<Signable> {
  const { scheme, toleranceSeconds, marginSeconds } = settings
  const reach = toleranceSeconds - marginSeconds
  return fc
    .record({
      body: settings.body,
      secret: settings.secret,
      now: settings.now,
      age: fc.oneof(fc.integer({ min: -reach, max: reach }), fc.constantFrom(0, reach, -reach)),
      deliveryId: settings.deliveryId,
      event: settings.event,
    })
    .map(({ body, secret, now, age, deliveryId, event }) => {
      const draft: Draft = {
        scheme,
        key: keyOf(scheme, secret),
        deliveryId: scheme.headers.deliveryId.length > 0 ? deliveryId : undefined,
        timestamp: String(Math.max(1, now - age)),
        event: event ?? undefined,
        body,
      }
      return { draft, secret, now }
    })
}

/** @internal Reads the constraints, a set for each scheme; what makes no sense throws here, before anything is generated. */
export function readDeliveryConstraints(constraints: SignedDeliveryConstraints): DeliverySettings[] {
  if (typeof constraints !== 'object' || constraints === null) throw invalidOption('constraints', 'an object')
  const { scheme = fluxora, secret, body, now, deliveryId, event } = constraints
  const schemes = (Array.isArray(scheme) ? scheme : [scheme]) as readonly unknown[]
  if (schemes.length === 0) throw invalidOption('scheme', 'a scheme, or a list of some')
  if (isBeyondSeconds(now)) throw looksLikeMilliseconds('now', 'whole Unix seconds', 'now')
  const toleranceSeconds = whole('toleranceSeconds', constraints.toleranceSeconds, 300, 0, 1e9)
  const marginSeconds = whole('marginSeconds', constraints.marginSeconds, 0, 0, toleranceSeconds)
  const maxBodyBytes = whole('maxBodyBytes', constraints.maxBodyBytes, DEFAULT_MAX_BODY_BYTES, 1, 2 ** 26)
  for (const [option, text] of Object.entries({ deliveryId, event })) {
    if (text !== undefined && (typeof text !== 'string' || !/^[!-~]([ -~]*[!-~])?$/.test(text)))
      throw invalidOption(option, 'visible ASCII text')
  }
  return schemes.map((entry): DeliverySettings => {
    const each = readScheme(entry)
    if (deliveryId !== undefined && isAmbiguousId(each, deliveryId))
      throw invalidOption('deliveryId', 'without what separates the signed parts')
    if (secret !== undefined) keyOf(each, secret)
    return {
      scheme: each,
      secret: secret === undefined ? secretOf(each) : fc.constant(secret),
      body: bodyOf(body, maxBodyBytes),
      now:
        now === undefined
          ? fc.integer({ min: 1_600_000_000, max: 1_900_000_000 })
          : fc.constant(whole('now', now, 0, 1, 1e11)),
      toleranceSeconds,
      marginSeconds,
      maxBodyBytes,
      deliveryId: deliveryId === undefined ? idOf(each) : fc.constant(deliveryId),
      event: event === undefined ? fc.option(fc.constantFrom(...EVENTS), { freq: 2 }) : fc.constant(event),
    }
  })
}

const EVENTS = ['stream.created', 'stream.updated', 'payment.settled', 'order/paid', 'push'] as const

function whole(option: string, value: number | undefined, fallback: number, min: number, max: number): number {
  const number = readNumber(option, value, fallback, min, max, 'a whole number')
  if (!Number.isInteger(number)) throw invalidOption(option, 'a whole number')
  return number
}

function bodyOf(body: SignedDeliveryConstraints['body'], maxBodyBytes: number): fc.Arbitrary<Uint8Array> {
  const read = (each: unknown): Uint8Array | undefined => {
    const bytes = typeof each === 'string' || each instanceof Uint8Array ? toBytes(each) : undefined
    return bytes && bytes.length <= maxBodyBytes ? bytes : undefined
  }
  if (body === undefined) return jsonBody().map((text) => read(text) ?? new Uint8Array())
  if (isArbitrary(body)) {
    return body.filter((each) => read(each) !== undefined).map((each) => read(each) as Uint8Array)
  }
  const bytes = read(body)
  if (!bytes) throw invalidOption('body', 'bytes or well-formed text within maxBodyBytes, or an arbitrary of such')
  return fc.constant(bytes)
}

/** Not by `instanceof`: a program may hold an ESM and a CommonJS copy of fast-check. */
function isArbitrary(body: object | string): body is fc.Arbitrary<string | Uint8Array> {
  return typeof (body as { generate?: unknown }).generate === 'function'
}

/**
 * JSON objects as other languages write them: with blanks, line ends, escapes, numbers that JavaScript would write otherwise, and members
 * twice. A handler that parses and serialises before it verifies does not get these bytes back.
 */
function jsonBody(): fc.Arbitrary<string> {
  const word = fc.stringMatching(/^[a-z][a-z_]{0,7}$/)
  const value = fc.oneof(
    fc.constantFrom('null', 'true', '"100.50"', '1.10', '1e2', '-0', '12345678901234567890', '""', '[]', '{}'),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\u00e9"', '"\\/"', '"🚀"', '"\\ud83d\\ude80"', '"<\\u003c"'),
    fc.array(word, { maxLength: 3 }).map((words) => JSON.stringify(words)),
  )
  return fc
    .record({
      members: fc.array(fc.tuple(word, value), { maxLength: 5 }),
      colon: fc.constantFrom(':', ': '),
      comma: fc.constantFrom(',', ', ', ',\n  '),
      end: fc.constantFrom('', '\n', '\r\n'),
    })
    .map(
      ({ members, colon, comma, end }) =>
        `{${members.map(([name, text]) => `"${name}"${colon}${text}`).join(comma)}}${end}`,
    )
}

/** Ids that senders write, and others that a header may carry. */
function idOf(scheme: WebhookScheme): fc.Arbitrary<string> {
  return fc
    .oneof(
      { withCrossShrink: true },
      fc.uuid(),
      fc.stringMatching(/^(evt|msg|whd)_[0-9A-Za-z]{1,24}$/),
      fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/),
    )
    .filter((id) => !isAmbiguousId(scheme, id))
}

/** Secrets of the scheme's form: any text, or base64 with or without a prefix where text is not taken. */
function secretOf(scheme: WebhookScheme): fc.Arbitrary<string> {
  const isSecret = (text: string): boolean => isSecretText(text, scheme)
  const base64 = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => btoa(String.fromCharCode(...bytes)))
  const prefixed = base64.map((text) => `whsec_${text}`)
  if (isSecret('a secret')) {
    const text = fc.oneof(
      { withCrossShrink: true },
      fc.stringMatching(/^[!-~]{1,48}$/),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 24 }),
      prefixed,
    )
    return text.filter(isSecret)
  }
  const sample = btoa('\0'.repeat(24))
  if (isSecret(`whsec_${sample}`)) return prefixed
  if (isSecret(sample)) return base64
  throw invalidOption('secret', `given for the scheme ${scheme.name}, whose secrets are of a form of their own`)
}
