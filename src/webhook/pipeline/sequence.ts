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

import type { VerificationRefusal } from '../codes.ts'
import { all, type ImmediateMacEngine, type MacEngine } from '../proof/engine.ts'
import type { WebhookScheme } from '../schemes/scheme.ts'
import type { Key } from '../secrets.ts'
import { readBody } from './body.ts'
import type { Checks } from './checks.ts'
import { type Head, readHead } from './head.ts'
import { findHeaders } from './header-fields.ts'
import { signedContent } from './signed-content.ts'
import { checkTime, type Time } from './timestamp.ts'
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

/** Checks the signature, at once or later, as the engine does. */
export function judge<ImportedKey>(
  engine: ImmediateMacEngine<ImportedKey>,
  checks: Checks,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
): Verification
export function judge<ImportedKey>(
  engine: MacEngine<ImportedKey>,
  checks: Checks,
  unproven: Unproven,
  secrets: KeySet<ImportedKey>,
): Verification | Promise<Verification>
export function judge<ImportedKey>(
  engine: MacEngine<ImportedKey>,
  { scheme }: Checks,
  unproven: Unproven,
  { keys, imported }: KeySet<ImportedKey>,
): Verification | Promise<Verification> {
  const matches = findMatches(engine, scheme, unproven, imported)
  if (matches instanceof Promise) return concludeLater(scheme.name, unproven, keys, matches)
  return conclude(scheme.name, unproven, keys, matches)
}

/** For each key, whether it made one of the signatures. */
function findMatches<ImportedKey>(
  engine: MacEngine<ImportedKey>,
  scheme: WebhookScheme,
  { head, body }: Unproven,
  imported: readonly ImportedKey[],
): readonly boolean[] | Promise<boolean[]> {
  const content = signedContent(scheme, head, body)
  return all(imported.map((key) => engine.matches(key, content, head.candidates)))
}

async function concludeLater(
  scheme: string,
  unproven: Unproven,
  keys: readonly Key[],
  matches: Promise<readonly boolean[]>,
): Promise<Verification> {
  return conclude(scheme, unproven, keys, await matches)
}
