// White space around the body that was trimmed or added. What was trimmed is gone, so only the commonest of it can be put back.

import { concatBytes } from '../../../shared/bytes.ts'
import { type BodyChange, change } from '../../change.ts'
import type { ReceivedBody } from '../../received-body.ts'

const SPACE = 0x20
const TAB = 0x09
const LF = 0x0a

export function* bodyTrimmed({ bytes }: ReceivedBody): Generator<BodyChange> {
  const taken = (what: string) => change('body_trimmed', `body: ${what}`)
  const [from, to] = bounds(bytes)
  if (from > 0 && to < bytes.length) {
    yield { ...taken('white space removed at both ends'), body: bytes.subarray(from, to) }
  }
  if (from > 0) yield { ...taken('white space removed at the start'), body: bytes.subarray(from) }
  if (to < bytes.length) yield { ...taken('white space removed at the end'), body: bytes.subarray(0, to) }
  const lineEnd = lengthWithoutBlanks(bytes)
  if (lineEnd < bytes.length && lineEnd > to) {
    yield { ...taken('blanks removed at the end, line breaks kept'), body: bytes.subarray(0, lineEnd) }
  }
  const space = Uint8Array.of(SPACE)
  yield { ...taken('a space added at the end'), body: concatBytes([bytes, space]) }
  yield { ...taken('a space added at the start'), body: concatBytes([space, bytes]) }
  yield { ...taken('LF added at the start'), body: concatBytes([Uint8Array.of(LF), bytes]) }
  yield { ...taken('a tab added at the end'), body: concatBytes([bytes, Uint8Array.of(TAB)]) }
}

function bounds(bytes: Uint8Array): [from: number, to: number] {
  let from = 0
  let to = bytes.length
  while (from < to && isSpace(bytes[from])) from++
  while (to > from && isSpace(bytes[to - 1])) to--
  return [from, to]
}

function lengthWithoutBlanks(bytes: Uint8Array): number {
  let length = bytes.length
  while (length > 0 && (bytes[length - 1] === SPACE || bytes[length - 1] === TAB)) length--
  return length
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || (byte !== undefined && byte >= TAB && byte <= 0x0d)
}
