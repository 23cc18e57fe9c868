// Finds secret seeds in text, so that none is ever published. A mistyped one counts: most of its characters are right.

import { decodeStrKey } from '../strkey.ts'

const SEED_LENGTH = 56

/**
 * Whether a text holds a secret seed, or what looks like one with a typing mistake. A seed in lower case counts; what merely looks like one
 * must be in upper case, as other things (the name of an onion service) have the same form in lower case.
 */
export function holdsSeed(text: string): boolean {
  return holdsExactSeed(text.toUpperCase()) || LOOKS_LIKE_SEED.test(text)
}

/** Anywhere, inside a longer word too: the checksum keeps other text from being taken for a seed. */
function holdsExactSeed(upper: string): boolean {
  for (let at = upper.indexOf('S'); at >= 0; at = upper.indexOf('S', at + 1)) {
    const key = decodeStrKey(upper.slice(at, at + SEED_LENGTH))
    if (key.ok && key.kind === 'secretSeed') return true
  }
  return false
}

/** A word of a seed's form without the right checksum, with a character too many or too few at most. */
const LOOKS_LIKE_SEED = /(?<![A-Z0-9])S[A-Z0-9]{54,56}(?![A-Z0-9])/
