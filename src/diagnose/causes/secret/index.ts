// What may have happened to a secret.

import type { BytesChange } from './derivation.ts'
import { secretDerivation, secretInside } from './derivation.ts'
import { secretEncoded, secretInUtf16 } from './encoded.ts'
import { secretEscapedNewline } from './escaped-newline.ts'
import { secretQuoted } from './quoted.ts'
import type { TextChange } from './text-change.ts'
import { secretWhitespace } from './whitespace.ts'

export type { BytesChange, TextChange }
export { secretInside, secretInUtf16 }

/** In bytes or characters. Longer ones are files that were configured by mistake, and are tried as they are alone. */
export const LONGEST_SECRET = 8192

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
