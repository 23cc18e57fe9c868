// The one path from a request to a verdict. `verify`, its asynchronous twin, the receiver and the Fluxora contract all take it.
//
//   1 headers     header-fields.ts    which headers of a delivery are there
//   2 head        head.ts             what they say: id, timestamp, signatures, content encoding
//   3 body        body.ts             its bytes, within the limit
//   4 timestamp   timestamp.ts        form and age
//   5 proof       signed-content.ts   one MAC for each secret, by an engine of proof/
//   6 verdict     verdict.ts          whether a valid secret made the signature
//
// `inspect` does the first four, which need no secret. `judge` does the last two. In between, a receiver finds the secrets, and reads a body
// that is still to come: that is what `inspectUnread` is for.

import { refuse, type VerificationRefusal } from '../codes.ts'
import { all, type ImmediateProofEngine, type ProofEngine, type SignedContent, withAnswer } from '../proof/engine.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import type { Key } from '../secrets.ts'
import { Delivery } from '../verified-delivery.ts'
import { readBody } from './body.ts'
import type { Checks } from './checks.ts'
import type { ContentWriter, RequestTarget } from './content-writer.ts'
import { type Head, readHead } from './head.ts'
import { findHeaders } from './header-fields.ts'
import { describeMalformed } from './hints.ts'
import { signedContent } from './signed-content.ts'
import { checkAge, checkTime, type Time } from './timestamp.ts'
import { conclude, type Unproven, type Verification } from './verdict.ts'

/** Checks everything except the signature. */
export function inspect(checks: Checks, headers: unknown, body: unknown): Unproven | VerificationRefusal {
  const head = inspectHeaders(checks, headers)
  if (!head.ok) return head
  const content = readBody(body, checks.maxBodyBytes)
  if (!content.ok) return content
  const time = checkTime(checks, head.timestamp)
  if (!time.ok) return time
  return { ok: true, head, time, body: content.bytes }
}

/** A delivery that has passed the checks so far, and whose body is still to be read. */
export interface Unread {
  readonly ok: true
  readonly head: Head
  readonly time: Time
  readonly body: undefined
}

/** Checks everything except the signature and the body. */
export function inspectUnread(checks: Checks, headers: unknown): Unread | VerificationRefusal {
  const head = inspectHeaders(checks, headers)
  if (!head.ok) return head
  const time = checkTime(checks, head.timestamp)
  if (!time.ok) return time
  return { ok: true, head, time, body: undefined }
}

function inspectHeaders(checks: Checks, headers: unknown): Head | VerificationRefusal {
  const found = findHeaders(checks.plan, headers)
  return found.ok ? readHead(checks, found) : found
}

/** The secrets that a delivery is judged by: what is known of each, and in the same order the keys that the engine has imported. */
export interface KeySet<ImportedKey> {
  readonly keys: readonly Key[]
  readonly imported: readonly ImportedKey[]
}

/**
 * Checks the signature, at once or later, as the engine does.
 *
 * @throws {WebhookError} `invalid_input` if the scheme signs the URL and the program passed none.
 */
export function judge<ImportedKey>(
  engine: ImmediateProofEngine<ImportedKey>,
  checks: Checks,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
  target?: RequestTarget,
): Verification
export function judge<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  checks: Checks,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
  target?: RequestTarget,
): Verification | Promise<Verification>
export function judge<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  checks: Checks,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
  target: RequestTarget = {},
): Verification | Promise<Verification> {
  const { scheme } = checks
  if (scheme.bodyFields === undefined) return judgeContent(engine, scheme, unproven, secrets, target)
  if (scheme.bodyFields.signature !== undefined) return judgeSignedBody(engine, checks, unproven, secrets, target)
  return judgeTimedBody(engine, checks, unproven, secrets, target)
}

/** For a timestamp inside the body. It is judged last, because nothing is parsed before the body is known to be genuine. */
function judgeTimedBody<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  checks: Checks,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
  target: RequestTarget,
): Verification | Promise<Verification> {
  const verdict = judgeContent(engine, checks.scheme, unproven, secrets, target)
  return withAnswer(verdict, (each) => judgeTimeInBody(checks, unproven, each))
}

function judgeTimeInBody(checks: Checks, unproven: Unproven, verdict: Verification): Verification {
  if (!verdict.ok) return verdict
  const found = findInBody(checks, unproven)
  if (!found.ok) return found
  const time = checkAge(checks, found.head.timestamp, unproven.time.now)
  if (!time.ok) return time
  const { scheme, keyId, body } = verdict.delivery
  return { ...verdict, delivery: new Delivery(scheme, found.head, time.timestamp, body, keyId) }
}

/** For a signature inside the body, and perhaps a timestamp, which is judged last, because nothing vouches for it before. */
function judgeSignedBody<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  checks: Checks,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
  target: RequestTarget,
): Verification | Promise<Verification> {
  const found = findInBody(checks, unproven)
  if (!found.ok) return found
  const time = checkAge(checks, found.head.timestamp, unproven.time.now)
  const completed = { ...found, time: time.ok ? time : unproven.time }
  const verdict = judgeContent(engine, checks.scheme, completed, secrets, target)
  return withAnswer(verdict, (each) => (each.ok && !time.ok ? time : each))
}

/** The delivery with the signature and the timestamp that its body holds. */
function findInBody({ scheme }: Checks, unproven: Unproven): Unproven | VerificationRefusal {
  const { head, body } = unproven
  const fields = scheme.bodyFields?.read(body)
  const timestamp = fields?.timestamp ?? head.timestamp
  if (scheme.bodyFields?.timestamp !== undefined && timestamp === undefined) {
    return refuse('missing_timestamp', `The body has no timestamp at ${scheme.bodyFields.timestamp}.`)
  }
  if (scheme.bodyFields?.signature === undefined) return { ...unproven, head: { ...head, timestamp } }
  if (!fields?.signature) {
    return refuse('missing_signature', `The body has no signature at ${scheme.bodyFields.signature}.`)
  }
  const read = scheme.signature.read(fields.signature, scheme.proof.length)
  if (!read) return refuse('malformed_signature', describeMalformed(scheme))
  return { ...unproven, head: { ...head, timestamp, candidates: read.candidates } }
}

/** Writes what is signed, and checks the signature over it. */
function judgeContent<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  scheme: WebhookScheme,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
  target: RequestTarget,
): Verification | Promise<Verification> {
  if (scheme.content) return judgeRequest(engine, scheme, scheme.content, unproven, secrets, target)
  return judgeProof(engine, scheme, unproven, secrets, signedContent(scheme, unproven.head, unproven.body))
}

/** For a scheme that signs more of the request than its body, its timestamp and its id. */
function judgeRequest<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  scheme: WebhookScheme,
  writeContent: ContentWriter,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
  target: RequestTarget,
): Verification | Promise<Verification> {
  const { head, body } = unproven
  const { bag, deliveryId, timestamp } = head
  const written = writeContent(scheme, { ...target, bag, deliveryId, timestamp, body }, engine.digest)
  return withAnswer(written, (each) => (each.ok ? judgeProof(engine, scheme, unproven, secrets, each.content) : each))
}

function judgeProof<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  { name }: WebhookScheme,
  unproven: Unproven,
  { keys, imported }: KeySet<ImportedKey>,
  content: SignedContent,
): Verification | Promise<Verification> {
  const matches = findMatches(engine, unproven.head, keys, imported, content)
  if (matches instanceof Promise) return concludeLater(name, unproven, keys, matches)
  return conclude(name, unproven, keys, matches)
}

/** For each key, whether it made one of the signatures. */
function findMatches<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  { candidates, publicCandidates }: Head,
  keys: readonly Key[],
  imported: readonly ImportedKey[],
  content: SignedContent,
): readonly boolean[] | Promise<boolean[]> {
  const answers: (boolean | Promise<boolean>)[] = []
  for (const key of imported) {
    // Most headers carry signatures of one kind only, and then all keys are of that kind.
    const isPublic = publicCandidates && keys[answers.length]?.material.kind === 'public'
    answers.push(engine.matches(key, content, isPublic ? publicCandidates : candidates))
  }
  return all(answers)
}

async function concludeLater(
  scheme: string,
  unproven: Unproven,
  keys: readonly Key[],
  matches: Promise<readonly boolean[]>,
): Promise<Verification> {
  return conclude(scheme, unproven, keys, await matches)
}
