// A line break at the end of the body that was added or removed: by an editor, a log, `echo`, or a here-document.

import { concatBytes } from '../../../shared/bytes.ts'
import { type BodyChange, change } from '../../change.ts'
import type { ReceivedBody } from '../../received-body.ts'

const LF = 0x0a
const CR = 0x0d

export function* bodyNewline({ bytes }: ReceivedBody): Generator<BodyChange> {
  const end = (what: string) => change('body_newline', `body: ${what} at the end`)
  const add = (...added: readonly number[]) => concatBytes([bytes, Uint8Array.from(added)])
  const last = bytes.length - 1
  if (bytes[last] === LF && bytes[last - 1] === CR) yield { ...end('CRLF removed'), body: bytes.subarray(0, last - 1) }
  else if (bytes[last] === LF) yield { ...end('LF removed'), body: bytes.subarray(0, last) }
  const bare = bytes.subarray(0, lengthWithoutLineBreaks(bytes))
  if (bare.length < last) yield { ...end('all line breaks removed'), body: bare }
  yield { ...end('LF added'), body: add(LF) }
  yield { ...end('CRLF added'), body: add(CR, LF) }
  yield { ...end('two LF added'), body: add(LF, LF) }
}

function lengthWithoutLineBreaks(bytes: Uint8Array): number {
  let length = bytes.length
  while (length > 0 && (bytes[length - 1] === LF || bytes[length - 1] === CR)) length--
  return length
}
