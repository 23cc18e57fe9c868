// A scheme is data: which headers, what is signed in which order, how the signature is written, how a secret becomes a key.

import { WebhookError } from './errors.ts'
import { type SecretFormat, utf8Secret } from './secrets.ts'
import type { SignatureFormat } from './signature-format.ts'

/** What `defineScheme` takes. Header names are matched in any case; of several, a signer writes the first. */
export interface SchemeDefinition {
  /** Names the scheme in results and in dedupe keys. */
  readonly name: string
  readonly headers: {
    readonly signature: string | readonly string[]
    readonly timestamp?: string | readonly string[]
    readonly deliveryId?: string | readonly string[]
    readonly event?: string | readonly string[]
  }
  /**
   * What the MAC is computed over, in order. `timestamp`, `deliveryId` and `body` stand for those fields, any other text for its own
   * UTF-8 bytes. `body` stands exactly once.
   */
  readonly signed: readonly string[]
  readonly signature: SignatureFormat
  /** Fields that must be present although they are not signed; the signed ones must be in any case. */
  readonly required?: readonly ('timestamp' | 'deliveryId')[]
  /** How a secret's text becomes key bytes; its literal UTF-8 bytes by default. */
  readonly secret?: SecretFormat
  /**
   * What makes two deliveries the same: `deliveryId` (only where it is signed), `content` (all that is signed but the timestamp), or
   * `deliveryIdAndContent` for a scheme whose id is stable over retries but unsigned. The id where it is signed, the content elsewhere.
   */
  readonly dedupe?: 'deliveryId' | 'content' | 'deliveryIdAndContent'
}

/** A scheme made by `defineScheme`: the definition with every default filled in, frozen. */
export interface WebhookScheme {
  readonly name: string
  readonly headers: {
    readonly signature: readonly string[]
    readonly timestamp: readonly string[]
    readonly deliveryId: readonly string[]
    readonly event: readonly string[]
  }
  /** Field names and literal texts before the body, and after it. */
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly signature: SignatureFormat
  readonly requires: { readonly timestamp: boolean; readonly deliveryId: boolean }
  /** Whether the timestamp is covered by the signature. Where it is not, only dedupe stands against a replay. */
  readonly timestampSigned: boolean
  readonly deliveryIdSigned: boolean
  readonly secret: SecretFormat
  readonly dedupe: 'deliveryId' | 'content' | 'deliveryIdAndContent'
}

/**
 * Makes a scheme from its description.
 *
 * @throws {WebhookError} `invalid_scheme` where the description makes no sense
 * @example
 * const acme = defineScheme({
 *   name: 'acme',
 *   headers: { signature: 'x-acme-signature', timestamp: 'x-acme-timestamp' },
 *   signed: ['timestamp', '.', 'body'],
 *   signature: singleSignature({ encoding: hex }),
 * })
 */
export function defineScheme(definition: SchemeDefinition): WebhookScheme {
  if (typeof definition !== 'object' || definition === null) throw invalidScheme('a definition must be an object')
  const { name, signed, signature, secret = utf8Secret, required = [] } = definition
  const given = definition.headers ?? {}
  const headers = {
    signature: readNames(given.signature),
    timestamp: readNames(given.timestamp),
    deliveryId: readNames(given.deliveryId),
    event: readNames(given.event),
  }
  demand(typeof name === 'string' && name !== '', 'name must be a non-empty string')
  demand(headers.signature.length > 0, 'headers.signature must name a header')
  demand(
    typeof signature?.read === 'function' && typeof signature.write === 'function',
    'signature must be a signature format',
  )
  demand(typeof secret === 'function', 'secret must be a function')
  demand(
    Array.isArray(signed) &&
      signed.every((part) => typeof part === 'string' && part.isWellFormed()) &&
      signed.filter((part) => part === 'body').length === 1,
    "signed must be a list of texts with 'body' in it once",
  )
  demand(
    Array.isArray(required) && required.every((field) => field === 'timestamp' || field === 'deliveryId'),
    "required may name 'timestamp' and 'deliveryId'",
  )
  const [timestampSigned, deliveryIdSigned] = [signed.includes('timestamp'), signed.includes('deliveryId')]
  const requires = {
    timestamp: timestampSigned || required.includes('timestamp'),
    deliveryId: deliveryIdSigned || required.includes('deliveryId'),
  }
  demand(
    !requires.timestamp || signature.carriesTimestamp || headers.timestamp.length > 0,
    'the timestamp is required but no header carries it',
  )
  demand(!requires.deliveryId || headers.deliveryId.length > 0, 'the delivery id is required but no header carries it')
  const dedupe = definition.dedupe ?? (deliveryIdSigned ? 'deliveryId' : 'content')
  demand(
    dedupe === 'content' ||
      (dedupe === 'deliveryId' && deliveryIdSigned) ||
      (dedupe === 'deliveryIdAndContent' && requires.deliveryId),
    'dedupe may rest on a delivery id only where the id is required, and on the id alone only where it is signed',
  )
  const body = signed.indexOf('body')
  return Object.freeze({
    name,
    headers: Object.freeze(headers),
    before: Object.freeze(signed.slice(0, body)),
    after: Object.freeze(signed.slice(body + 1)),
    signature,
    requires: Object.freeze(requires),
    timestampSigned,
    deliveryIdSigned,
    secret,
    dedupe,
    [brand]: true,
  })
}

/** Reads the `scheme` option. */
export function readScheme(scheme: unknown): WebhookScheme {
  if (typeof scheme === 'object' && scheme !== null && brand in scheme) return scheme as unknown as WebhookScheme
  throw invalidScheme('scheme must be one made by defineScheme')
}

// By registered symbol: a scheme of the ESM build is as good as one of the CommonJS build.
const brand: unique symbol = /* @__PURE__ */ Symbol.for('@fluxora/verify:WebhookScheme')

function readNames(names: unknown): readonly string[] {
  const list: unknown[] = names === undefined ? [] : Array.isArray(names) ? names : [names]
  // RFC 9110 section 5.6.2: a header name is a token.
  demand(
    list.every((name) => typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name)),
    'a header name must be a token',
  )
  return Object.freeze((list as string[]).map((name) => name.toLowerCase()))
}

function demand(met: boolean, message: string): asserts met {
  if (!met) throw invalidScheme(message)
}

function invalidScheme(message: string): WebhookError {
  return new WebhookError('invalid_scheme', `Scheme: ${message}.`, 'scheme')
}
