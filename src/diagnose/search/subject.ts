// One delivery as one scheme sees it: what its headers say, however they are written, and what is signed.

import type { RequestTarget } from '../../webhook/pipeline/content-writer.ts'
import { type FoundHeaders, findHeaders, type HeaderField, planHeaders } from '../../webhook/pipeline/header-fields.ts'
import { signedContent } from '../../webhook/pipeline/signed-content.ts'
import type { SignedContent } from '../../webhook/proof/engine.ts'
import { webEngine } from '../../webhook/proof/web.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { findRenamed, type RenamedHeader } from '../causes/header/names.ts'
import { readSignatures } from '../causes/header/signature-forms.ts'
import type { Received } from '../change.ts'
import { decodePercent } from '../percent.ts'
import type { ReceivedBody } from '../received-body.ts'

/** The fields of a delivery as text. */
export interface Fields {
  readonly deliveryId: string | undefined
  readonly timestamp: string | undefined
}

export interface Subject extends Fields {
  readonly scheme: WebhookScheme
  readonly headers: unknown
  readonly target: RequestTarget
  readonly body: ReceivedBody
  /** The text of the signature header. */
  readonly signature: string | undefined
  /** The signatures that may have been sent. */
  readonly received: readonly Received[]
  /** Fields that the scheme requires and that no header of its names holds. */
  readonly missing: readonly HeaderField[]
  readonly repeated: readonly HeaderField[]
  /** Headers that are there under another name. */
  readonly renamed: readonly RenamedHeader[]
}

export function readSubject(
  scheme: WebhookScheme,
  headers: unknown,
  body: ReceivedBody,
  target: RequestTarget,
): Subject {
  const found = findHeaders(planHeaders(scheme.headers), headers)
  const values: Omit<FoundHeaders, 'ok' | 'bag'> = found.ok ? found : NOTHING_FOUND
  const inBody = scheme.bodyFields?.read(body.bytes)
  const renamed = findRenamed(headers, scheme.headers).filter(({ field }) => !values[field])
  const fieldValue = (field: HeaderField) => values[field] || renamed.find((each) => each.field === field)?.value
  const signature = inBody?.signature ?? fieldValue('signature')
  const isRepeated = values.repeated.includes('signature')
  const timestamp = inBody?.timestamp ?? timestampIn(signature, scheme) ?? fieldValue('timestamp')
  const deliveryId = fieldValue('deliveryId')
  return {
    scheme,
    headers,
    target,
    body,
    signature,
    deliveryId: firstOf(deliveryId),
    timestamp: firstOf(timestamp),
    received: signature === undefined ? [] : readSignatures(signature, scheme, isRepeated),
    missing: requiredFields(scheme).filter((field) => !values[field]),
    repeated: [...values.repeated, ...joinedFields({ deliveryId, timestamp }, values.repeated)],
    renamed,
  }
}

const JOINT = ', '

/** A header that was sent twice is read as its first value. */
function firstOf(value: string | undefined): string | undefined {
  return value?.split(JOINT, 1)[0]
}

/** Fields that something on the way has joined from two headers, as RFC 9110 section 5.3 has it. */
function joinedFields(fields: Fields, known: readonly HeaderField[]): HeaderField[] {
  const names = ['deliveryId', 'timestamp'] as const
  return names.filter((name) => fields[name]?.includes(JOINT) && !known.includes(name))
}

const NOTHING_FOUND: Omit<FoundHeaders, 'ok' | 'bag'> = {
  deliveryId: undefined,
  timestamp: undefined,
  signature: undefined,
  event: undefined,
  contentEncoding: undefined,
  repeated: [],
}

/** The fields that must be in a header. */
function requiredFields({ headers, requires, signature, bodyFields }: WebhookScheme): HeaderField[] {
  const fields: HeaderField[] = []
  if (requires.deliveryId) fields.push('deliveryId')
  if (requires.timestamp && !signature.carriesTimestamp && bodyFields?.timestamp === undefined) fields.push('timestamp')
  if (headers.signature.length > 0) fields.push('signature')
  return fields
}

const TIME_FIELD = /(?:^|[,;\s"'])(?:t|ts)=\s*(\d{1,16})/

/** The timestamp inside a signature header, even if the rest of it cannot be read. */
function timestampIn(header: string | undefined, { signature, proof }: WebhookScheme): string | undefined {
  if (header === undefined || !signature.carriesTimestamp) return undefined
  return signature.read(header, proof.length)?.timestamp ?? TIME_FIELD.exec(decodePercent(header))?.[1]
}

/** Exactly what the scheme signs, with other fields in place of those received. Undefined if something that is signed is missing. */
export async function contentOf(
  subject: Subject,
  body: Uint8Array,
  changed: Partial<Fields> & { readonly url?: string } = {},
): Promise<SignedContent | undefined> {
  const { scheme, headers, target } = subject
  const { deliveryId = subject.deliveryId, timestamp = subject.timestamp, url = target.url } = changed
  if (scheme.deliveryIdSigned && deliveryId === undefined) return undefined
  if ([...scheme.before, ...scheme.after].includes('timestamp') && timestamp === undefined) return undefined
  if (!scheme.content) return signedContent(scheme, { deliveryId, timestamp }, body)
  try {
    const request = { ...target, url, bag: headers, deliveryId, timestamp, body }
    const written = await scheme.content(scheme, request, webEngine.digest)
    return written.ok ? written.content : undefined
  } catch {
    return undefined // the scheme signs the URL, and none is known
  }
}
