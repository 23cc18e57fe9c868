// A signature over no body at all: the sender's, or one of a body that was lost before it was signed.

import { type BodyChange, change } from '../../change.ts'
import type { ReceivedBody } from '../../received-body.ts'

export function* bodyEmpty({ bytes }: ReceivedBody): Generator<BodyChange> {
  if (bytes.length > 0) yield { ...change('body_empty', 'body: empty'), body: new Uint8Array() }
  else yield { ...change('body_empty', 'body: {}'), body: Uint8Array.of(0x7b, 0x7d) }
}
