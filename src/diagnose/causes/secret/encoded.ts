// A secret that was percent-encoded, as in a URL, or escaped as in HTML or JSON, on its way into the configuration.

import { change } from '../../change.ts'
import { decodeEntities } from '../../html-entities.ts'
import { decodePercent } from '../../percent.ts'
import { decodeUtf16 } from '../../received-body.ts'
import type { TextChange } from './text-change.ts'

export function* secretEncoded(text: string): Generator<TextChange> {
  const found = (what: string, decoded: string) => ({ ...change('secret_encoded', `secret: ${what}`), text: decoded })
  const decoded = decodePercent(text)
  if (decoded !== text) yield found('percent-decoded', decoded)
  const spaced = decodePercent(text.replaceAll('+', ' '))
  if (spaced !== text && spaced !== decoded) yield found('decoded as a form field', spaced)
  const unescaped = decodeEntities(text)
  if (unescaped !== text) yield found('HTML escapes decoded', unescaped)
  const encoded = encodeURIComponent(text)
  if (encoded !== text) yield found('percent-encoded', encoded)
  const unslashed = text.replace(/\\([\\/"$])/g, '$1')
  if (unslashed !== text) yield found('backslashes removed', unslashed)
  // A file in UTF-16, as PowerShell writes it, that was read as UTF-8: a NUL beside each character, and what was its mark.
  if (text.includes('\0')) yield found('UTF-16 decoded', text.replace(/^[\ufffd\ufeff]+|[\0\r\n]+/g, ''))
}

/** The text of bytes in UTF-16, without the line break at its end. */
export function* secretInUtf16(bytes: Uint8Array): Generator<TextChange> {
  const decoded = decodeUtf16(bytes)
  if (decoded === undefined) return
  yield { ...change('secret_encoded', 'secret: UTF-16 decoded'), text: decoded.replace(/[\r\n]+$/, '') }
}
