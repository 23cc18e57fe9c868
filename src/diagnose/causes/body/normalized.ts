// Unicode normalisation: the same characters, composed (NFC) or in pieces (NFD).

import { type BodyChange, change } from '../../change.ts'
import { encodeText, type ReceivedBody } from '../../received-body.ts'

export function* bodyNormalized({ text }: ReceivedBody): Generator<BodyChange> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
  if (text === undefined || /^[\u0000-\u007f]*$/.test(text)) return
  for (const form of ['NFC', 'NFD'] as const) {
    yield { ...change('body_normalized', `body: Unicode ${form}`), body: encodeText(text.normalize(form)) }
  }
}
