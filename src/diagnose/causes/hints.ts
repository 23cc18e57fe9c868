// What may be the cause, though nothing proves it. Looked for only if there is no proof of another one.

import type { Finding } from '../finding.ts'
import { sortKeys } from '../json/key-order.ts'
import { isNumber } from '../json/tokens.ts'
import { hint } from '../make-finding.ts'
import type { ReceivedBody } from '../received-body.ts'
import type { Secret } from '../search/secrets.ts'
import type { Subject } from '../search/subject.ts'
import { LONGEST_SECRET } from './secret/index.ts'
import { describeCut, describeShape } from './secret/shape.ts'

/** A hint, and whether it is a cause in its own right or merely cannot be ruled out. */
export interface Hint {
  readonly finding: Finding
  readonly isStrong: boolean
}

export function bodyHints(body: ReceivedBody): Hint[] {
  return [...inflated(body), ...lostBytes(body), ...noBody(body), ...numbers(body), ...order(body)]
}

/** Secrets that the library takes and that do not look like one, or like the whole of one. */
export function secretHints(secrets: readonly Secret[]): Hint[] {
  const own = secrets.filter(({ isOwn, key }) => isOwn && key !== undefined)
  return own.flatMap(({ id, text = '', bytes }) => {
    const { length } = bytes ?? text
    if (length > LONGEST_SECRET) {
      const message = `A configured secret is ${length} long, as whole files are. It was tried as it is, and in no other form.`
      return [strong(hint('secret_unusable', message, { secretId: id }))]
    }
    const [shape, cut] = [describeShape(text), describeCut(text)]
    const hints: Hint[] = []
    if (shape !== undefined) {
      hints.push(strong(hint('secret_unusable', `A configured secret looks like ${shape}.`, { secretId: id })))
    }
    if (cut !== undefined)
      hints.push(strong(hint('secret_truncated', `A configured secret may be cut. ${cut}`, { secretId: id })))
    return hints
  })
}

/** Where the URL is signed, no search finds a part of it that is not in the request any more. */
export function urlHints({ scheme }: Subject): Hint[] {
  if (![...scheme.before, ...scheme.after].some((part) => part === 'url' || part === 'path')) return []
  const message =
    'This scheme signs the URL. Compare it, character by character and with its query, with the one that is registered with the sender.'
  return [weak(hint('content_url', message))]
}

function strong(finding: Finding): Hint {
  return { finding, isStrong: true }
}

function weak(finding: Finding): Hint {
  return { finding, isStrong: false }
}

function lostBytes({ bytes }: ReceivedBody): Hint[] {
  const isAt = (at: number): boolean => bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd
  const at = bytes.findIndex((_, index) => isAt(index))
  if (at < 0) return []
  return [
    strong(
      hint('body_replacement', `The body holds U+FFFD at byte ${at}: bytes were lost when it was decoded as text.`),
    ),
  ]
}

/** What JavaScript makes of a body that is not there. */
const NO_BODY = ['{}', '[object Object]', 'undefined', 'null', '""', '[object Promise]', '[object ReadableStream]']

function noBody({ text }: ReceivedBody): Hint[] {
  if (text === undefined || !NO_BODY.includes(text.trim())) return []
  return [strong(hint('body_empty', 'The body is what programs make of one that is not there.'))]
}

function inflated({ encoding, bytes }: ReceivedBody): Hint[] {
  if ([0x1f, 0xef, 0xbf, 0xbd].every((byte, at) => bytes[at] === byte)) {
    return [strong(hint('body_compressed', 'The body begins like gzip that was decoded as text: its bytes are lost.'))]
  }
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
  if (!/^(?:gzip|x-gzip|deflate|br|zstd|compress)$/.test(encoding) || isCompressed) return []
  const message =
    'The Content-Encoding header says that the body was compressed; it may have been signed so, and inflated since.'
  return [strong(hint('body_compressed', message))]
}

/** Numbers that a JavaScript program has rounded, or may have written otherwise. */
function numbers({ text, json }: ReceivedBody): Hint[] {
  if (text === undefined || json.kind !== 'json') return []
  const at = (isOne: (token: string) => boolean): number | undefined =>
    json.starts[json.tokens.findIndex((token) => isNumber(token) && isOne(token))]
  const rounded = at(isRounded)
  const where = (offset: number): string => `the one at character ${offset}`
  if (rounded !== undefined) {
    return [strong(hint('body_numbers', `Numbers in the body may have been rewritten: look at ${where(rounded)}.`))]
  }
  const any = at(() => true)
  if (any === undefined || json.tokens.join('') !== text) return []
  return [
    weak(hint('body_numbers', `Numbers in the body may have been rewritten, as 1.0 becomes 1: look at ${where(any)}.`)),
  ]
}

function isRounded(token: string): boolean {
  const value = Number(token)
  const isLarge = Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER
  const digits = token.replace(/[eE].*$/, '').replace(/\D/g, '').length
  return isLarge || /[eE]\+/.test(token) || digits >= 17
}

/** Members that stand in order by name, as a library that sorts leaves them. */
function order({ json }: ReceivedBody): Hint[] {
  if (json.kind !== 'json' || json.tokens[0] !== '{') return []
  const members = json.tokens.filter((token) => token === ':').length
  if (members < 3 || sortKeys(json.tokens) !== undefined) return []
  return [
    weak(
      hint('body_key_order', 'The members of the body stand in order by name: they may have been sorted on the way.'),
    ),
  ]
}
