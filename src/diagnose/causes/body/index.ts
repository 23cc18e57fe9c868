// What may have happened to a body, each with the body as it was before: the cheapest and commonest first.

import type { BodyChange } from '../../change.ts'
import type { ReceivedBody } from '../../received-body.ts'
import { bodyBase64 } from './base64.ts'
import { bodyByteOrderMark } from './byte-order-mark.ts'
import { bodyCharset } from './charset.ts'
import { bodyCompressed } from './compressed.ts'
import { bodyEmpty } from './empty.ts'
import { bodyFormField } from './form-field.ts'
import { bodyHtmlEntities } from './html-entities.ts'
import { bodyJsonForm } from './json-form.ts'
import { bodyLineEndings } from './line-endings.ts'
import { bodyNewline } from './newline.ts'
import { bodyNormalized } from './normalized.ts'
import { bodyTrimmed } from './trimmed.ts'
import { bodyWrapped } from './wrapped.ts'

/** Made one at a time, so that a search that ends early has not made the rest. */
export async function* bodyChanges(body: ReceivedBody): AsyncGenerator<BodyChange> {
  yield* bodyNewline(body)
  yield* bodyLineEndings(body)
  yield* bodyByteOrderMark(body)
  yield* bodyTrimmed(body)
  yield* bodyEmpty(body)
  yield* await bodyCompressed(body)
  yield* bodyBase64(body)
  yield* bodyWrapped(body)
  yield* bodyFormField(body)
  yield* bodyCharset(body)
  yield* bodyHtmlEntities(body)
  yield* bodyNormalized(body)
  yield* bodyJsonForm(body)
}
