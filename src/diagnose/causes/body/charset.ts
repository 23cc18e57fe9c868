// Text that was read in one character set and written in another: UTF-8 taken for Latin-1 or Windows-1252, or the reverse.

import { type BodyChange, change } from '../../change.ts'
import { encodeText, type ReceivedBody } from '../../received-body.ts'

export function* bodyCharset({ bytes, text }: ReceivedBody): Generator<BodyChange> {
  if (!bytes.some((byte) => byte > 0x7f)) return
  for (const [name, decode] of CHARSETS) {
    const written = text === undefined ? undefined : encodeSingleBytes(text, decode)
    if (written) yield { ...change('body_charset', `body: UTF-8 decoded, written as ${name}`), body: written }
    yield { ...change('body_charset', `body: read as ${name}, written as UTF-8`), body: encodeText(decode(bytes)) }
  }
}

type Decode = (bytes: Uint8Array) => string

const CHARSETS: readonly (readonly [name: string, decode: Decode])[] = [
  ['Latin-1', (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')],
  ['Windows-1252', (bytes) => new TextDecoder('windows-1252').decode(bytes)],
]

/** Undefined if the character set does not have a character of the text. */
function encodeSingleBytes(text: string, decode: Decode): Uint8Array | undefined {
  const values = new Map(Array.from(decode(ALL_BYTES), (character, byte) => [character, byte]))
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const byte = values.get(text.charAt(at))
    if (byte === undefined) return undefined
    bytes[at] = byte
  }
  return bytes
}

const ALL_BYTES = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) => byte)
