// Another id than the one in the header: trimmed, in another case, or from inside the body.

import { type Change, change } from '../../change.ts'
import { isString, type ReadTokens } from '../../json/tokens.ts'

/** Another text for the id that is signed. */
export interface IdChange extends Change {
  readonly deliveryId: string
}

export function* contentIds(received: string | undefined, json: ReadTokens): Generator<IdChange> {
  const found = (what: string, deliveryId: string) => ({ ...change('content_id', `content: id ${what}`), deliveryId })
  if (received !== undefined) {
    const trimmed = received.trim().replace(/^["'{<]|["'}>]$/g, '')
    if (trimmed !== received) yield found('trimmed', trimmed)
    if (received.toLowerCase() !== received) yield found('in lower case', received.toLowerCase())
    if (received.toUpperCase() !== received) yield found('in capitals', received.toUpperCase())
    const [first = ''] = received.split(', ')
    if (first !== received) yield found('up to the first comma', first)
  }
  if (json.kind === 'json') yield* idsInBody(json, found)
}

const NAMES = /^"(?:id|event_id|eventId|delivery_id|deliveryId|webhook_id|webhookId|message_id|messageId|uuid)"$/
const MOST_IDS = 8

/** The first members, at any depth, that are named like an id. */
function* idsInBody(
  { tokens }: ReadTokens & { readonly kind: 'json' },
  found: (what: string, id: string) => IdChange,
): Generator<IdChange> {
  let left = MOST_IDS
  for (const [at, token] of tokens.entries()) {
    if (left === 0) return
    const value = tokens[at + 2] ?? ''
    if (tokens[at + 1] !== ':' || !NAMES.test(token) || !(isString(value) || /^\d/.test(value))) continue
    left--
    const text = isString(value) ? String(JSON.parse(value)) : value
    if (text.length > 0 && text.length <= 256 && text.isWellFormed()) yield found('from the body', text)
  }
}
