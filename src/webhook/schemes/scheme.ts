// A scheme is data: which headers, what is signed in which order, how the signature is written, how a secret becomes a key.
// The library's own schemes are built here as they are. A user's pass through define.ts, which checks them first.

import { utf8 } from '../../shared/utf8.ts'
import { WebhookError } from '../../shared/webhook-error.ts'
import type { BodyFields, ContentWriter } from '../pipeline/content-writer.ts'
import { type TimestampForm, unixSeconds } from '../pipeline/timestamp-formats.ts'
import { hmacSha256 } from '../proof/hmac.ts'
import type { Proof, WebhookAlgorithm } from '../proof/key-material.ts'
import type { SecretFormat } from '../secrets.ts'
import type { SignatureFormat } from './signature-format.ts'
import type { SignedPart } from './signed-part.ts'

/** What `defineScheme` takes. Header names match in any case. If a field has several, a signer writes the first. */
export interface SchemeDefinition {
  /** Names the scheme in results and in dedupe keys. */
  readonly name: string
  /** The header that carries each field, or several names for it. Only the signature's is required, unless it is in the body. */
  readonly headers: {
    readonly signature?: string | readonly string[]
    readonly timestamp?: string | readonly string[]
    readonly deliveryId?: string | readonly string[]
    readonly event?: string | readonly string[]
  }
  /**
   * What the signature covers, in order. `timestamp`, `deliveryId`, `body`, `method`, `url` and `path` (with the query) are those fields;
   * the objects are described at {@link SignedPart}; any other text is its own UTF-8 bytes. A bare word like `v0` could be a misspelt field
   * name, and must be written `{ text: 'v0' }`. The body must be covered: as `body`, by its hash, or field by field. With a token nothing is
   * signed, and the list is empty.
   */
  readonly signed: readonly SignedPart[]
  /** How the signature is written: made by `singleSignature`, `fieldSignature` or `versionedSignature`, or your own. */
  readonly signature: SignatureFormat
  /** How a signature is made; `'hmac-sha256'` by default. It decides what a secret is: nothing that is received can choose it. */
  readonly algorithm?: WebhookAlgorithm
  /** How the timestamp is written: `'seconds'` (Unix, the default), `'milliseconds'` (Unix) or `'iso8601'`. */
  readonly timestampFormat?: TimestampFormat
  /** Where the body has the timestamp, as a JSON Pointer. It is checked after the signature. */
  readonly timestampIn?: string
  /** Where the signature is: a header's name, in place of `headers.signature`, or a JSON Pointer into the body. */
  readonly signatureIn?: string
  /** The largest body in bytes, if the receiver does not say otherwise; 262,144 by default. */
  readonly maxBodyBytes?: number
  /** Fields that must be present although they are not signed. Signed fields are always required. */
  readonly required?: readonly ('timestamp' | 'deliveryId')[]
  /** How the text of a secret becomes key bytes; its literal UTF-8 bytes by default. */
  readonly secret?: SecretFormat
  /** That form in words, for the message about a secret in another form: `base64, with or without whsec_ before it`. */
  readonly secretForm?: string
  /** What makes two deliveries the same, unless the receiver says otherwise. By default the id if it is signed, otherwise the content. */
  readonly dedupeBy?: DedupeBy
}

/**
 * What makes two deliveries the same. docs/identity.md explains what each choice loses and what it lets in.
 *
 * - `'deliveryId'`: the id in its header. If that is not signed, anyone who has a copy can send it again under another id.
 * - `'content'`: what is signed, without the timestamp, and the value of the event header. Two events with the same content are one.
 * - `'deliveryIdAndContent'`: the id, bound to the body, and the signed attempt, bound to the id. Anything else is a conflict.
 * - `'none'`: nothing. Every delivery is handled, for senders whose genuine deliveries cannot be told from copies.
 * - `{ bodyId }`: the id inside the signed body, at that JSON Pointer (RFC 6901): text, or a whole number up to 2^53 - 1.
 *
 * A delivery without such an id is known by its content.
 */
export type DedupeBy = 'deliveryId' | 'content' | 'deliveryIdAndContent' | 'none' | { readonly bodyId: string }

/** How a timestamp is written. */
export type TimestampFormat = 'seconds' | 'milliseconds' | 'iso8601'

/** A scheme made by `defineScheme`: the definition with every default filled in, frozen. */
export interface WebhookScheme {
  readonly name: string
  readonly headers: {
    readonly signature: readonly string[]
    readonly timestamp: readonly string[]
    readonly deliveryId: readonly string[]
    readonly event: readonly string[]
  }
  /** The parts before the body, and after it. Without the body itself, all are before. */
  readonly before: readonly SignedPart[]
  readonly after: readonly SignedPart[]
  /** Whether the body's bytes are signed as they are. */
  readonly bodySigned: boolean
  /** The algorithm, and how its keys are read. */
  readonly proof: Proof
  /** How the timestamp is written. */
  readonly timestamp: TimestampForm
  /** Writes what is signed, if that takes more than the timestamp, the id and the body. */
  readonly content: ContentWriter | undefined
  /** Finds the signature and the timestamp in the body, if one of them is there. */
  readonly bodyFields: BodyFields | undefined
  /** The largest body in bytes, if the receiver does not say otherwise. */
  readonly maxBodyBytes: number | undefined
  readonly signature: SignatureFormat
  readonly requires: { readonly timestamp: boolean; readonly deliveryId: boolean }
  /** Whether the signature covers the timestamp. If it does not, only dedupe prevents a replay. */
  readonly timestampSigned: boolean
  readonly deliveryIdSigned: boolean
  readonly secret: SecretFormat
  /** The form of a secret in words. */
  readonly secretForm: string
  readonly dedupeBy: DedupeBy
}

/** A definition whose words are replaced by what they stand for, so that a bundle holds only what its schemes use. */
export interface SchemeParts
  extends Omit<SchemeDefinition, 'algorithm' | 'timestampFormat' | 'timestampIn' | 'signatureIn'> {
  readonly proof?: Proof
  readonly timestamp?: TimestampForm
  readonly content?: ContentWriter
  readonly bodyFields?: BodyFields
}

/** Fills in the defaults of a definition that is known to make sense. */
export function buildScheme(definition: SchemeParts): WebhookScheme {
  const { name, headers, signed, signature, secret = utf8, required = [], proof = hmacSha256 } = definition
  const { content, bodyFields, maxBodyBytes, timestamp = unixSeconds } = definition
  const timestampSigned = signed.includes('timestamp') || isSignedInBody(definition)
  const deliveryIdSigned = signed.includes('deliveryId')
  const parts = signed.map((part) => (typeof part === 'object' ? Object.freeze({ ...part }) : part))
  const bodySigned = parts.includes('body')
  const body = bodySigned ? parts.indexOf('body') : parts.length
  const dedupeBy = definition.dedupeBy ?? defaultDedupeBy(deliveryIdSigned)
  return Object.freeze({
    name,
    headers: Object.freeze({
      signature: nameList(headers.signature),
      timestamp: nameList(headers.timestamp),
      deliveryId: nameList(headers.deliveryId),
      event: nameList(headers.event),
    }),
    before: Object.freeze(parts.slice(0, body)),
    after: Object.freeze(parts.slice(body + 1)),
    bodySigned,
    signature,
    requires: Object.freeze({
      timestamp: (signed.includes('timestamp') && !bodyFields?.timestamp) || required.includes('timestamp'),
      deliveryId: deliveryIdSigned || required.includes('deliveryId'),
    }),
    timestampSigned,
    deliveryIdSigned,
    secret,
    secretForm: definition.secretForm ?? defaultSecretForm(proof, secret),
    proof,
    timestamp,
    content,
    bodyFields,
    maxBodyBytes,
    dedupeBy: typeof dedupeBy === 'object' ? Object.freeze({ ...dedupeBy }) : dedupeBy,
    [brand]: true,
  })
}

/** Whether the timestamp is inside a body that is signed. */
function isSignedInBody({ bodyFields, signed }: SchemeParts): boolean {
  return bodyFields?.timestamp !== undefined && signed.includes('body')
}

function defaultSecretForm({ algorithm }: Proof, secret: SecretFormat): string {
  if (algorithm === 'ed25519' || algorithm === 'ecdsa-p256-sha256' || algorithm === 'rsa-sha256') {
    return `a public key for ${algorithm} as PEM, JWK or base64 (to sign, a private one as PEM or JWK)`
  }
  if (secret === utf8) return 'text'
  return 'text in a form of its own'
}

function defaultDedupeBy(deliveryIdSigned: boolean): DedupeBy {
  if (deliveryIdSigned) return 'deliveryId'
  return 'content'
}

/** Reads the `scheme` option. */
export function readScheme(scheme: unknown): WebhookScheme {
  if (isScheme(scheme)) return scheme
  if (typeof scheme !== 'string') throw invalidScheme('scheme must be one made by defineScheme')
  throw invalidScheme('scheme must be the scheme itself and not its name: import it from @fluxora/verify/schemes')
}

/** Whether a value is a scheme, or a copy of one, since the brand is a field like any other. */
export function isScheme(value: unknown): value is WebhookScheme {
  return typeof value === 'object' && value !== null && brand in value
}

// Registered, so that the ESM and the CommonJS build accept each other's schemes.
const brand: unique symbol = /* @__PURE__ */ Symbol.for('@fluxora/verify:WebhookScheme')

function nameList(names: string | readonly string[] = []): readonly string[] {
  return Object.freeze([names].flat().map((name) => name.toLowerCase()))
}

export function invalidScheme(message: string): WebhookError {
  return new WebhookError('invalid_scheme', `Scheme: ${message}.`, 'scheme')
}
