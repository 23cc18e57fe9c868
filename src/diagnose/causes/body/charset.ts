// Text that was read in one character set and written in another: UTF-8 taken for Latin-1 or a code page of Windows, or the reverse; and UTF-16.

import { type BodyChange, change } from '../../change.ts'
import { decodeText, decodeUtf16, encodeText, type ReceivedBody } from '../../received-body.ts'

export function* bodyCharset({ bytes, text }: ReceivedBody): Generator<BodyChange> {
  const found = (what: string, body: Uint8Array): BodyChange => ({ ...change('body_charset', `body: ${what}`), body })
  const wide = decodeUtf16(bytes)
  if (wide !== undefined) yield found('read as UTF-16, written as UTF-8', encodeText(wide))
  if (!bytes.some((byte) => byte > 0x7f)) return
  for (const [name, decode] of CHARSETS) {
    const written = text === undefined ? undefined : encodeSingleBytes(text, decode)
    if (written) yield* writtenBack(name, decode, written, found)
    const read = decode(bytes)
    if (read !== undefined) yield found(`read as ${name}, written as UTF-8`, encodeText(read))
  }
}

/** A text that was taken for another character set once, or twice: by two programs in a row. */
function* writtenBack(name: string, decode: Decode, written: Uint8Array, found: Found): Generator<BodyChange> {
  yield found(`UTF-8 decoded, written as ${name}`, written)
  const text = decodeText(written)
  const twice = text !== undefined && encodeSingleBytes(text, decode)
  if (twice) yield found(`UTF-8 decoded, written as ${name}, twice`, twice)
}

type Found = (what: string, body: Uint8Array) => BodyChange

/** Undefined where the runtime does not know the character set. */
type Decode = (bytes: Uint8Array) => string | undefined

const CHARSETS: readonly (readonly [name: string, decode: Decode])[] = [
  ['Latin-1', (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')],
  ...['Windows-1252', 'ISO-8859-15', 'Windows-1250', 'Windows-1251'].map((name) => [name, decoderOf(name)] as const),
]

function decoderOf(name: string): Decode {
  return (bytes) => {
    try {
      return new TextDecoder(name).decode(bytes)
    } catch {
      return undefined
    }
  }
}

/** Undefined if the character set does not have a character of the text. */
function encodeSingleBytes(text: string, decode: Decode): Uint8Array | undefined {
  const values = new Map(Array.from(decode(ALL_BYTES) ?? '', (character, byte) => [character, byte]))
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const byte = values.get(text.charAt(at))
    if (byte === undefined) return undefined
    bytes[at] = byte
  }
  return bytes
}

const ALL_BYTES = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) => byte)
