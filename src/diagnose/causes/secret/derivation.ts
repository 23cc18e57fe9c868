// The bytes that a text stands for: its characters, or what it is the base64 or hexadecimal of; with its prefix or without.

import { decodeBase64Loosely, decodeHex, encodeBase64, encodeHex } from '../../../shared/encoding.ts'
import { type Change, change } from '../../change.ts'
import { decodeText, encodeText } from '../../received-body.ts'
import type { TextChange } from './text-change.ts'

/** A text inside a text, as Kubernetes shows a secret, with the line break that `echo` put at its end taken off. */
export function* secretInside(text: string): Generator<TextChange> {
  const decodings = { base64: decodeBase64Loosely(text.trim()), hexadecimal: decodeHex(text.trim(), 'any case') }
  for (const [name, bytes] of Object.entries(decodings)) {
    const inner = bytes && decodeText(bytes)?.trim()
    if (!inner || !/^[\x20-\x7e]+$/.test(inner)) continue
    yield { ...change('secret_derivation', `secret: the text inside its ${name}`), text: inner }
  }
}

export interface BytesChange extends Change {
  readonly bytes: Uint8Array
}

const PREFIX = /^(?:v1,)?whsec_/

export function* secretDerivation(text: string): Generator<BytesChange> {
  const found = (what: string, bytes: Uint8Array | undefined): BytesChange[] =>
    bytes && bytes.length > 0 ? [{ ...change('secret_derivation', `secret: ${what}`), bytes }] : []
  const bare = text.replace(PREFIX, '')
  yield* found('its text as it is', encodeText(text))
  if (bare !== text) yield* found('its text without whsec_', encodeText(bare))
  yield* found('base64 decoded', decodeBase64Loosely(bare))
  yield* found('hexadecimal decoded', decodeHex(bare, 'any case'))
  yield* found('its text with whsec_ before it', encodeText(`whsec_${bare}`))
  if (/^[0-9a-f]+$/i.test(bare)) {
    yield* found('its text in lower case', encodeText(bare.toLowerCase()))
    yield* found('its text in capitals', encodeText(bare.toUpperCase()))
  }
  yield* found('its text in base64', encodeText(encodeBase64(encodeText(text))))
  yield* found('its text in hexadecimal', encodeText(encodeHex(encodeText(text))))
  const decoded = decodeBase64Loosely(bare)
  if (decoded) yield* found('base64 to hexadecimal', encodeText(encodeHex(decoded)))
}
