// Why was this delivery refused? The signature is computed again over all that may have happened to the secret, the body and the signed
// content, alone and in pairs, until it is the one that was received: then the cause is proven.

import { toBytes } from '../webhook/pipeline/body.ts'
import { visitHeaders } from '../webhook/pipeline/headers.ts'
import { bodyFacts, headerFacts, keyFacts, maskedSignature, secretFacts } from './causes/facts.ts'
import { bodyHints, type Hint, secretHints, urlHints } from './causes/hints.ts'
import { timeFacts } from './causes/times.ts'
import type { Diagnosis, Excluded, Finding } from './finding.ts'
import { type DiagnoseInput, type DiagnoseRequest, readInput } from './input.ts'
import { fact, hint, proven } from './make-finding.ts'
import { readReceivedBody } from './received-body.ts'
import { Budget } from './search/budget.ts'
import { senderSpaces } from './search/other-schemes.ts'
import { Prover } from './search/prover.ts'
import { findPair, findSingle, findUnchanged, findUnderScheme, type Hit, type SearchSpace } from './search/search.ts'
import { readAllSecrets, type Secret } from './search/secrets.ts'
import { readSubject, type Subject } from './search/subject.ts'
import { judgeDelivery } from './search/verdict.ts'

/**
 * Finds out why a delivery was refused. The signature is computed again for everything that is known to happen to secrets, bodies and
 * headers, one at a time and in pairs, and a cause is called proven only if the signature then is the one that was received. Nothing that it
 * returns holds a secret, a signature or text of the body. It needs WebCrypto and no network.
 *
 * For operators only: never put a finding into an answer to whoever sent the request.
 *
 * @param input The request as it arrived, and the secrets and scheme of the endpoint. See {@link DiagnoseInput}.
 * @returns The verdict of a verifier, the findings with the most certain first, and what was tried. A genuine delivery has no findings.
 * @throws {WebhookError} Rejects with `invalid_option` or `invalid_scheme` for an option that makes no sense, and with `invalid_input` if
 * the scheme signs the URL and none was given. A secret that cannot be used is a finding, and never thrown.
 *
 * @example
 * ```ts
 * const { verdict, findings } = await diagnoseDelivery({
 *   scheme: github,
 *   secrets: process.env.GITHUB_WEBHOOK_SECRET,
 *   headers: request.headers,
 *   body: rawBody,
 * })
 * for (const { certainty, message, fix } of findings) console.log(certainty, message, fix)
 * ```
 */
export async function diagnoseDelivery(input: DiagnoseInput): Promise<Diagnosis> {
  const request = readInput(input)
  const secrets = [
    ...readAllSecrets('secrets', request.secrets, request.scheme),
    ...readAllSecrets('otherSecrets', request.otherSecrets, request.scheme),
  ]
  const budget = new Budget(request.maxHashedBytes)
  const prover = new Prover(budget)
  const verdict = await judgeDelivery(request, secrets, prover, budget)
  const bytes = toBytes(request.body)
  const tried = new Set<string>()
  const excluded = (schemes: number): Excluded => ({
    transformations: tried.size,
    secrets: secrets.length,
    schemes,
    hashedBytes: budget.usedBytes,
    complete: !budget.isExceeded,
  })
  if (verdict.ok) return diagnosis(verdict, [], excluded(1))
  if (!bytes) return diagnosis(verdict, unreadableBody(request.body), excluded(0))

  const body = readReceivedBody(bytes, encodingIn(request.headers))
  const subject = readSubject(request.scheme, request.headers, body, request.target)
  const space = { subject, secrets, nowSeconds: request.nowSeconds, prover, budget, tried }
  const others = senderSpaces(space, request)
  const hit = await search(space, others)
  return diagnosis(verdict, findingsOf(request, subject, secrets, hit), excluded(1 + others.length))
}

/** From the cheapest to the dearest. */
async function search(space: SearchSpace, others: readonly SearchSpace[]): Promise<Hit | undefined> {
  const own = (await findUnchanged(space)) ?? (await findSingle(space))
  if (own) return own
  for (const other of others) {
    const hit = await findUnderScheme(other)
    if (hit) return hit
  }
  return findPair(space)
}

function findingsOf(
  request: DiagnoseRequest,
  subject: Subject,
  secrets: readonly Secret[],
  hit: Hit | undefined,
): Finding[] {
  const proofs = hit ? proofsOf(hit, request) : []
  const { nowSeconds, checks } = request
  const times = timeFacts(subject, { nowSeconds, toleranceSeconds: checks.toleranceSeconds }, hit !== undefined)
  const isOwnScheme = hit === undefined || hit.scheme === request.scheme
  const facts = [
    ...(hit?.match.isCut ? [fact('signature_header', describeCut(hit))] : []),
    ...(isOwnScheme ? [...headerFacts(subject), ...maskedSignature(subject), ...keyFacts(subject, secrets)] : []),
    ...bodyFacts(subject),
    ...secretFacts(secrets, proofs),
  ].filter(({ code }) => !proofs.some((proof) => proof.code === code))
  if (hit) return [...proofs, ...facts, ...times, ...compressedAsSigned(subject, proofs, facts, times)]
  // Without a signature there is nothing that a changed body or secret could explain.
  const hints =
    subject.received.length === 0 ? [] : [...urlHints(subject), ...bodyHints(subject.body), ...secretHints(secrets)]
  const otherSender = subject.missing.includes('signature') ? senderHints(request) : []
  const explains = (each: Finding): boolean => !hasOnlyOtherwiseUsable(each, secrets)
  const isExplained = facts.some(explains) || [...hints, ...otherSender].some(({ isStrong }) => isStrong)
  const nothing = isExplained ? [] : [fact('nothing_matches')]
  const ranked = [...otherSender, ...hints].sort((one, other) => Number(other.isStrong) - Number(one.isStrong))
  return [...facts, ...nothing, ...times, ...ranked.map(({ finding }) => finding)]
}

/** One finding for each change that it took. */
function proofsOf({ changes, match, secretId, scheme }: Hit, request: DiagnoseRequest): Finding[] {
  const all = match.received.change && !match.isCut ? [...changes, match.received.change] : changes
  const ofScheme = { code: 'scheme_other', transformation: [`scheme: ${scheme.name}`] } as const
  const found = scheme === request.scheme ? all : [ofScheme, ...all]
  return found.map((each) => {
    // What was received is known by how it was read. How it should have been written is for the scheme to say.
    return proven(each, secretId, each.code === 'signature_encoding' ? `The scheme has ${scheme.signature.form}.` : '')
  })
}

function describeCut({ match }: Hit): string {
  return `The signature was cut: only its first ${match.received.bytes.length} bytes arrived, and they are right.`
}

/** A signature that is good, over a body with a Content-Encoding that the endpoint does not take. */
function compressedAsSigned(subject: Subject, ...found: readonly (readonly Finding[])[]): Finding[] {
  if (subject.body.encoding === '' || found.some((findings) => findings.length > 0)) return []
  return [
    fact(
      'body_compressed',
      'The sender signed the body as it is, compressed, and the endpoint takes none with a Content-Encoding.',
    ),
  ]
}

/** A secret that cannot be used explains nothing where another one can. */
function hasOnlyOtherwiseUsable({ code }: Finding, secrets: readonly Secret[]): boolean {
  return code === 'secret_unusable' && secrets.some(({ isOwn, key }) => isOwn && key !== undefined)
}

function senderHints({ otherSchemes, headers }: DiagnoseRequest): Hint[] {
  const names = new Set<string>()
  visitHeaders(headers, (name) => names.add(name.toLowerCase()))
  const seen = otherSchemes.find((scheme) => scheme.headers.signature.some((name) => names.has(name)))
  if (!seen) return []
  return [{ finding: hint('scheme_other', `The request has the signature header of ${seen.name}.`), isStrong: true }]
}

/** A body that is neither bytes nor well-formed text. */
function unreadableBody(body: unknown): Finding[] {
  if (typeof body === 'string')
    return [hint('body_replacement', 'The body is text with half a surrogate pair, which has no bytes.')]
  return [fact('body_parsed', `The body is ${describeKind(body)}, not the bytes of the request.`)]
}

function describeKind(body: unknown): string {
  if (body === undefined || body === null) return String(body)
  return Array.isArray(body) ? 'a list' : `of type ${typeof body}`
}

function encodingIn(headers: unknown): string {
  let encoding = ''
  visitHeaders(headers, (name, value) => {
    if (name.toLowerCase() === 'content-encoding') encoding = value.trim().toLowerCase()
  })
  return encoding === 'identity' ? '' : encoding
}

function diagnosis(verdict: Diagnosis['verdict'], findings: readonly Finding[], excluded: Excluded): Diagnosis {
  return Object.freeze({
    verdict: Object.freeze(verdict),
    findings: Object.freeze(findings),
    excluded: Object.freeze(excluded),
  })
}
