// Step 2, head: what the headers say, before anyone looks at the body.

import { type Refusal, refuse, type VerificationRefusal } from '../codes.ts'
import type { ReadSignature } from '../schemes/signature-format.ts'
import { isAmbiguousId, isJoined } from './ambiguity.ts'
import type { Checks } from './checks.ts'
import type { FoundHeaders } from './header-fields.ts'
import { describeMalformed, describeOtherSender } from './hints.ts'

/** The headers of a delivery, in order and understood. */
export interface Head {
  readonly ok: true
  /** All headers as they were given, in a form that can be read again. */
  readonly bag: unknown
  readonly deliveryId: string | undefined
  /** As text; its form and age are checked later. */
  readonly timestamp: string | undefined
  readonly event: string | undefined
  /** The signatures to compare with. */
  readonly candidates: readonly Uint8Array[]
  /** Those that only a public key can check, if the scheme carries both kinds. */
  readonly publicCandidates: readonly Uint8Array[] | undefined
  /** The Content-Encoding, if the body has one; then it is one that is accepted. */
  readonly encoding: string | undefined
}

/** Checks the fields in the order of the contract: delivery id, timestamp, signature, content encoding. */
export function readHead(checks: Checks, found: FoundHeaders): Head | VerificationRefusal {
  const refusal = checkDeliveryId(checks, found) ?? checkTimestampHeader(checks, found)
  if (refusal) return refusal

  const read = readSignature(checks, found)
  if ('code' in read) return read

  const encoding = readEncoding(found.contentEncoding)
  if (encoding !== undefined && !checks.encodings?.includes(encoding)) {
    return refuse('unsupported_content_encoding', describeEncodings(checks.encodings))
  }
  const timestamp = checks.scheme.signature.carriesTimestamp ? read.timestamp : found.timestamp
  return {
    ok: true,
    bag: found.bag,
    deliveryId: found.deliveryId || undefined,
    timestamp: timestamp || undefined,
    event: found.event || undefined,
    candidates: read.candidates,
    publicCandidates: read.publicCandidates,
    encoding,
  }
}

/** The signatures of the header. A scheme whose signature is in the body has none here. */
function readSignature(checks: Checks, found: FoundHeaders): ReadSignature | VerificationRefusal {
  const { signature, headers, proof } = checks.scheme
  if (headers.signature.length === 0) return IN_BODY
  if (!found.signature) return missing('missing_signature', headers.signature, checks, found)
  const isRepeated = found.repeated.includes('signature')
  const readOne = (text: string) => signature.read(text, proof.length)
  const read = isRepeated ? undefined : readOne(found.signature)
  if (read && (!signature.carriesTimestamp || read.timestamp)) return read
  if (isRepeated || isJoinedHeader(checks, found.signature, readOne)) return ambiguous(headers.signature)
  return refuse('malformed_signature', describeMalformed(checks.scheme))
}

const IN_BODY: ReadSignature = { candidates: [] }

function checkDeliveryId(checks: Checks, found: FoundHeaders): VerificationRefusal | undefined {
  const { scheme } = checks
  const { deliveryId } = found
  const names = scheme.headers.deliveryId
  if (scheme.requires.deliveryId && !deliveryId) return missing('missing_delivery_id', names, checks, found)
  if (found.repeated.includes('deliveryId')) return ambiguous(names)
  if (deliveryId && !checks.acceptsJoinedHeaders && isAmbiguousId(scheme, deliveryId)) return ambiguous(names)
  return undefined
}

function checkTimestampHeader(checks: Checks, found: FoundHeaders): VerificationRefusal | undefined {
  const { headers, requires, signature } = checks.scheme
  const { timestamp } = found
  if (requires.timestamp && !signature.carriesTimestamp && !timestamp) {
    return missing('missing_timestamp', headers.timestamp, checks, found)
  }
  if (found.repeated.includes('timestamp')) return ambiguous(headers.timestamp)
  if (isJoinedHeader(checks, timestamp, checks.scheme.timestamp.read)) return ambiguous(headers.timestamp)
  return undefined
}

function isJoinedHeader(checks: Checks, value: string | undefined, isOfForm: (text: string) => unknown): boolean {
  return !checks.acceptsJoinedHeaders && isJoined(value, isOfForm)
}

function missing<Code extends 'missing_delivery_id' | 'missing_timestamp' | 'missing_signature'>(
  code: Code,
  names: readonly string[],
  { scheme }: Checks,
  { signature, bag }: FoundHeaders,
): Refusal<Code> {
  const hint = signature ? '' : describeOtherSender(scheme, bag)
  return refuse(code, `The ${names[0]} header is missing.${hint}`)
}

function ambiguous(names: readonly string[]): Refusal<'ambiguous_header'> {
  return refuse('ambiguous_header', `The ${names[0]} header can be read in more than one way.`)
}

/** Runtimes differ in what they can inflate: many have no decoder for br. */
function describeEncodings(encodings: readonly string[] | undefined): string {
  if (!encodings?.length) return 'The body must arrive as it was signed, without a Content-Encoding.'
  return `The body must arrive without a Content-Encoding, or with one that can be inflated here: ${encodings.join(', ')}.`
}

/** RFC 9110 section 8.4: in any case, and `identity` means none. */
function readEncoding(header: string | undefined): string | undefined {
  const encoding = header?.trim().toLowerCase()
  return encoding === '' || encoding === 'identity' ? undefined : encoding
}
