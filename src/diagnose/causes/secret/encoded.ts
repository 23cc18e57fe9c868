// A secret that was percent-encoded, as in a URL, or escaped as in HTML or JSON, on its way into the configuration.

import { change } from '../../change.ts'
import type { TextChange } from './text-change.ts'

export function* secretEncoded(text: string): Generator<TextChange> {
  const found = (what: string, decoded: string) => ({ ...change('secret_encoded', `secret: ${what}`), text: decoded })
  const decoded = decodePercent(text)
  if (decoded !== text) yield found('percent-decoded', decoded)
  const spaced = decodePercent(text.replaceAll('+', ' '))
  if (spaced !== text && spaced !== decoded) yield found('decoded as a form field', spaced)
  const unescaped = text.replace(
    /&(amp|lt|gt|quot|apos|#39|#x27|#x2f|#34);/gi,
    (all, name) => HTML[name.toLowerCase()] ?? all,
  )
  if (unescaped !== text) yield found('HTML escapes decoded', unescaped)
  const encoded = encodeURIComponent(text)
  if (encoded !== text) yield found('percent-encoded', encoded)
  const unslashed = text.replace(/\\([\\/"$])/g, '$1')
  if (unslashed !== text) yield found('backslashes removed', unslashed)
}

const HTML: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  '#x27': "'",
  '#x2f': '/',
  '#34': '"',
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // not percent-encoded
  }
}
