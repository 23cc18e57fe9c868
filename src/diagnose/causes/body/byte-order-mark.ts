// A byte order mark (EF BB BF) that was added or removed. Text decoders drop it without a word.

import { concatBytes } from '../../../shared/bytes.ts'
import { type BodyChange, change } from '../../change.ts'
import type { ReceivedBody } from '../../received-body.ts'

const MARK = /* @__PURE__ */ Uint8Array.of(0xef, 0xbb, 0xbf)

export function* bodyByteOrderMark({ bytes }: ReceivedBody): Generator<BodyChange> {
  if (MARK.every((byte, at) => bytes[at] === byte)) {
    yield { ...change('body_bom', 'body: byte order mark removed'), body: bytes.subarray(MARK.length) }
  } else yield { ...change('body_bom', 'body: byte order mark added'), body: concatBytes([MARK, bytes]) }
}
