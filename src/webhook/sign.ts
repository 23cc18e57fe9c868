// Signing: the headers that a sender puts beside a body.

import { demandKnownNames, invalidOption, WebhookError } from '../shared/webhook-error.ts'
import { importAtOnce } from './import-keys.ts'
import { isAmbiguousId } from './pipeline/ambiguity.ts'
import { toBytes, type WebhookBody } from './pipeline/body.ts'
import { type SignedFields, signedContent } from './pipeline/signed-content.ts'
import { writeTimestamp } from './pipeline/timestamp.ts'
import { readClock, systemClock } from './pipeline/unix-seconds.ts'
import type { SignedContent } from './proof/engine.ts'
import { type NodeKey, nodeEngine, nodeSign } from './proof/node.ts'
import { fluxora } from './schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from './schemes/scheme.ts'
import { type Key, readSecret, readSecrets, type WebhookSecrets } from './secrets.ts'

/** The options of a signer. Only `secrets` is required. */
export interface WebhookSignerOptions {
  /** The receiver's scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  /** The first one that has not expired signs. If the scheme can carry several signatures, all that have not expired sign. */
  readonly secrets: WebhookSecrets
  /** The clock, in Unix seconds; the system's clock by default. */
  readonly now?: (() => number) | undefined
}

/** One attempt at a delivery. */
export interface SignInput {
  /** Exactly what is sent. Text stands for its UTF-8 bytes. */
  readonly body: WebhookBody
  /** The same for all attempts at one delivery: visible ASCII. A random UUID by default, if the scheme has an id. */
  readonly deliveryId?: string | undefined
  /** The name of the event, if the scheme has a header for it: visible ASCII; none by default. */
  readonly event?: string | undefined
  /** Unix seconds; the clock's by default. Sign each attempt anew. */
  readonly timestamp?: number | undefined
  /** The request's method, if the scheme signs it; `POST` by default. */
  readonly method?: string | undefined
  /** The whole URL that the request is sent to, if the scheme signs the URL or its path. */
  readonly url?: string | undefined
  /** Headers of the request that the scheme signs beside its own; none by default. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Signs deliveries of one scheme. */
export interface WebhookSigner {
  /**
   * Writes the headers for one attempt, by lower-case name. Fields that the scheme has no header for are left out.
   *
   * @param input The body, and what differs from the defaults.
   * @returns The headers to send beside the body.
   * @throws {WebhookError} `invalid_input` for what cannot be sent, `invalid_secret` if every secret has expired, and `invalid_option` if the
   *   clock does not give Unix seconds.
   */
  sign(input: SignInput): Record<string, string>
}

/**
 * Makes a signer.
 *
 * @param options The secrets, and the scheme and clock if they differ from the defaults.
 * @returns A signer whose `sign` gives the headers to send beside a body.
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme` if the options make no sense.
 *
 * @example
 * ```ts
 * const signer = createWebhookSigner({ secrets: process.env.WEBHOOK_SECRET })
 * const body = JSON.stringify(event) // once: exactly these bytes are signed and sent
 * await fetch(url, { method: 'POST', body, headers: signer.sign({ body, deliveryId: event.id }) })
 * ```
 */
export function createWebhookSigner(options: WebhookSignerOptions): WebhookSigner {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, Object.keys(OPTION_NAMES))
  const scheme = readScheme(options.scheme ?? fluxora)
  if (scheme.bodyFields?.signature !== undefined) throw new WebhookError('invalid_scheme', SIGNATURE_IN_BODY, 'scheme')
  const keys = importSigningKeys(readSecrets('secrets', options.secrets, scheme, 'sign'))
  const { now = systemClock } = options
  if (typeof now !== 'function') throw invalidOption('now', 'a function that returns Unix seconds')
  return Object.freeze({
    sign(input: SignInput): Record<string, string> {
      checkInput(input)
      const body = readInputBody(input.body)
      const time = readClock(now())
      const timestamp = writeTimestamp(input.timestamp ?? time, scheme.timestamp)
      const deliveryId = readDeliveryId(scheme, input.deliveryId)
      const content = contentOf(scheme, input, { deliveryId, timestamp }, body)
      const signing = signingKeys(keys, scheme, time)
      const signatures = signing.map((key) => nodeSign(key.imported, content))
      const kinds = signing.map((key) => key.material.kind)
      const { headers: names, signature } = scheme
      const headers: Record<string, string> = {}
      setHeader(headers, names.deliveryId, deliveryId)
      setHeader(headers, names.timestamp, timestamp)
      setHeader(headers, names.signature, signature.write(signatures, timestamp, kinds))
      setHeader(headers, names.event, readHeaderText('event', input.event))
      return headers
    },
  })
}

const OPTION_NAMES: Record<keyof WebhookSignerOptions, true> = { secrets: true, scheme: true, now: true }

/**
 * The Fluxora signature: hex HMAC-SHA256 of `timestamp.rawBody` under the secret's UTF-8 bytes.
 *
 * @param secret Text or bytes.
 * @param timestamp Unix seconds, exactly as in `x-fluxora-timestamp` if it is text.
 * @param rawBody The bytes to send. Text stands for its UTF-8 bytes.
 * @returns 64 lower-case hexadecimal digits.
 * @throws {WebhookError} `invalid_secret` for a secret that cannot be used, `invalid_input` for a body that is neither bytes nor well-formed
 *   text, or a number that is not a time in whole Unix seconds.
 *
 * @example
 * ```ts
 * computeWebhookSignature('topsecret', '1710000000', '{"event":"stream.updated"}')
 * ```
 */
export function computeWebhookSignature(
  secret: string | Uint8Array | undefined,
  timestamp: string | number,
  rawBody: WebhookBody,
): string {
  const key = readSecret({ option: 'secret', path: 'secret', rules: fluxora, use: 'sign' }, secret)
  const text = typeof timestamp === 'number' ? writeTimestamp(timestamp) : timestamp
  const content = signedContent(fluxora, { deliveryId: undefined, timestamp: text }, readInputBody(rawBody))
  return fluxora.signature.write([nodeSign(nodeEngine.importKey(key.material), content)], text)
}

/** A key that is ready to sign. */
interface SigningKey extends Key {
  readonly imported: NodeKey
}

function importSigningKeys(keys: readonly Key[]): readonly SigningKey[] {
  const imported = importAtOnce(nodeEngine, keys)
  return keys.flatMap((key, index) => {
    const ready = imported[index]
    return ready === undefined ? [] : [{ ...key, imported: ready }]
  })
}

const SIGNATURE_IN_BODY = 'Scheme: the signature is inside the body, so there are no headers to sign with.'

/** What is signed. Throws for input that the scheme needs and did not get. */
function contentOf(scheme: WebhookScheme, input: SignInput, fields: SignedFields, body: Uint8Array): SignedContent {
  if (!scheme.content) return signedContent(scheme, fields, body)
  const { method, url, headers } = input
  const written = scheme.content(scheme, { method, url, bag: headers, ...fields, body }, nodeEngine.digest)
  // By node:crypto everything is there at once.
  if (written instanceof Promise) throw invalidInput('the content of this scheme cannot be written at once')
  if (written.ok) return written.content
  throw invalidInput(`the request cannot be signed: ${written.message}`)
}

function signingKeys(keys: readonly SigningKey[], { signature }: WebhookScheme, now: number): readonly SigningKey[] {
  const valid = keys.filter((key) => now < key.expiresAt)
  if (valid.length === 0) throw new WebhookError('invalid_secret', 'Every secret has expired.', 'secrets')
  return signature.carriesMany ? valid : valid.slice(0, 1)
}

function setHeader(headers: Record<string, string>, [name]: readonly string[], value: string | undefined): void {
  if (name !== undefined && value !== undefined) headers[name] = value
}

const INPUT_NAMES: Record<string, keyof SignInput> = {
  body: 'body',
  deliveryid: 'deliveryId',
  event: 'event',
  timestamp: 'timestamp',
}

/**
 * Other names are ignored, since an event may be spread into the input. A misspelt name is refused: with `delivery_id`, say, each attempt
 * would silently get a new id.
 */
function checkInput(input: unknown): void {
  if (typeof input !== 'object' || input === null) throw invalidInput('input must be an object')
  for (const name of Object.keys(input)) {
    const meant = INPUT_NAMES[name.replace(/[^A-Za-z]/g, '').toLowerCase()]
    if (meant !== undefined && meant !== name) throw invalidInput(`${name} must be spelt ${meant}`)
  }
}

function readInputBody(body: unknown): Uint8Array {
  const bytes = toBytes(body)
  if (bytes) return bytes
  throw invalidInput('body must be bytes or well-formed text; serialise an object once and sign what you send')
}

function readDeliveryId(scheme: WebhookScheme, given: string | undefined): string | undefined {
  if (scheme.headers.deliveryId.length === 0) return undefined
  const deliveryId = readHeaderText('deliveryId', given) ?? crypto.randomUUID()
  if (isAmbiguousId(scheme, deliveryId)) throw invalidInput(AMBIGUOUS_ID)
  return deliveryId
}

const AMBIGUOUS_ID =
  'deliveryId must not contain a comma followed by a space, or the text that separates it from the other signed parts'

/** Visible ASCII, with spaces inside: what every transport carries unchanged, and no line break (RFC 9110 section 5.5). */
function readHeaderText(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value))) return value
  throw invalidInput(`${name} must be visible ASCII text`)
}

function invalidInput(message: string): WebhookError {
  return new WebhookError('invalid_input', `${message}.`)
}
