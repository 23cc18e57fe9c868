// Keys, fingerprints and times as no example has them.

import type { DedupeStore } from '../../../stores/contract.ts'
import { expectClaimed, expectDone, expectInProgress, expectStatus, MINUTE, newKey, newText } from './expectations.ts'

export async function confusesNoTexts(store: DedupeStore): Promise<void> {
  const prefix = newText()
  const keys = TEXTS.map((text) => ({ key: prefix + text, fingerprint: text }))
  const claim = await expectClaimed(store, keys, 'unknown keys of unusual texts')
  for (const { key, fingerprint } of keys) {
    const shown = JSON.stringify(fingerprint.slice(0, 20))
    await expectInProgress(store, [{ key, fingerprint }], `the held key that ends with ${shown}`)
    const forged = [{ key, fingerprint: otherThan(fingerprint) }]
    await expectStatus(store, forged, 'conflict', `a held key with another fingerprint than ${shown}`)
  }
  await expectDone(store.commit(claim, MINUTE), 'commit() of keys of unusual texts')
}

/** No two are the same text, though some look alike, and two lone surrogates are the same in UTF-8. */
const TEXTS: readonly string[] = [
  ...['', ' ', '\0', '\ud800', '\udc00', '\ufffd', '\\u0000', '|', '"', "'", '%s', '{a}', 'ключ', '🔑', '\r\n'],
  ...['é', 'e\u0301', 'A', 'a', '__proto__', 'k'.repeat(9000), `${'k'.repeat(8999)}l`],
]

/** A lone surrogate: many encoders make the same bytes of any two of them. */
function otherThan(fingerprint: string): string {
  if (fingerprint === '\ud800') return '\udc00'
  return '\ud800'
}

export async function takesRepeatedKeyOnce(store: DedupeStore): Promise<void> {
  const key = newKey('body')
  const claim = await expectClaimed(store, [key, { ...key }, newKey()], 'unknown keys, one of them repeated')
  await expectInProgress(store, [key, key], 'a held key, repeated')
  await expectDone(store.commit(claim, MINUTE), 'commit() of a repeated key')
  await expectStatus(store, [key], 'duplicate', 'a committed key that was repeated in its request')
}

export async function takesAnyDuration(store: DedupeStore): Promise<void> {
  const claim = await expectClaimed(store, [newKey('body')], 'an unknown key, for fractions of a ms', 59_999.5, 0.25)
  if (store.extend) await expectDone(store.extend(claim, 59_999.25), 'extend() by a fraction of a millisecond')
  await expectDone(store.commit(claim, 1e14 + 0.5), 'commit() with a retention beyond any calendar')
  await expectStatus(store, claim.keys, 'duplicate', 'a key that was committed beyond any calendar')
}
