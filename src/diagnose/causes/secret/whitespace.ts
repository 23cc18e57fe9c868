// White space and invisible characters at the ends of a secret, from a file, a paste or an environment; or inside it, from a line that was
// wrapped. And the reverse: the sender kept a line break that is not here.

import { change } from '../../change.ts'
import type { TextChange } from './text-change.ts'

export function* secretWhitespace(text: string): Generator<TextChange> {
  const bare = text.replace(EDGES, '')
  if (bare !== text) yield { ...removed('at its ends'), text: bare }
  const dense = bare.replace(ALL, '')
  if (dense !== bare) yield { ...removed('everywhere'), text: dense }
  const visible = bare.replace(INVISIBLE, '')
  if (visible !== bare) yield { ...change('secret_whitespace', 'secret: invisible characters removed'), text: visible }
  const plain = bare.replace(/\p{Zs}/gu, ' ')
  if (plain !== bare)
    yield { ...change('secret_whitespace', 'secret: every kind of space made a plain one'), text: plain }
  for (const [name, end] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['a space', ' '],
  ] as const) {
    yield { ...change('secret_whitespace', `secret: ${name} added at the end`), text: text + end }
  }
}

const EDGES = /^[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+$/gu
const ALL = /[\p{Z}\p{Cc}\p{Cf}]+/gu
const INVISIBLE = /[\p{Cc}\p{Cf}]+/gu

function removed(where: string) {
  return change('secret_whitespace', `secret: white space removed ${where}`)
}
