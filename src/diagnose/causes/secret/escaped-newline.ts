// The two characters \n where a line break was meant, as Docker and CI systems leave them.

import { change } from '../../change.ts'
import type { TextChange } from './text-change.ts'

export function* secretEscapedNewline(text: string): Generator<TextChange> {
  const found = (what: string, bare: string) => ({ ...change('secret_escaped_newline', `secret: ${what}`), text: bare })
  const bare = text.replace(/(?:\\r|\\n)+$/, '')
  if (bare !== text) yield found('\\n at the end removed', bare)
  const real = text.replaceAll('\\r', '\r').replaceAll('\\n', '\n')
  if (real !== text) yield found('\\n to line breaks', real)
}
