// The checks around the MAC, in the contract's order: headers, content encoding, size, timestamp form, age; then, once the MACs are
// there, which secret made the signature. Written once: node:crypto and WebCrypto differ only in what stands between.

import { utf8 } from '../../shared/encoding.ts'
import { invalidOption, readNumber } from '../../shared/webhook-error.ts'
import { type Refusal, refuse } from '../codes.ts'
import { fluxora } from '../schemes/fluxora.ts'
import { readScheme, type SignedText, type WebhookScheme } from '../schemes/scheme.ts'
import type { Key } from '../secrets.ts'
import { Delivery, type VerifiedDelivery } from '../verified-delivery.ts'
import { type FoundHeaders, findHeaderName, findHeaders, type HeaderPlan, keepHeaders, planHeaders } from './headers.ts'
import { checkTimestamp, readTimestamp } from './timestamp.ts'
import { readClock, systemClock } from './unix-seconds.ts'

/** A body as received: bytes, or text that stands for its UTF-8 bytes. */
export type WebhookBody = string | Uint8Array | ArrayBuffer | ArrayBufferView

/** The options that every verifier and receiver has. */
export interface CheckOptions {
  /** The sender's scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  /** How far a timestamp may lie from `now`, in seconds, both ways and inclusive; 300 by default. */
  readonly toleranceSeconds?: number | undefined
  /** The largest body, in bytes, inclusive; 262,144 by default. */
  readonly maxBodyBytes?: number | undefined
  /** The clock, in Unix seconds. */
  readonly now?: (() => number) | undefined
}

/** 256 KiB, as the Fluxora contract has it. */
export const DEFAULT_MAX_BODY_BYTES = 262_144

export interface Checks {
  readonly scheme: WebhookScheme
  readonly plan: HeaderPlan
  readonly toleranceSeconds: number
  readonly maxBodyBytes: number
  readonly now: () => number
  /** The Content-Encodings that are taken; none where it is left out. */
  readonly encodings?: readonly string[]
}

export function readChecks(options: CheckOptions): Checks {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  const { scheme = fluxora, now = systemClock } = options
  if (typeof now !== 'function') throw invalidOption('now', 'a function that returns Unix seconds')
  const { headers } = readScheme(scheme)
  return {
    scheme,
    plan: planHeaders([headers.deliveryId, headers.timestamp, headers.signature, headers.event, ['content-encoding']]),
    toleranceSeconds: readNumber('toleranceSeconds', options.toleranceSeconds, 300, 0, Number.MAX_SAFE_INTEGER),
    maxBodyBytes: readNumber('maxBodyBytes', options.maxBodyBytes, DEFAULT_MAX_BODY_BYTES, 0, Number.MAX_SAFE_INTEGER),
    now: () => readClock(now()),
  }
}

/** The verdict on a delivery. */
export type Verification =
  | {
      readonly ok: true
      readonly status: 200
      readonly code: 'ok'
      readonly message: string
      readonly delivery: VerifiedDelivery
    }
  | Refusal

/** What the headers say, before any byte of the body is looked at. */
export interface Head {
  readonly ok: true
  readonly bag: unknown
  readonly deliveryId: string | undefined
  readonly timestamp: string | undefined
  readonly event: string | undefined
  readonly candidates: readonly Uint8Array[]
  /** The Content-Encoding, one of those that are taken. */
  readonly encoding: string | undefined
}

// Where the plan of `readChecks` puts what it finds, as bits.
const DELIVERY_ID = 1
const TIMESTAMP = 2
const SIGNATURE = 4
const SIGNATURE_FIELD = 2

export function checkHead({ scheme, plan, encodings }: Checks, given: unknown): Head | Refusal {
  const { headers, signature, requires } = scheme
  const bag = keepHeaders(given)
  const found = findHeaders(plan, bag)
  if (!found) return refuse('ambiguous_header', 'The headers could not be read.')
  const { values, repeated } = found
  const [id, time, sign, event, encodedBy = ''] = values

  if (requires.deliveryId && !id) return missing('missing_delivery_id', headers.deliveryId, scheme, found, bag)
  if (repeated & DELIVERY_ID || (id && isAmbiguousId(scheme, id))) return ambiguous(headers.deliveryId)

  if (requires.timestamp && !signature.carriesTimestamp && !time) {
    return missing('missing_timestamp', headers.timestamp, scheme, found, bag)
  }
  if (repeated & TIMESTAMP || isJoined(time, readTimestamp)) return ambiguous(headers.timestamp)

  if (!sign) return missing('missing_signature', headers.signature, scheme, found, bag)
  const read = repeated & SIGNATURE ? undefined : signature.read(sign)
  if (!read || (signature.carriesTimestamp && !read.timestamp)) {
    if (repeated & SIGNATURE || isJoined(sign, signature.read)) return ambiguous(headers.signature)
    return refuse('malformed_signature', describeMalformed(scheme))
  }
  const encoding = readEncoding(encodedBy)
  if (encoding !== undefined && !encodings?.includes(encoding)) {
    return refuse('unsupported_content_encoding', 'The body must arrive as it was signed, without a Content-Encoding.')
  }
  return {
    ok: true,
    bag,
    deliveryId: id || undefined,
    timestamp: (signature.carriesTimestamp ? read.timestamp : time) || undefined,
    event: event || undefined,
    candidates: read.candidates,
    encoding,
  }
}

/** RFC 9110 section 8.4: in any case, and `identity` is none. */
function readEncoding(header: string): string | undefined {
  const encoding = header === '' ? '' : header.trim().toLowerCase()
  return encoding === '' || encoding === 'identity' ? undefined : encoding
}

/** The body's bytes, unless they are too many, or no bytes at all. */
export function checkBody(maxBodyBytes: number, body: unknown): Uint8Array | Refusal {
  // UTF-8 is never shorter than UTF-16 in units, so that text beyond the limit is refused without being encoded.
  if (typeof body === 'string' && body.length > maxBodyBytes) return tooLarge(maxBodyBytes)
  const bytes = toBytes(body)
  if (bytes) return bytes.length > maxBodyBytes ? tooLarge(maxBodyBytes) : bytes
  if (typeof body === 'string')
    return refuse('invalid_body', 'The body is text with a lone surrogate, which has no UTF-8 form.')
  return refuse('body_already_parsed', body === undefined ? NO_BODY : PARSED_BODY)
}

const NO_BODY = 'No body was given. Pass the raw bytes of the request as `body`.'
const PARSED_BODY = 'The body must be the raw bytes of the request: verify before any body parser runs.'

export function tooLarge(maxBodyBytes: number): Refusal {
  return refuse('payload_too_large', `The body is larger than ${maxBodyBytes} bytes.`)
}

/** When a delivery says that it was sent, and when it was judged: the clock is read once. */
export interface Time {
  readonly ok: true
  readonly timestamp: number | undefined
  readonly now: number
}

/** The check of a delivery's time. */
export function checkTime(checks: Checks, head: Head): Time | Refusal {
  const now = checks.now()
  const timestamp = checkTimestamp(head.timestamp, checks.toleranceSeconds, now)
  return isRefusal(timestamp) ? timestamp : { ok: true, timestamp, now }
}

/** A delivery that has passed every check but the signature's: what the MAC is to be computed over, and what it is for. */
export interface Unproven {
  readonly ok: true
  readonly head: Head
  readonly before: string
  readonly body: Uint8Array
  readonly after: string
  readonly timestamp: number | undefined
  readonly now: number
}

/** The checks between the headers and the MAC, of a body that is at hand. */
export function checkContent(checks: Checks, head: Head, body: unknown): Unproven | Refusal {
  const bytes = checkBody(checks.maxBodyBytes, body)
  if (isRefusal(bytes)) return bytes
  const time = checkTime(checks, head)
  return time.ok ? toProve(checks.scheme, head, bytes, time) : time
}

/** What is left to do: the MAC. */
export function toProve(scheme: WebhookScheme, head: Head, body: Uint8Array, { timestamp, now }: Time): Unproven {
  const { before, after } = scheme
  return { ok: true, head, before: writeSigned(before, head), body, after: writeSigned(after, head), timestamp, now }
}

/** The verdict, once it is known which keys made the signature. */
export function conclude(
  scheme: WebhookScheme,
  unproven: Unproven,
  keys: readonly Key[],
  matches: readonly boolean[],
): Verification {
  const key = matchKey(keys, matches, unproven.now)
  if (isRefusal(key)) return key
  const delivery = new Delivery(scheme.name, unproven, key.id)
  return { ok: true, status: 200, code: 'ok', message: 'The delivery is genuine.', delivery }
}

/** The signed text that stands on one side of the body. */
export function writeSigned(
  parts: readonly (string | SignedText)[],
  head: Pick<Head, 'deliveryId' | 'timestamp'>,
): string {
  let text = ''
  for (const part of parts) {
    if (typeof part === 'object') text += part.text
    else text += part === 'timestamp' || part === 'deliveryId' ? (head[part] as string) : part
  }
  return text
}

/** Which of the keys that made the signature stands: the first that has not expired. */
export function matchKey(keys: readonly Key[], matches: readonly boolean[], now: number): Key | Refusal {
  let hasExpired = false
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as Key
    if (matches[i] !== true) continue
    if (now < key.expiresAt) return key
    hasExpired = true
  }
  if (hasExpired) return refuse('previous_secret_expired', 'The signature was made with a secret that has expired.')
  return refuse('signature_mismatch', 'The signature is not one that a configured secret makes over this body.')
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && (value as { ok?: unknown }).ok === false
}

function missing(
  code: 'missing_delivery_id' | 'missing_timestamp' | 'missing_signature',
  names: readonly string[],
  scheme: WebhookScheme,
  { values }: FoundHeaders,
  bag: unknown,
): Refusal {
  const isSigned = Boolean(values[SIGNATURE_FIELD])
  return refuse(code, `The ${names[0]} header is missing.${isSigned ? '' : describeOtherSender(scheme, bag)}`)
}

/** A request that bears a signature of another name is most likely another sender's, and a beginner would not see it. */
function describeOtherSender({ name, headers }: WebhookScheme, bag: unknown): string {
  const other = findHeaderName(bag, (each) => isSignatureName(each) && !headers.signature.includes(each))
  if (other === undefined) return ''
  const which = name === fluxora.name ? '; fluxora is the default' : `, which is ${name} here`
  return ` The request has the header ${other}: is it another sender's? Then set the scheme option${which}.`
}

/** By its form, for a bundle of one scheme does not hold the headers of others; and of letters that are safe to repeat. */
function isSignatureName(name: string): boolean {
  return name.length <= 64 && /signature|hmac/.test(name) && /^[a-z0-9_-]+$/.test(name)
}

/** The sentence about a signature that is not of the scheme's form. */
export function describeMalformed({ headers, signature: { form } }: WebhookScheme): string {
  const which = form === undefined ? '' : `, which is ${form}`
  return `The ${headers.signature[0]} header is not of the form that the scheme writes${which}.`
}

function ambiguous(names: readonly string[]): Refusal {
  return refuse('ambiguous_header', `The ${names[0]} header can be read in more than one way.`)
}

/** Whether an id could be taken for two, or for a part of what is signed beside it. */
export function isAmbiguousId(scheme: WebhookScheme, id: string): boolean {
  // Without a UTF-8 form of its own, an id would be signed as another one is.
  if (id.includes(', ') || !id.isWellFormed()) return true
  if (!scheme.deliveryIdSigned) return false
  // `a.1` and a body is the same text as `a`, and `1.` before the body: the separator towards the body must be where the id ends.
  const { before, after } = scheme
  const at = before.indexOf('deliveryId')
  const part = (at < 0 ? after[after.indexOf('deliveryId') - 1] : before[at + 1]) as string | SignedText
  if (part === 'timestamp') return false
  const separator = typeof part === 'object' ? part.text : part
  return at < 0 ? (separator + id).lastIndexOf(separator) > 0 : (id + separator).indexOf(separator) < id.length
}

/**
 * Whether a transport joined two headers into one value (RFC 9110 section 5.3), as Node and Fetch do: then it begins with one that is of
 * the form, and ends with another. A form may hold the joint's own characters, so that several places are tried, but no great number.
 */
function isJoined(value: string | undefined, isForm: (text: string) => unknown): boolean {
  if (!value) return false
  let end = value.indexOf(JOINT)
  for (let tries = 1; end >= 0 && !isForm(value.slice(0, end)); tries++) {
    end = tries < MAX_JOINTS ? value.indexOf(JOINT, end + 1) : -1
  }
  if (end < 0) return false
  let start = value.lastIndexOf(JOINT)
  for (let tries = 1; start >= end && !isForm(value.slice(start + JOINT.length)); tries++) {
    start = tries < MAX_JOINTS ? value.lastIndexOf(JOINT, start - 1) : -1
  }
  return start >= end
}

const JOINT = ', '
const MAX_JOINTS = 16

/** The bytes that a body stands for; undefined for ill-formed text, and for what is neither bytes nor text. */
export function toBytes(body: unknown): Uint8Array | undefined {
  if (typeof body === 'string') return utf8(body)
  try {
    if (ArrayBuffer.isView(body)) {
      const bytes = body instanceof Uint8Array ? body : new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
      // Memory shared with another thread could change between the check and the use. (A Buffer's slice() would not copy it.)
      return bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes)
    }
    return body instanceof ArrayBuffer ? new Uint8Array(body) : undefined
  } catch {
    return undefined // a buffer that was transferred away, a proxy whose traps throw
  }
}
