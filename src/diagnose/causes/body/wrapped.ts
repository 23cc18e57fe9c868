// A body inside something else: the whole event of a function platform was passed, or JSON was encoded twice.

import { decodeBase64Loosely } from '../../../shared/encoding.ts'
import { type BodyChange, change } from '../../change.ts'
import { LAYOUTS } from '../../json/layout.ts'
import { isNumber, isString, type ReadTokens, type Token } from '../../json/tokens.ts'
import { encodeText, type ReceivedBody } from '../../received-body.ts'

export function* bodyWrapped({ text, json }: ReceivedBody): Generator<BodyChange> {
  if (text === undefined) return
  if (json.kind === 'json') {
    yield* decodedOnce(json.tokens)
    yield* writtenBuffer(json.tokens)
    for (const member of membersOf(text, json)) yield* memberForms(member)
  }
  yield { ...change('body_wrapped', 'body: encoded as a JSON string'), body: encodeText(JSON.stringify(text)) }
}

/** `"{\"a\":1}"`: a text that was encoded twice. */
function* decodedOnce(tokens: readonly Token[]): Generator<BodyChange> {
  const inner = tokens.length === 1 ? parseString(tokens[0]) : undefined
  if (inner !== undefined) yield { ...change('body_wrapped', 'body: JSON string decoded'), body: encodeText(inner) }
}

/** `{"type":"Buffer","data":[123,…]}` and `{"0":123,…}`: what JSON.stringify makes of bytes. */
function* writtenBuffer(tokens: readonly Token[]): Generator<BodyChange> {
  const names = tokens.filter((_, at) => tokens[at + 1] === ':')
  const isBuffer = names.join() === '"type","data"'
  const isArray = names.length > 0 && names.every((name, at) => name === `"${at}"`)
  if (!isBuffer && !isArray) return
  const values = isBuffer ? tokens.slice(tokens.indexOf('[') + 1) : tokens.filter((_, at) => tokens[at - 1] === ':')
  const bytes = values.filter(isNumber).map(Number)
  if (bytes.length === 0 || !bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) return
  yield { ...change('body_wrapped', 'body: bytes that were written as JSON, read back'), body: Uint8Array.from(bytes) }
}

/** Where platforms and libraries put the body that they received. */
const MEMBERS = ['body', 'rawBody', 'raw_body', 'raw', 'payload', 'data', 'event', 'message', 'Message', 'content']

/** A body may repeat a name a hundred thousand times. */
const MOST_MEMBERS = 16

interface Member {
  readonly name: string
  /** As it is written in the text. */
  readonly raw: string
  readonly tokens: readonly Token[]
}

/** The members at the top that may hold a body. */
function membersOf(text: string, { tokens, starts }: ReadTokens & { readonly kind: 'json' }): Member[] {
  const members: Member[] = []
  let depth = 0
  for (const [at, token] of tokens.entries()) {
    if (members.length === MOST_MEMBERS) break
    if (token === ':' && depth === 1) {
      const name = parseString(tokens[at - 1]) ?? ''
      const end = endOfValue(tokens, at + 1)
      const raw = text.slice(starts[at + 1], (starts[end] ?? 0) + (tokens[end]?.length ?? 0))
      if (MEMBERS.includes(name)) members.push({ name, raw, tokens: tokens.slice(at + 1, end + 1) })
    }
    if (token === '{' || token === '[') depth++
    if (token === '}' || token === ']') depth--
  }
  return members
}

/** The index of the last token of the value that begins at an index. */
function endOfValue(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    if (tokens[at] === '{' || tokens[at] === '[') depth++
    if (tokens[at] === '}' || tokens[at] === ']') depth--
    if (depth === 0) return at
  }
  return from
}

function* memberForms({ name, raw, tokens }: Member): Generator<BodyChange> {
  const taken = `body: member ${name} taken out`
  const text = parseString(raw)
  if (text === undefined) {
    yield { ...change('body_wrapped', taken), body: encodeText(raw) }
    const layouts = LAYOUTS.slice(0, 2)
    for (const layout of layouts) {
      yield { ...change('body_wrapped', taken, `body: ${layout.name}`), body: encodeText(layout.write(tokens)) }
    }
    return
  }
  yield { ...change('body_wrapped', taken), body: encodeText(text) }
  const decoded = decodeBase64Loosely(text)
  if (decoded) yield { ...change('body_wrapped', taken, 'body: base64 decoded'), body: decoded }
}

/** The text of a JSON string; undefined for other tokens, and for half a surrogate pair, which has no UTF-8 form. */
function parseString(token: Token | undefined): string | undefined {
  if (token === undefined || !isString(token)) return undefined
  const text: string = JSON.parse(token)
  return text.isWellFormed() ? text : undefined
}
