// A body that was handed over in base64, as API Gateway does with `isBase64Encoded`, or decoded where the base64 itself was signed.

import { decodeBase64Loosely, encodeBase64 } from '../../../shared/encoding.ts'
import { type BodyChange, change } from '../../change.ts'
import { encodeText, type ReceivedBody } from '../../received-body.ts'

export function* bodyBase64({ bytes, text }: ReceivedBody): Generator<BodyChange> {
  const digits = text?.replace(/\s/g, '') ?? ''
  const decoded = /^[\w+/-]{2,}={0,2}$/.test(digits) ? decodeBase64Loosely(digits) : undefined
  if (decoded) yield { ...change('body_base64', 'body: base64 decoded'), body: decoded }
  if (bytes.length <= MOST_ENCODED) {
    yield { ...change('body_base64', 'body: base64 encoded'), body: encodeText(encodeBase64(bytes)) }
  }
}

const MOST_ENCODED = 1_048_576
