// Finds secret seeds in text, so that none is ever published. A mistyped one counts: most of its characters are right.

import { decodeStrKey } from '../strkey.ts'

/**
 * Whether a text holds a secret seed, or what looks like one with a typing mistake. A seed in lower case counts, and so does one in groups or
 * over several lines. What merely looks like one must be in upper case, as other things (the name of an onion service) have the same form in
 * lower case.
 */
export function holdsSeed(text: string): boolean {
  // Full-width letters become plain ones.
  const plain = text.normalize('NFKC')
  return holdsExactSeed(plain.toUpperCase()) || holdsExactSeed(join(plain)) || looksLikeSeed(plain)
}

/** An S, then what can follow it: the version byte of a seed leaves four letters for the second place. */
const SEED_FORM = /S(?=([A-D][A-Z2-7]{54}))/g

/** Anywhere, inside a longer word too: the checksum keeps other text from being taken for a seed. */
function holdsExactSeed(text: string): boolean {
  for (const [, rest = ''] of text.matchAll(SEED_FORM)) if (isSeed(`S${rest}`)) return true
  return false
}

function isSeed(text: string): boolean {
  const key = decodeStrKey(text)
  return key.ok && key.kind === 'secretSeed'
}

/** A text without blanks, line breaks, hyphens and invisible characters. Small letters stay small, so prose does not become a key. */
function join(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '')
}

/** A word of a seed's form without the right checksum, with a character too many or too few at most. */
const SEED_LIKE_WORD = /(?<![A-Z0-9])S[A-Z0-9]{54,56}(?![A-Z0-9])/

/** A word that one other character cuts in two. Its length decides. */
const CUT_WORD = /(?<![A-Z0-9])S[A-Z0-9]*[^A-Z0-9\s][A-Z0-9]+/g

/** A word of 55 or 56 characters, of which the last 55 may be all of a seed but its first letter. */
const WORD_OF_THE_REST = /(?<![A-Z0-9])[A-Z0-9]?([A-Z2-7]{55})(?![A-Z0-9])/g

function looksLikeSeed(text: string): boolean {
  if (SEED_LIKE_WORD.test(text)) return true
  for (const [word] of text.matchAll(CUT_WORD)) if (word.length >= 55 && word.length <= 57) return true
  // The checksum tells a seed with a wrong first letter from a key of another kind.
  for (const [, rest = ''] of text.matchAll(WORD_OF_THE_REST)) if (isSeed(`S${rest}`)) return true
  return false
}
