// What may have happened to a secret.

import type { BytesChange } from './derivation.ts'
import { secretDerivation } from './derivation.ts'
import { secretEncoded } from './encoded.ts'
import { secretEscapedNewline } from './escaped-newline.ts'
import { secretQuoted } from './quoted.ts'
import type { TextChange } from './text-change.ts'
import { secretWhitespace } from './whitespace.ts'

export type { BytesChange, TextChange }

/** The texts that a secret may have been, for the scheme to read. */
export function* secretTexts(text: string): Generator<TextChange> {
  yield* secretWhitespace(text)
  yield* secretQuoted(text)
  yield* secretEscapedNewline(text)
  yield* secretEncoded(text)
}

/** The bytes that the text of a secret may stand for, whatever the scheme. */
export function secretBytes(text: string): Generator<BytesChange> {
  return secretDerivation(text)
}
