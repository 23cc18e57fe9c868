// Signing: the headers that a sender puts beside a body.

import { demandKnownNames, invalidOption, WebhookError } from '../shared/webhook-error.ts'
import { isAmbiguousId, toBytes, type WebhookBody, writeSigned } from './pipeline/checks.ts'
import { writeTimestamp } from './pipeline/timestamp.ts'
import { readClock, systemClock } from './pipeline/unix-seconds.ts'
import { nodeMac } from './proof/node.ts'
import { fluxora } from './schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from './schemes/scheme.ts'
import { readSecret, readSecrets, type WebhookSecrets } from './secrets.ts'

/** What a signer is made of. */
export interface WebhookSignerOptions {
  /** The receiver's scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  /** The first one that has not expired signs; where the scheme carries several signatures, all of those do. */
  readonly secrets: WebhookSecrets
  /** The clock, in Unix seconds. */
  readonly now?: (() => number) | undefined
}

/** One attempt at a delivery. */
export interface SignInput {
  readonly body: WebhookBody
  /** Keep it over all attempts at one delivery. A random UUID where the scheme has an id and none is given. */
  readonly deliveryId?: string | undefined
  readonly event?: string | undefined
  /** Unix seconds, the clock's by default: sign each attempt anew. */
  readonly timestamp?: number | undefined
}

/** Signs deliveries of one scheme. */
export interface WebhookSigner {
  /**
   * The headers for one attempt, by lower-case name. Fields that the scheme has no header for are left out.
   *
   * @throws {WebhookError} `invalid_input` for what cannot be sent, `invalid_secret` where every secret has expired
   */
  sign(input: SignInput): Record<string, string>
}

/**
 * Makes a signer.
 *
 * @throws {WebhookError} `invalid_secret`, `invalid_option` or `invalid_scheme`
 * @example
 * const signer = createWebhookSigner({ secrets: process.env.WEBHOOK_SECRET })
 * const body = JSON.stringify(event) // once: these very bytes are signed and sent
 * await fetch(url, { method: 'POST', body, headers: signer.sign({ body, deliveryId: event.id }) })
 */
export function createWebhookSigner(options: WebhookSignerOptions): WebhookSigner {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  demandKnownNames(options, Object.keys(NAMES))
  const scheme = readScheme(options.scheme ?? fluxora)
  const keys = readSecrets('secrets', options.secrets, scheme).map((key) => ({
    ...key,
    imported: nodeMac.importKey(key.bytes),
  }))
  const { now = systemClock } = options
  if (typeof now !== 'function') throw invalidOption('now', 'a function that returns Unix seconds')
  return Object.freeze({
    sign(input: SignInput): Record<string, string> {
      if (typeof input !== 'object' || input === null) throw invalidInput('input must be an object')
      refuseMisspelt(input)
      const body = readBody(input.body)
      const time = readClock(now())
      const timestamp = writeTimestamp(input.timestamp ?? time)
      const deliveryId = readDeliveryId(scheme, input.deliveryId)
      const valid = keys.filter((key) => time < key.expiresAt)
      if (valid.length === 0) throw new WebhookError('invalid_secret', 'Every secret has expired.', 'secrets')
      const fields = { deliveryId, timestamp }
      const [before, after] = [writeSigned(scheme.before, fields), writeSigned(scheme.after, fields)]
      const signing = scheme.signature.carriesMany ? valid : valid.slice(0, 1)
      const macs = signing.map((key) => nodeMac.mac(key.imported, before, body, after))
      const headers: Record<string, string> = {}
      const write = (names: readonly string[], value: string | undefined): void => {
        if (names[0] !== undefined && value !== undefined) headers[names[0]] = value
      }
      write(scheme.headers.deliveryId, deliveryId)
      write(scheme.headers.timestamp, timestamp)
      write(scheme.headers.signature, scheme.signature.write(macs, timestamp))
      write(scheme.headers.event, readHeaderText('event', input.event))
      return headers
    },
  })
}

const NAMES: Record<keyof WebhookSignerOptions, true> = { secrets: true, scheme: true, now: true }

/**
 * The Fluxora signature: hex HMAC-SHA256 of `timestamp.rawBody` under the secret's UTF-8 bytes.
 *
 * @param timestamp as it stands in `x-fluxora-timestamp`
 * @throws {WebhookError} `invalid_secret` for one that could not be used, `invalid_input` for a body that is neither bytes nor well-formed
 *   text, or a number that is no time in whole Unix seconds
 * @example
 * computeWebhookSignature('topsecret', '1710000000', '{"event":"stream.updated"}')
 */
export function computeWebhookSignature(
  secret: string | Uint8Array | undefined,
  timestamp: string | number,
  rawBody: WebhookBody,
): string {
  const key = readSecret('secret', secret, fluxora)
  const text = typeof timestamp === 'number' ? writeTimestamp(timestamp) : timestamp
  const mac = nodeMac.mac(nodeMac.importKey(key.bytes), `${text}.`, readBody(rawBody), '')
  return fluxora.signature.write([mac], '')
}

const INPUT_NAMES: Record<string, keyof SignInput> = {
  body: 'body',
  deliveryid: 'deliveryId',
  event: 'event',
  timestamp: 'timestamp',
}

/** An event may be spread into the input, so other names are let be. Not so one that differs by its spelling: each attempt would get a new id. */
function refuseMisspelt(input: object): void {
  for (const name of Object.keys(input)) {
    const meant = INPUT_NAMES[name.replace(/[^A-Za-z]/g, '').toLowerCase()]
    if (meant !== undefined && meant !== name) throw invalidInput(`${name} must be spelt ${meant}`)
  }
}

function readBody(body: unknown): Uint8Array {
  const bytes = toBytes(body)
  if (!bytes)
    throw invalidInput('body must be bytes or well-formed text; serialise an object once and sign what you send')
  return bytes
}

function readDeliveryId(scheme: WebhookScheme, given: string | undefined): string | undefined {
  if (scheme.headers.deliveryId.length === 0) return undefined
  const deliveryId = readHeaderText('deliveryId', given) ?? crypto.randomUUID()
  if (isAmbiguousId(scheme, deliveryId)) throw invalidInput('deliveryId must not hold what separates the signed parts')
  return deliveryId
}

/** Visible ASCII, blanks inside: what every transport carries unchanged, and no line break (RFC 9110 section 5.5). */
function readHeaderText(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value))) return value
  throw invalidInput(`${name} must be visible ASCII text`)
}

function invalidInput(message: string): WebhookError {
  return new WebhookError('invalid_input', `${message}.`)
}
