// The one path from what is to be sent to the headers beside it. `sign` and its asynchronous twin take it.
//
//   1 draft        here                what the caller gave, checked and completed: id, timestamp
//   2 content      signed-content.ts   exactly what is signed
//   3 signatures   proof/              one for each key that signs, by an engine
//   4 headers      here                by name
//
// `draftOf` does the first, which needs no key. `writeHeaders` does the others, at once or later, as the engine does.

import { WebhookError } from '../../shared/webhook-error.ts'
import {
  all,
  type ImmediateSigningEngine,
  type SignedContent,
  type SigningEngine,
  withAnswer,
} from '../proof/engine.ts'
import type { KeyMaterial } from '../proof/key-material.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import type { SignerTerms, SignInput } from '../signer-options.ts'
import { isAmbiguousId } from './ambiguity.ts'
import { toBytes } from './body.ts'
import type { ContentRequest, WrittenContent } from './content-writer.ts'
import type { KeySet } from './sequence.ts'
import { signedContent } from './signed-content.ts'
import { writeTimestamp } from './timestamp.ts'
import { readClock } from './unix-seconds.ts'

/** What is to be signed. */
export interface SigningDraft extends ContentRequest {
  readonly timestamp: string
  readonly event: string | undefined
  /** When it is signed. The clock is read once. */
  readonly now: number
}

/**
 * Reads what is to be sent.
 *
 * @throws {WebhookError} `invalid_input` for what cannot be sent, `invalid_option` if the clock does not give Unix seconds.
 */
export function draftOf({ scheme, now: clock }: SignerTerms, input: SignInput): SigningDraft {
  checkInput(input)
  const { method, url, headers: bag } = input
  const body = readInputBody(input.body)
  const now = readClock(clock())
  const timestamp = writeTimestamp(input.timestamp ?? now, scheme.timestamp)
  const deliveryId = readDeliveryId(scheme, input.deliveryId)
  return { method, url, bag, body, now, timestamp, deliveryId, event: readHeaderText('event', input.event) }
}

/**
 * Signs a draft, at once or later, as the engine does.
 *
 * @throws {WebhookError} `invalid_input` for a request that lacks what the scheme signs, `invalid_secret` if every secret has expired.
 */
export function writeHeaders<ImportedKey>(
  engine: ImmediateSigningEngine<ImportedKey>,
  scheme: WebhookScheme,
  draft: SigningDraft,
  secrets: KeySet<ImportedKey>,
): Record<string, string>
export function writeHeaders<ImportedKey>(
  engine: SigningEngine<ImportedKey>,
  scheme: WebhookScheme,
  draft: SigningDraft,
  secrets: KeySet<ImportedKey>,
): Record<string, string> | Promise<Record<string, string>>
export function writeHeaders<ImportedKey>(
  engine: SigningEngine<ImportedKey>,
  scheme: WebhookScheme,
  draft: SigningDraft,
  secrets: KeySet<ImportedKey>,
): Record<string, string> | Promise<Record<string, string>> {
  if (!scheme.content) return signContent(engine, scheme, draft, secrets, signedContent(scheme, draft, draft.body))
  const written = scheme.content(scheme, draft, engine.proof.digest)
  return withAnswer(written, (each) => signContent(engine, scheme, draft, secrets, demandContent(each)))
}

function demandContent(written: WrittenContent): SignedContent {
  if (written.ok) return written.content
  throw invalidInput(`the request cannot be signed: ${written.message}`)
}

function signContent<ImportedKey>(
  { sign }: SigningEngine<ImportedKey>,
  scheme: WebhookScheme,
  draft: SigningDraft,
  { keys, imported }: KeySet<ImportedKey>,
  content: SignedContent,
): Record<string, string> | Promise<Record<string, string>> {
  const answers: (Uint8Array | Promise<Uint8Array>)[] = []
  const kinds: KeyMaterial['kind'][] = []
  for (const [index, key] of imported.entries()) {
    const known = keys[index]
    if (!known || draft.now >= known.expiresAt) continue
    answers.push(sign(key, content))
    kinds.push(known.material.kind)
    if (!scheme.signature.carriesMany) break
  }
  if (answers.length === 0) throw new WebhookError('invalid_secret', 'Every secret has expired.', 'secrets')
  return withAnswer(all(answers), (signatures) => headersOf(scheme, draft, signatures, kinds))
}

function headersOf(
  { headers: names, signature }: WebhookScheme,
  { deliveryId, timestamp, event }: SigningDraft,
  signatures: readonly Uint8Array[],
  kinds: readonly KeyMaterial['kind'][],
): Record<string, string> {
  const headers: Record<string, string> = {}
  setHeader(headers, names.deliveryId, deliveryId)
  setHeader(headers, names.timestamp, timestamp)
  setHeader(headers, names.signature, signature.write(signatures, timestamp, kinds))
  setHeader(headers, names.event, event)
  return headers
}

function setHeader(headers: Record<string, string>, [name]: readonly string[], value: string | undefined): void {
  if (name !== undefined && value !== undefined) headers[name] = value
}

const INPUT_NAMES: Record<string, keyof SignInput> = {
  body: 'body',
  deliveryid: 'deliveryId',
  event: 'event',
  timestamp: 'timestamp',
}

/**
 * Other names are ignored, since an event may be spread into the input. A misspelt name is refused: with `delivery_id`, say, each attempt
 * would silently get a new id.
 */
function checkInput(input: unknown): void {
  if (typeof input !== 'object' || input === null) throw invalidInput('input must be an object')
  for (const name of Object.keys(input)) {
    const meant = INPUT_NAMES[name.replace(/[^A-Za-z]/g, '').toLowerCase()]
    if (meant !== undefined && meant !== name) throw invalidInput(`${name} must be spelt ${meant}`)
  }
}

export function readInputBody(body: unknown): Uint8Array {
  const bytes = toBytes(body)
  if (bytes) return bytes
  throw invalidInput('body must be bytes or well-formed text; serialise an object once and sign what you send')
}

function readDeliveryId(scheme: WebhookScheme, given: string | undefined): string | undefined {
  if (scheme.headers.deliveryId.length === 0) return undefined
  const deliveryId = readHeaderText('deliveryId', given) ?? crypto.randomUUID()
  if (isAmbiguousId(scheme, deliveryId)) throw invalidInput(AMBIGUOUS_ID)
  return deliveryId
}

const AMBIGUOUS_ID =
  'deliveryId must not contain a comma followed by a space, or the text that separates it from the other signed parts'

/** Visible ASCII, with spaces inside: what every transport carries unchanged, and no line break (RFC 9110 section 5.5). */
function readHeaderText(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value))) return value
  throw invalidInput(`${name} must be visible ASCII text`)
}

function invalidInput(message: string): WebhookError {
  return new WebhookError('invalid_input', `${message}.`)
}
