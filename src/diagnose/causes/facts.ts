// What can be told without a proof: by arithmetic, and by what is there or missing.

import { visitHeaders } from '../../webhook/pipeline/headers.ts'
import type { Finding } from '../finding.ts'
import { fact } from '../make-finding.ts'
import type { Secret } from '../search/secrets.ts'
import type { Subject } from '../search/subject.ts'

/** Headers that are missing, renamed or repeated. */
export function headerFacts({ scheme, missing, renamed, repeated }: Subject): Finding[] {
  const findings = missing.map((field) => {
    const [name = field] = scheme.headers[field as keyof typeof scheme.headers]
    const other = renamed.find((each) => each.field === field)
    const instead = other ? ` There is ${other.name} instead.` : ''
    return fact('header_missing', `The ${name} header is missing.${instead}`)
  })
  const twice = repeated.filter((field) => field !== 'contentEncoding' && field !== 'event')
  for (const field of twice) {
    const [name = field] = scheme.headers[field as keyof typeof scheme.headers]
    findings.push(fact('header_repeated', `The ${name} header is there more than once.`))
  }
  return findings
}

/** A signature that somebody has blacked out: a log, a dashboard. No encoding of a signature has these characters. */
const MASKED =
  /[*\u2022\u2026]{2,}|\u2026|\.{3}|[[<({](?:redacted|masked|filtered|hidden|removed)[\])}>]|^(?:redacted|masked|filtered|hidden)$/i

export function maskedSignature({ signature = '' }: Subject): Finding[] {
  if (!MASKED.test(signature.slice(0, 4096))) return []
  const message =
    'The signature is masked or shortened, as logs and dashboards show it: nothing can be compared with it.'
  return [fact('signature_header', message)]
}

/** A body that is shorter than announced, ends within its JSON, or is not there at all. */
export function bodyFacts({ body, headers }: Subject): Finding[] {
  const { length } = body.bytes
  const announced = body.encoding === '' ? contentLengthIn(headers) : undefined
  const message = `The body has ${length} bytes, and Content-Length says ${announced}.`
  if (length === 0) return [fact('body_empty', announced ? message : 'The body is empty.')]
  if (announced !== undefined && announced > length) return [fact('body_truncated', message)]
  if (body.json.kind === 'cut')
    return [fact('body_truncated', `The JSON of the body ends too early, after ${length} bytes.`)]
  return []
}

function contentLengthIn(headers: unknown): number | undefined {
  let length: number | undefined
  visitHeaders(headers, (name, value) => {
    if (name.toLowerCase() === 'content-length' && /^\d{1,15}$/.test(value)) length = Number(value)
  })
  return length
}

/** Signatures of a kind that no configured key can check. */
export function keyFacts({ scheme, signature }: Subject, secrets: readonly Secret[]): Finding[] {
  const kinds = secrets.flatMap(({ isOwn, key }) => (isOwn && key ? [key.material.kind] : []))
  const read = signature === undefined ? undefined : scheme.signature.read(signature, scheme.proof.length)
  if (!read || kinds.length === 0 || scheme.proof.algorithm !== 'hmac-sha256') return []
  const hasShared = read.candidates.length > 0
  const hasPublic = (read.publicCandidates?.length ?? 0) > 0
  if (hasPublic && !hasShared && !kinds.includes('public')) {
    return [fact('key_kind', 'The header has only signatures by a private key (v1a), and no public key is configured.')]
  }
  if (hasShared && !hasPublic && !kinds.includes('hmac')) {
    return [
      fact('key_kind', 'The header has only signatures by a shared secret (v1), and only public keys are configured.'),
    ]
  }
  return []
}

/** Secrets that the library refuses. */
export function secretFacts(secrets: readonly Secret[], proven: readonly Finding[]): Finding[] {
  const unusable = secrets.filter(({ isOwn, fault }) => isOwn && fault !== undefined)
  const unexplained = unusable.filter(({ id }) => !proven.some(({ secretId }) => secretId === id))
  return unexplained.map(({ id, fault }) => fact('secret_unusable', fault, { secretId: id }))
}
