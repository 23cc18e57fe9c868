// Characters that became HTML entities, as filters against cross-site scripting leave them: `&lt;` for `<`.

import { type BodyChange, change } from '../../change.ts'
import { decodeEntities } from '../../html-entities.ts'
import { encodeText, type ReceivedBody } from '../../received-body.ts'

export function* bodyHtmlEntities({ text }: ReceivedBody): Generator<BodyChange> {
  if (text === undefined) return
  const decoded = decodeEntities(text)
  if (decoded === text) return
  yield { ...change('body_html_escapes', 'body: HTML entities decoded'), body: encodeText(decoded) }
}
