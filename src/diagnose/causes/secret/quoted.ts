// What a paste brings along: quotation marks, a comma or semicolon after them, the name of the variable before them.

import { change } from '../../change.ts'
import type { TextChange } from './text-change.ts'

export function* secretQuoted(text: string): Generator<TextChange> {
  const found = (what: string, bare: string) => ({ ...change('secret_quoted', `secret: ${what}`), text: bare })
  const value = text.trim().replace(/^(?:export\s+|set\s+|[-]\s+)?[A-Za-z_][A-Za-z0-9_]*\s*[=:]\s*/, '')
  const unended = value.replace(/\s*[,;]+$/, '')
  const bare = unended.replace(/^(["'`])(.*)\1$/s, '$2').replace(CURLY, '$1')
  if (bare !== unended) yield found('quotation marks removed', bare)
  if (unended !== value) yield found('comma or semicolon at the end removed', unended)
  if (value !== text.trim()) yield found('name of the variable before it removed', value)
  const loose = text.replace(/^["'`]|["'`]$/g, '')
  if (loose !== text && loose !== bare) yield found('one quotation mark removed', loose)
  yield found('put in double quotation marks', `"${text}"`)
  yield found('put in single quotation marks', `'${text}'`)
}

/** What word processors and chats make of quotation marks. */
const CURLY = /^[\u2018-\u201e\u2039\u203a\u00ab\u00bb](.*)[\u2018-\u201e\u2039\u203a\u00ab\u00bb]$/s
