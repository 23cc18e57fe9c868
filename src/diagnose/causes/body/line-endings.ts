// Line endings that were rewritten: by Git, by a form, by a text mode, by an editor on Windows.

import { type BodyChange, change } from '../../change.ts'
import type { ReceivedBody } from '../../received-body.ts'

const LF = 0x0a
const CR = 0x0d

export function* bodyLineEndings({ bytes }: ReceivedBody): Generator<BodyChange> {
  if (!bytes.includes(LF) && !bytes.includes(CR)) return
  yield { ...change('body_line_endings', 'body: CRLF to LF'), body: toLf(bytes) }
  yield { ...change('body_line_endings', 'body: LF to CRLF'), body: toCrlf(bytes) }
}

function toLf(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, at) => byte !== CR || bytes[at + 1] !== LF)
}

function toCrlf(bytes: Uint8Array): Uint8Array {
  const isBare = (at: number): boolean => bytes[at] === LF && bytes[at - 1] !== CR
  const out = new Uint8Array(bytes.length + bytes.reduce((count, _, at) => count + Number(isBare(at)), 0))
  let to = 0
  for (const [at, byte] of bytes.entries()) {
    if (isBare(at)) out[to++] = CR
    out[to++] = byte
  }
  return out
}
