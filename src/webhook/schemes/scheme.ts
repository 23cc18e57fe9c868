// A scheme is data: which headers, what is signed in which order, how the signature is written, how a secret becomes a key.
// The library's own schemes are built here as they are. A user's pass through define.ts, which checks them first.

import { WebhookError } from '../../shared/webhook-error.ts'
import { type SecretFormat, utf8Secret } from '../secrets.ts'
import type { SignatureFormat } from './signature-format.ts'

/** What `defineScheme` takes. Header names match in any case. If a field has several, a signer writes the first. */
export interface SchemeDefinition {
  /** Names the scheme in results and in dedupe keys. */
  readonly name: string
  /** The header that carries each field, or several names for it. Only the signature's is required. */
  readonly headers: {
    readonly signature: string | readonly string[]
    readonly timestamp?: string | readonly string[]
    readonly deliveryId?: string | readonly string[]
    readonly event?: string | readonly string[]
  }
  /**
   * What the MAC is computed over, in order. `timestamp`, `deliveryId` and `body` are those fields; any other text is its own UTF-8 bytes.
   * A bare word like `v0` could be a misspelt field name, and must be written `{ text: 'v0' }`. `body` appears exactly once.
   */
  readonly signed: readonly SignedPart[]
  /** How the signature is written: made by `singleSignature`, `fieldSignature` or `versionedSignature`, or your own. */
  readonly signature: SignatureFormat
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
 * - `{ bodyId }`: the id inside the signed body, at that JSON Pointer (RFC 6901): text, or a whole number up to 2^53 - 1.
 *
 * A delivery without such an id is known by its content.
 */
export type DedupeBy = 'deliveryId' | 'content' | 'deliveryIdAndContent' | { readonly bodyId: string }

/** A part of what is signed: the name of a field, or a text. */
export type SignedPart = SignedField | SignedText | (string & {})

/** The fields of a delivery that may be signed. */
export type SignedField = 'timestamp' | 'deliveryId' | 'body'

/** A text that is signed as its own UTF-8 bytes, even if it looks like the name of a field. */
export interface SignedText {
  readonly text: string
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
  readonly before: readonly (string | SignedText)[]
  readonly after: readonly (string | SignedText)[]
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

/** Fills in the defaults of a definition that is known to make sense. */
export function buildScheme(definition: SchemeDefinition): WebhookScheme {
  const { name, headers, signed, signature, secret = utf8Secret, required = [] } = definition
  const timestampSigned = signed.includes('timestamp')
  const deliveryIdSigned = signed.includes('deliveryId')
  const parts = signed.map((part) => (typeof part === 'object' ? Object.freeze({ ...part }) : part))
  const body = parts.indexOf('body')
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
    signature,
    requires: Object.freeze({
      timestamp: timestampSigned || required.includes('timestamp'),
      deliveryId: deliveryIdSigned || required.includes('deliveryId'),
    }),
    timestampSigned,
    deliveryIdSigned,
    secret,
    secretForm: definition.secretForm ?? defaultSecretForm(secret),
    dedupeBy: typeof dedupeBy === 'object' ? Object.freeze({ ...dedupeBy }) : dedupeBy,
    [brand]: true,
  })
}

function defaultSecretForm(secret: SecretFormat): string {
  return secret === utf8Secret ? 'text' : 'text in a form of its own'
}

function defaultDedupeBy(deliveryIdSigned: boolean): DedupeBy {
  return deliveryIdSigned ? 'deliveryId' : 'content'
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
