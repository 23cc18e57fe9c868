// Signed content that is made of the whole request: its method and URL, other headers, form fields, a hash of the body. Only schemes that
// sign such things import this file.

import { readPointer } from '../../shared/json-pointer.ts'
import { WebhookError } from '../../shared/webhook-error.ts'
import { type Refusal, refuse } from '../codes.ts'
import { withAnswer } from '../proof/engine.ts'
import type { SignedPart } from '../schemes/signed-part.ts'
import { parseBody, textAt } from './body-fields.ts'
import type { ContentRequest, ContentWriter, WrittenContent } from './content-writer.ts'
import { visitHeaders } from './headers.ts'

/** Writes every part that a scheme can name. */
export const requestContent: ContentWriter = (parts, request, digest) => {
  const needsHash = [...parts.before, ...parts.after].some((part) => typeof part === 'object' && 'bodyHash' in part)
  if (!needsHash) return writeContent(parts, request, '')
  return withAnswer(digest(request.body), (hash) => writeContent(parts, request, hash))
}

const NOTHING = /* @__PURE__ */ new Uint8Array()

function writeContent(
  { before, after, bodySigned }: Parameters<ContentWriter>[0],
  request: ContentRequest,
  hash: string,
): WrittenContent {
  const known = { hash, document: parsedOnce(request.body) }
  const start = writeParts(before, request, known)
  if (!start.ok) return start
  const end = writeParts(after, request, known)
  if (!end.ok) return end
  return { ok: true, content: { before: start.text, body: bodySigned ? request.body : NOTHING, after: end.text } }
}

/** What is made of a body no more than once, for all parts. */
interface Known {
  readonly hash: string
  readonly document: () => unknown
}

function parsedOnce(body: Uint8Array): () => unknown {
  let parsed: { readonly document: unknown } | undefined
  return () => {
    parsed ??= { document: parseBody(body) }
    return parsed.document
  }
}

type WrittenText = { readonly ok: true; readonly text: string } | Extract<WrittenContent, { ok: false }>

function writeParts(parts: readonly SignedPart[], request: ContentRequest, known: Known): WrittenText {
  let text = ''
  for (const part of parts) {
    const written = writePart(part, request, known)
    if (typeof written !== 'string') return written
    text += written
  }
  return { ok: true, text }
}

function writePart(
  part: SignedPart,
  request: ContentRequest,
  { hash, document }: Known,
): string | Extract<WrittenText, { ok: false }> {
  if (typeof part === 'string') return writeField(part, request)
  if ('text' in part) return part.text
  if ('bodyHash' in part) return hash
  if ('header' in part) return signedHeader(part.header, request.bag)
  const value = textAt(readPointer(part.bodyField), document())
  return value ?? refuse('missing_signature', `The body has no text at ${part.bodyField}, which is signed.`)
}

/** The pipeline has made sure that a timestamp and an id are there where they are signed. */
function writeField(part: string, request: ContentRequest): string | Refusal<'invalid_body'> {
  switch (part) {
    case 'timestamp':
    case 'deliveryId':
      return request[part] ?? ''
    case 'method':
      return signedMethod(request)
    case 'url':
      return signedUrl(request)
    case 'path':
      return pathOf(signedUrl(request))
    case 'sortedFormFields':
      return sortedFormFields(request.body)
    default:
      return part
  }
}

/** The value of a header that is there once. */
export function signedHeader(wanted: string, bag: unknown): string | Refusal<'missing_signature' | 'ambiguous_header'> {
  const values: string[] = []
  visitHeaders(bag, (name, value) => {
    if (name.toLowerCase() === wanted.toLowerCase()) values.push(value)
  })
  const [value] = values
  if (values.length > 1)
    return refuse('ambiguous_header', `The ${wanted} header, which is signed, is there more than once.`)
  return value ?? refuse('missing_signature', `The ${wanted} header, which is signed, is missing.`)
}

/**
 * In upper case; `POST` by default.
 *
 * @throws {WebhookError} `invalid_input` if the program passed something other than text.
 */
export function signedMethod({ method = 'POST' }: ContentRequest): string {
  if (typeof method !== 'string') throw new WebhookError('invalid_input', 'method must be text.')
  return method.toUpperCase()
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i

/**
 * The URL as the sender knows it, character by character, since that is what was signed. `publicUrl` replaces the origin, or everything if
 * it has a path or a query. Without it, a path alone is completed by the Host header and https.
 *
 * @throws {WebhookError} `invalid_input` if the program passed no URL, or an object.
 */
export function signedUrl({ url, publicUrl, bag }: ContentRequest): string {
  if (publicUrl !== undefined && pathOf(publicUrl).length > 1) return publicUrl
  if (typeof url !== 'string') {
    throw new WebhookError(
      'invalid_input',
      'This scheme signs the URL: pass url as text, or set publicUrl to the whole URL.',
    )
  }
  const [address = ''] = url.split('#', 1)
  if (publicUrl !== undefined) return (ORIGIN.exec(publicUrl)?.[0] ?? '') + pathOf(address)
  if (ORIGIN.test(address)) return address
  const host = signedHeader('host', bag)
  return typeof host === 'string' ? `https://${host}${address}` : address
}

/** Path and query. */
export function pathOf(url: string): string {
  return url.replace(ORIGIN, '')
}

/** As many as other parsers of forms take. No sender comes near it, and sorting the 100,000 that fit into a body would take long. */
const MOST_FIELDS = 1_000

/** Name and value of each form field, by name (Twilio). A field that is there several times is written once for each value. */
export function sortedFormFields(body: Uint8Array): string | Refusal<'invalid_body'> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body) // a mark is a part of the first name
  if (text.split('&', MOST_FIELDS + 1).length > MOST_FIELDS)
    return refuse('invalid_body', `The form has more than ${MOST_FIELDS} fields.`)
  const fields = new Map<string, Set<string>>()
  for (const [name, value] of new URLSearchParams(text)) {
    fields.set(name, (fields.get(name) ?? new Set()).add(value))
  }
  const byText = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) => compareText(one, other)
  const sorted = [...fields].sort(byText)
  return sorted.flatMap(([name, values]) => [...values].sort(compareText).map((value) => name + value)).join('')
}

/** By UTF-16 units, not by a language's rules. */
function compareText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
