// Describing a scheme of your own. What makes no sense throws here, before any delivery is judged by it.

import { readPointer } from '../../shared/json-pointer.ts'
import { rejectUnknownNames } from '../../shared/options.ts'
import { WebhookError } from '../../shared/webhook-error.ts'
import { bodyFields } from '../pipeline/body-fields.ts'
import { requestContent } from '../pipeline/request-content.ts'
import { iso8601, type TimestampForm, unixMilliseconds, unixSeconds } from '../pipeline/timestamp-formats.ts'
import { ALGORITHMS } from '../proof/algorithms.ts'
import { DEDUPE_BY, readDedupeBy } from './dedupe-by.ts'
import {
  buildScheme,
  invalidScheme,
  isScheme,
  type SchemeDefinition,
  type SchemeParts,
  type TimestampFormat,
  type WebhookScheme,
} from './scheme.ts'
import type { SignedField, SignedPart } from './signed-part.ts'

/**
 * Makes a scheme from its description.
 *
 * @param definition The headers, what is signed, how the signature is written, and what differs from the defaults.
 * @returns A scheme for the `scheme` option. Frozen.
 * @throws {WebhookError} `invalid_scheme` if the description makes no sense, or has an unknown member.
 *
 * @example
 * ```ts
 * const acme = defineScheme({
 *   name: 'acme',
 *   headers: { signature: 'x-acme-signature', timestamp: 'x-acme-timestamp' },
 *   signed: ['timestamp', '.', 'body'],
 *   signature: singleSignature({ encoding: hex }),
 * })
 * ```
 */
export function defineScheme<const Signed extends readonly SignedPart[]>(
  definition: SchemeDefinition & { readonly signed: Signed & CheckedParts<Signed> },
): WebhookScheme {
  checkMembers(definition)
  checkHeaders(definition.headers)
  checkSignature(definition.signature)
  checkSigned(definition)
  const scheme = buildScheme(toParts(definition))
  checkFields(scheme)
  return scheme
}

/** Replaces the words of a definition by what they stand for. */
function toParts(definition: SchemeDefinition): SchemeParts {
  const { algorithm = 'hmac-sha256', timestampFormat = 'seconds', signatureIn, timestampIn, ...rest } = definition
  const isInBody = signatureIn?.startsWith('/') === true
  const fields = {
    ...(isInBody && { signature: signatureIn }),
    ...(timestampIn !== undefined && { timestamp: timestampIn }),
  }
  const headers = signatureIn === undefined || isInBody ? rest.headers : { ...rest.headers, signature: signatureIn }
  return {
    ...rest,
    headers,
    proof: ALGORITHMS[algorithm],
    timestamp: TIMESTAMPS[timestampFormat],
    ...(rest.signed.some(isOfRequest) && { content: requestContent }),
    ...(Object.keys(fields).length > 0 && { bodyFields: bodyFields(fields) }),
  }
}

const TIMESTAMPS: Readonly<Record<TimestampFormat, TimestampForm>> = {
  seconds: unixSeconds,
  milliseconds: unixMilliseconds,
  iso8601,
}

/** Whether a part takes more than the timestamp, the id and the body. */
function isOfRequest(part: SignedPart): boolean {
  if (typeof part === 'object') return !('text' in part)
  return part === 'method' || part === 'url' || part === 'path' || part === 'sortedFormFields'
}

/** The same parts, except that a bare word that is not a field becomes the way to write it. */
export type CheckedParts<Parts extends readonly SignedPart[]> = { readonly [At in keyof Parts]: CheckedPart<Parts[At]> }

type CheckedPart<Part> = Part extends SignedField | 'sortedFormFields'
  ? Part
  : Part extends string
    ? CheckedText<Part>
    : Part
type CheckedText<Text extends string> = string extends Text ? Text : IsWord<Text> extends true ? { text: Text } : Text

// For the compiler, what WORD below is at run time.
type IsWord<Text extends string> = Lowercase<Text> extends `${Letter}${infer Rest}` ? IsOfWord<Rest> : false
type IsOfWord<Text extends string> = Text extends ''
  ? true
  : Text extends `${Letter | Digit | '_' | '-'}${infer Rest}`
    ? IsOfWord<Rest>
    : false
type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'
// biome-ignore format: an alphabet
type Letter = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k' | 'l' | 'm'
  | 'n' | 'o' | 'p' | 'q' | 'r' | 's' | 't' | 'u' | 'v' | 'w' | 'x' | 'y' | 'z'

const MEMBERS: Record<keyof SchemeDefinition, true> = {
  name: true,
  headers: true,
  signed: true,
  signature: true,
  required: true,
  secret: true,
  secretForm: true,
  dedupeBy: true,
  algorithm: true,
  timestampFormat: true,
  timestampIn: true,
  signatureIn: true,
  maxBodyBytes: true,
}

function checkMembers(definition: SchemeDefinition): void {
  demand(typeof definition === 'object' && definition !== null, 'a definition must be an object')
  demand(
    !isScheme(definition),
    'a definition must not be a finished scheme or a copy of one. Describe it with name, headers, signed and signature',
  )
  demandKnown(definition, Object.keys(MEMBERS))
  const { name, secret, secretForm, required = [], dedupeBy } = definition
  demand(isNonEmptyText(name), 'name must be a non-empty string')
  demand(secret === undefined || typeof secret === 'function', 'secret must be a function from text to bytes')
  demand(secretForm === undefined || isNonEmptyText(secretForm), 'secretForm must be non-empty text')
  demand(
    Array.isArray(required) && required.every((field) => field === 'timestamp' || field === 'deliveryId'),
    "required must be a list that holds 'timestamp', 'deliveryId' or both",
  )
  demand(dedupeBy === undefined || readDedupeBy(dedupeBy) !== undefined, `dedupeBy must be ${DEDUPE_BY}`)
  checkForms(definition)
}

function checkForms(definition: SchemeDefinition): void {
  const { algorithm, timestampFormat, timestampIn, signatureIn, maxBodyBytes, headers } = definition
  demandOneOf('algorithm', algorithm, ALGORITHMS)
  demandOneOf('timestampFormat', timestampFormat, TIMESTAMPS)
  demand(
    timestampIn === undefined || readPointer(timestampIn) !== undefined,
    'timestampIn must be a JSON Pointer that begins with a slash',
  )
  demand(
    signatureIn === undefined || readPointer(signatureIn) !== undefined || isToken(signatureIn),
    "signatureIn must be a header's name, or a JSON Pointer that begins with a slash",
  )
  demand(
    signatureIn === undefined || Object(headers).signature === undefined,
    'signatureIn takes the place of headers.signature: leave one of them out',
  )
  demand(
    maxBodyBytes === undefined || (Number.isSafeInteger(maxBodyBytes) && maxBodyBytes >= 1),
    'maxBodyBytes must be a whole number of at least 1',
  )
}

function demandOneOf(name: string, value: unknown, choices: object): void {
  const names = Object.keys(choices)
  demand(value === undefined || names.some((each) => each === value), `${name} must be ${listOf(names)}`)
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

const HEADER_FIELDS = ['signature', 'timestamp', 'deliveryId', 'event'] as const

function checkHeaders(headers: SchemeDefinition['headers']): void {
  demand(typeof headers === 'object' && headers !== null, 'headers must be an object')
  demandKnown(headers, HEADER_FIELDS, 'headers')
  demand(
    headers.signature === undefined || [headers.signature].flat().length > 0,
    'headers.signature must name a header',
  )
  for (const field of HEADER_FIELDS) {
    const { [field]: names = [] } = headers
    demand([names].flat().every(isToken), "a header name must be letters, digits and !#$%&'*+-.^_`|~ only")
  }
}

function checkSignature(signature: SchemeDefinition['signature']): void {
  demand(
    typeof signature === 'object' && signature !== null && ('read' in signature || 'write' in signature),
    'signature must be a signature format',
  )
  demandKnown(signature, ['carriesTimestamp', 'carriesMany', 'form', 'read', 'write'], 'signature')
  for (const name of ['read', 'write'] as const) {
    demand(typeof signature[name] === 'function', `signature.${name} must be a function`)
  }
  for (const name of ['carriesTimestamp', 'carriesMany'] as const) {
    demand(typeof signature[name] === 'boolean', `signature.${name} must be true or false`)
  }
  demand(signature.form === undefined || isNonEmptyText(signature.form), 'signature.form must be non-empty text')
}

/** A text that looks like the name of a field. */
const WORD = /^[a-z][\w-]*$/i
const SIGNED = "signed must be a list of fields and texts, with 'body' in it once"

function checkSigned({ signed, algorithm = 'hmac-sha256', signatureIn, timestampIn }: SchemeDefinition): void {
  demand(Array.isArray(signed), SIGNED)
  for (const part of signed) checkPart(part)
  if (algorithm === 'token') {
    demand(
      signed.length === 0,
      "signed must be empty with algorithm 'token': the token is the secret itself, and signs nothing",
    )
    return
  }
  const isInBody = signatureIn?.startsWith('/') === true
  demand(!isInBody || !signed.includes('body'), 'a signature inside the body cannot cover the whole of it')
  demand(signed.filter((part) => part === 'body').length <= 1, SIGNED)
  demand(signed.some(coversBody), SIGNED)
  demand(!signed.includes('timestamp') || timestampIn === undefined || isInBody, TWO_TIMESTAMPS)
  const body = signed.indexOf('body')
  const nextToBody = body < 0 ? [] : [signed[body - 1], signed[body + 1]]
  demand(
    !nextToBody.includes('deliveryId'),
    'there must be a text between the delivery id and the body, or a part of one could be taken for the other',
  )
}

const TWO_TIMESTAMPS =
  'timestampIn is for a timestamp inside the signed body, and signed holds timestamp too: leave one of them out'

/** Whether a part of what is signed depends on the body. */
function coversBody(part: unknown): boolean {
  if (typeof part === 'object' && part !== null) return 'bodyHash' in part || 'bodyField' in part
  return part === 'body' || part === 'sortedFormFields'
}

/** The parts that are objects, each with the check of its one member. */
const OBJECT_PARTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: isNonEmptyText,
  header: isToken,
  bodyHash: (value) => value === 'sha256-hex',
  bodyField: (value) => readPointer(value) !== undefined,
}

function checkPart(part: unknown): void {
  if (typeof part === 'object' && part !== null) {
    const [name = '', ...more] = Object.keys(part)
    const check = Object.hasOwn(OBJECT_PARTS, name) ? OBJECT_PARTS[name] : undefined
    if (!check || more.length > 0) demandKnown(part, check ? [name] : Object.keys(OBJECT_PARTS), 'signed')
    demand(check?.(Reflect.get(part, name)) === true, describeObjectPart(name))
    return
  }
  demand(isNonEmptyText(part), SIGNED)
  demand(isField(part) || !WORD.test(part), describeWord(part))
}

function describeObjectPart(name: string): string {
  if (name === 'header') return "a header's name in signed must be letters, digits and !#$%&'*+-.^_`|~ only"
  if (name === 'bodyHash') return "bodyHash in signed must be 'sha256-hex'"
  if (name === 'bodyField') return 'bodyField in signed must be a JSON Pointer that begins with a slash'
  return SIGNED
}

const FIELDS: readonly string[] = ['timestamp', 'deliveryId', 'body', 'method', 'url', 'path', 'sortedFormFields']

function isField(text: string): boolean {
  return FIELDS.includes(text)
}

function describeWord(word: string): string {
  if (word.length > 64) return describeWordAs('a word', '…')
  return describeWordAs(word, word)
}

function describeWordAs(shown: string, written: string): string {
  return `signed holds ${shown}, which is not a field. The fields are ${FIELDS.join(', ')}. Write a text that is a word as { text: '${written}' }`
}

/** Every delivery is searched for each of them, and no known sender needs more than six. */
const MAX_HEADER_NAMES = 24

/** Checks the fields and the headers that carry them, once the defaults are known. */
function checkFields({ headers, requires, signature, bodyFields: inBody, dedupeBy }: WebhookScheme): void {
  demand(headers.signature.length > 0 || inBody?.signature !== undefined, 'headers.signature must name a header')
  const names = Object.values(headers).flatMap((list) => [...new Set(list)])
  demand(new Set(names).size === names.length, 'a header may carry only one field')
  demand(names.length <= MAX_HEADER_NAMES, `headers may name at most ${MAX_HEADER_NAMES} headers in all`)
  demand(
    !requires.timestamp || signature.carriesTimestamp || headers.timestamp.length > 0,
    'the timestamp is required but no header carries it',
  )
  demand(!requires.deliveryId || headers.deliveryId.length > 0, 'the delivery id is required but no header carries it')
  demand(
    dedupeBy !== 'deliveryId' || headers.deliveryId.length > 0,
    "dedupeBy may be 'deliveryId' only if a header carries the delivery id",
  )
  demand(
    dedupeBy !== 'deliveryIdAndContent' || requires.deliveryId,
    "dedupeBy may be 'deliveryIdAndContent' only if the delivery id is required",
  )
}

/** RFC 9110 section 5.6.2: a header name is a token. */
function isToken(name: unknown): boolean {
  return typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name)
}

function isNonEmptyText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed()
}

function demand(met: boolean, message: string): asserts met {
  if (!met) throw invalidScheme(message)
}

function demandKnown(object: object, known: readonly string[], owner?: string): void {
  const toError = (_name: string, message: string) => new WebhookError('invalid_scheme', `Scheme: ${message}`, 'scheme')
  rejectUnknownNames(object, known, toError, owner)
}
