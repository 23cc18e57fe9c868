// JSON that was parsed and written again: with other white space, other escapes, its members in another order. The sender may have done it
// as well, by signing one form and sending another.

import { type BodyChange, change } from '../../change.ts'
import type { FindingCode } from '../../finding.ts'
import { ESCAPE_STYLES, kindsOfEscapes, writeEscapes } from '../../json/escapes.ts'
import { sortKeys } from '../../json/key-order.ts'
import { LAYOUTS, type Layout } from '../../json/layout.ts'
import type { ReadTokens, Token } from '../../json/tokens.ts'
import { encodeText, type ReceivedBody } from '../../received-body.ts'

export function* bodyJsonForm({ text, json }: ReceivedBody): Generator<BodyChange> {
  if (text === undefined || json.kind !== 'json') return
  yield* otherLayouts(json.tokens)
  yield* otherEscapes(text, json)
  const sorted = sortKeys(json.tokens)
  if (sorted) yield* otherOrder(text, json.tokens, sorted)
  for (const escapes of ESCAPE_STYLES) {
    const tokens = writeEscapes(json.tokens, escapes)
    if (tokens.some((token, at) => token !== json.tokens[at])) yield* otherLayouts(tokens, [`body: ${escapes.name}`])
  }
  yield* otherLayouts(json.tokens, ['body: LF added at the end'], '\n')
}

/** Only the white space, but for what the tokens went through before. */
function* otherLayouts(tokens: readonly Token[], before: readonly string[] = [], end = ''): Generator<BodyChange> {
  for (const layout of LAYOUTS) {
    yield { ...change('body_reserialized', nameOf(layout), ...before), body: encodeText(layout.write(tokens) + end) }
  }
}

/** Only the escapes: the white space stays as it was received. */
function* otherEscapes(text: string, json: ReadTokens & { readonly kind: 'json' }): Generator<BodyChange> {
  for (const escapes of ESCAPE_STYLES) {
    const rewritten = writeInPlace(text, json, writeEscapes(json.tokens, escapes))
    yield { ...change(codeOfEscapes(text, rewritten), `body: ${escapes.name}`), body: encodeText(rewritten) }
  }
}

/** The order of members, in every layout. That of the body comes first: then nothing but the order has changed. */
function* otherOrder(text: string, tokens: readonly Token[], sorted: readonly Token[]): Generator<BodyChange> {
  const isOwn = (layout: Layout): boolean => text.startsWith(layout.write(tokens))
  const own = LAYOUTS.find(isOwn)
  const order = 'body: members sorted by name'
  if (own) yield { ...change('body_key_order', order), body: encodeText(own.write(sorted)) }
  for (const layout of LAYOUTS) {
    yield { ...change('body_key_order', order, nameOf(layout)), body: encodeText(layout.write(sorted)) }
    for (const escapes of ESCAPE_STYLES) {
      const body = encodeText(layout.write(writeEscapes(sorted, escapes)))
      yield { ...change('body_key_order', order, nameOf(layout), `body: ${escapes.name}`), body }
    }
  }
}

function nameOf(layout: Layout): string {
  return `body: ${layout.name}`
}

/** The text with other tokens and the same white space between them. */
function writeInPlace(text: string, json: ReadTokens & { readonly kind: 'json' }, written: readonly Token[]): string {
  let out = ''
  let at = 0
  for (const [index, token] of json.tokens.entries()) {
    const start = json.starts[index] ?? at
    out += text.slice(at, start) + (written[index] ?? token)
    at = start + token.length
  }
  return out + text.slice(at)
}

/** What differs decides: serialisers that escape slashes or HTML are rarer than those that escape what is not ASCII. */
function codeOfEscapes(received: string, rewritten: string): FindingCode {
  const [before, after] = [kindsOfEscapes(received), kindsOfEscapes(rewritten)]
  if (before.slashes !== after.slashes) return 'body_slash_escapes'
  if (before.html !== after.html) return 'body_html_escapes'
  return 'body_unicode_escapes'
}
