// A delivery in the making: what goes into it, and how its signature, headers and body are written. For fixtures only.

import { concatBytes } from '../shared/bytes.ts'
import { encodeHex } from '../shared/encoding.ts'
import { WebhookError } from '../shared/webhook-error.ts'
import type { WrittenContent } from '../webhook/pipeline/content-writer.ts'
import { signedContent } from '../webhook/pipeline/signed-content.ts'
import type { WebhookScheme } from '../webhook/schemes/scheme.ts'
import type { SignedPart } from '../webhook/schemes/signed-part.ts'
import { readSecret } from '../webhook/secrets.ts'
import { type BodyMember, bodyPointers, bodyText, withMembers } from './body-members.ts'
import { type SigningKey, signingKey, signWith } from './signing/key.ts'
import { sha256 } from './signing/sha256.ts'

/** A request as its sender makes it, ready for `sendTestDelivery`, `fetch`, `app.inject` or supertest. */
export interface TestDelivery<Body extends string | Uint8Array = string | Uint8Array> {
  /** By lower-case name, `content-type` included. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
  /** The address that it was signed for, if the scheme signs that. */
  readonly url?: string | undefined
}

/** All that goes into one delivery. */
export interface Draft {
  readonly scheme: WebhookScheme
  readonly key: SigningKey
  /** Also what stands in other fields of the body that are signed. */
  readonly deliveryId: string | undefined
  /** As text, so a tampering can write it wrongly. */
  readonly timestamp: string
  readonly event: string | undefined
  /** Without what the sender adds to it. */
  readonly body: Uint8Array
  readonly url: string | undefined
  /** Headers that are signed beside the scheme's own. */
  readonly signedHeaders: Readonly<Record<string, string>>
  /** What a tampering leaves out of the body, although the sender puts it there. */
  readonly leftOut?: 'signature' | 'timestamp' | 'fields'
}

/** A delivery as it is sent. */
export interface WrittenDelivery {
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

/** The headers of a delivery, and its body with what the sender puts there. */
export function writeDelivery(draft: Draft, signature: string = writeSignature(draft)): WrittenDelivery {
  const pointer = draft.scheme.bodyFields?.signature
  return { headers: writeHeaders(draft, signature), body: writeBody(draft, pointer, signature) }
}

/** Those of the scheme, and the content type. */
function writeHeaders(draft: Draft, signature: string | undefined): Record<string, string> {
  const { headers: names } = draft.scheme
  const headers: Record<string, string> = { 'content-type': contentType(draft.scheme) }
  const write = ([name]: readonly string[], value: string | undefined): void => {
    if (name !== undefined && value !== undefined) headers[name] = value
  }
  write(names.deliveryId, draft.deliveryId)
  write(names.timestamp, draft.timestamp)
  write(names.signature, signature)
  write(names.event, draft.event)
  return Object.assign(headers, draft.signedHeaders)
}

function contentType(scheme: WebhookScheme): string {
  if (signsForm(scheme)) return 'application/x-www-form-urlencoded'
  return 'application/json'
}

/** The body as it is signed, or with the signature in its place. */
function writeBody(draft: Draft, pointer?: string, signature?: string): Uint8Array {
  const { leftOut } = draft
  const { timestamp, fields } = bodyPointers(draft.scheme)
  const members: BodyMember[] = []
  const add = (at: string | undefined, value: string | undefined): void => {
    if (at !== undefined && value !== undefined && bodyText(draft.body, at) === undefined) members.push([at, value])
  }
  if (leftOut !== 'timestamp') add(timestamp, draft.timestamp)
  if (leftOut !== 'fields') for (const field of fields) add(field, draft.deliveryId)
  if (leftOut !== 'signature') add(pointer, signature)
  return withMembers(draft.body, members)
}

/** The value of the signature header. */
export function writeSignature(draft: Draft, mac: Uint8Array = macOf(draft)): string {
  return writeSignatures(draft, [mac])
}

/** Several of one kind, for a header that can carry them. */
export function writeSignatures({ scheme, timestamp, key }: Draft, macs: readonly Uint8Array[]): string {
  return scheme.signature.write(
    macs,
    timestamp,
    macs.map(() => key.kind),
  )
}

/** The signature itself: an HMAC, what a private key makes, or a token. */
export function macOf(draft: Draft): Uint8Array {
  return signWith(draft.key, messageOf(draft))
}

/** Exactly what is signed. Throws a `WebhookError` for what cannot be. */
export function messageOf(draft: Draft): Uint8Array {
  const message = messageWith(draft, writeBody(draft))
  if (message instanceof Uint8Array) return message
  throw new WebhookError('invalid_input', `The delivery cannot be signed: ${message.message}`)
}

/** What a receiver would check the signature over, had it received this body; or else why it would refuse it. */
export function messageWith(draft: Draft, body: Uint8Array): Uint8Array | Extract<WrittenContent, { ok: false }> {
  const { scheme, deliveryId, timestamp, url } = draft
  const fields = { deliveryId, timestamp }
  if (!scheme.content) return joined(signedContent(scheme, fields, body))
  const bag = writeHeaders(draft, undefined)
  const written = scheme.content(scheme, { url, bag, ...fields, body }, digest)
  // The digest is there at once, and so is the content.
  if (written instanceof Promise) throw new WebhookError('invalid_scheme', 'The scheme cannot be signed at once.')
  if (written.ok) return joined(written.content)
  return written
}

function joined({ before, body, after }: ReturnType<typeof signedContent>): Uint8Array {
  const encoder = new TextEncoder()
  return concatBytes([encoder.encode(before), body, encoder.encode(after)])
}

function digest(data: string | Uint8Array): string {
  if (typeof data === 'string') return digest(new TextEncoder().encode(data))
  return encodeHex(sha256(data))
}

/** The key of a secret. Throws a `WebhookError` for one that the scheme cannot sign with. */
export function keyOf(scheme: WebhookScheme, secret: string | Uint8Array | undefined): SigningKey {
  const { material } = readSecret({ option: 'secret', path: 'secret', rules: scheme, use: 'sign' }, secret)
  const key = signingKey(material)
  if (!key) throw invalidSecret('a key that can sign')
  if (key.kind === 'token' && !isHeaderText(new TextDecoder().decode(key.bytes)))
    throw invalidSecret('visible ASCII, since it is sent in a header')
  return key
}

function invalidSecret(expected: string): WebhookError {
  return new WebhookError('invalid_secret', `secret must be ${expected}.`, 'secret')
}

/** Whether the address of the request is signed. */
export function signsUrl(scheme: WebhookScheme): boolean {
  return signs(scheme, (part) => part === 'url' || part === 'path')
}

/** The address, if it is signed. */
export function addressFor(scheme: WebhookScheme, url: string): string | undefined {
  return signsUrl(scheme) ? url : undefined
}

/** Whether fields of a form are signed. */
export function signsForm(scheme: WebhookScheme): boolean {
  return signs(scheme, (part) => part === 'sortedFormFields')
}

function signs({ before, after }: WebhookScheme, test: (part: SignedPart) => boolean): boolean {
  return before.some(test) || after.some(test)
}

/** The headers that are signed beside the scheme's own, in lower case. */
export function signedHeaderNames({ before, after }: WebhookScheme): readonly string[] {
  return [...before, ...after].flatMap(headerOf)
}

function headerOf(part: SignedPart): readonly string[] {
  if (typeof part === 'object' && 'header' in part) return [part.header.toLowerCase()]
  return []
}

/**
 * A value for each header that is signed. One that is not given is a list of the scheme's headers: most may be anything, and Contentful's is
 * such a list.
 */
export function signedHeadersOf(
  scheme: WebhookScheme,
  given: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const names = signedHeaderNames(scheme)
  const list = [...names, ...scheme.headers.timestamp.slice(0, 1)].join(',')
  const byName = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  for (const name of names) if (!byName.has(name)) byName.set(name, list)
  return Object.fromEntries(byName)
}

/** Visible ASCII, spaces allowed inside: any transport carries it unchanged. */
export function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value)
}

/** The address that is signed where none is given. */
export const TEST_ADDRESS = 'https://example.com/'

/** Whether a text is a whole address with a path, as a sender knows it. */
export function isAddress(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^https?:\/\/[^/?#]+\/[!-~]*$/.test(value) &&
    !value.includes('#') &&
    URL.canParse(value)
  )
}
