// The keys that may have made a signature: each secret as it is, then as it may have been before something happened to it.

import { encodeBase64, encodeHex } from '../../shared/encoding.ts'
import type { KeyMaterial } from '../../webhook/proof/key-material.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { isSecretText, readSecret } from '../../webhook/secrets.ts'
import { LONGEST_SECRET, secretBytes, secretInside, secretInUtf16, secretTexts } from '../causes/secret/index.ts'
import type { TextChange } from '../causes/secret/text-change.ts'
import { type Change, change, type KeyChoice } from '../change.ts'
import { encodeText } from '../received-body.ts'
import type { Secret } from './secrets.ts'

/** The endpoint's own secrets as the scheme reads them, expired ones too. */
export function ownKeys(secrets: readonly Secret[], nowSeconds: number): KeyChoice[] {
  return secrets.flatMap(({ id, isOwn, key }) => {
    if (!isOwn || !key) return []
    const expired = change('secret_expired', `secret: valid again (it expired ${nowSeconds - key.expiresAt} s ago)`)
    return [{ material: key.material, secretId: id, change: nowSeconds < key.expiresAt ? undefined : expired }]
  })
}

/** All other keys that can be made of the secrets, without those of `ownKeys`, and each once. */
export function changedKeys(secrets: readonly Secret[], scheme: WebhookScheme): KeyChoice[] {
  const seen = new Set(secrets.flatMap(({ isOwn, key }) => (isOwn && key ? [nameOf(key.material)] : [])))
  const isNew = ({ material }: KeyChoice): boolean => {
    const name = nameOf(material)
    return !seen.has(name) && seen.add(name).size > 0
  }
  const others = secrets.filter(({ isOwn }) => !isOwn)
  const asTheyAre = others.flatMap(({ id, key }) =>
    key ? [{ material: key.material, secretId: id, change: OTHER }] : [],
  )
  const ownChanged = secrets.filter(({ isOwn }) => isOwn).flatMap((secret) => [...changesOf(secret, scheme)])
  const othersChanged = others.flatMap((secret) => [...changesOf(secret, scheme)].map(ofOther))
  return [...asTheyAre, ...ownChanged, ...othersChanged].filter(isNew)
}

const OTHER: Change = change('secret_other', 'secret: another one')

function ofOther(choice: KeyChoice): KeyChoice {
  const transformation = [...OTHER.transformation, ...(choice.change?.transformation ?? [])]
  return { ...choice, change: { code: OTHER.code, transformation } }
}

function nameOf({ kind, bytes }: KeyMaterial): string {
  return `${kind} ${encodeHex(bytes)}`
}

/** Texts first, as the scheme reads them; then bytes that it would not read from them. */
function* changesOf(secret: Secret, scheme: WebhookScheme): Generator<KeyChoice> {
  const { id: secretId, text, bytes } = secret
  if ((text ?? bytes ?? '').length > LONGEST_SECRET) return
  if (text !== undefined) {
    const texts = [...secretTexts(text)]
    yield* readAll(texts, secretId, scheme)
    if (takesAnyBytes(scheme)) {
      yield* derived(text, secretId, scheme)
      for (const each of texts.filter(isShortened(text))) yield* derived(each.text, secretId, scheme, each)
    }
    yield* readAll(secretInside(text), secretId, scheme)
  }
  if (bytes) yield* readAll(secretInUtf16(bytes), secretId, scheme)
  if (bytes && takesAnyBytes(scheme)) {
    for (const [name, written] of [
      ['hexadecimal', encodeHex(bytes)],
      ['base64', encodeBase64(bytes)],
    ] as const) {
      const material = scheme.proof.readKey(encodeText(written), () => undefined)
      if (material) yield { material, secretId, change: change('secret_derivation', `secret: its bytes in ${name}`) }
    }
  }
}

/** Other texts, as the scheme reads them. */
function* readAll(texts: Iterable<TextChange>, secretId: string, scheme: WebhookScheme): Generator<KeyChoice> {
  for (const each of texts) {
    const material = readText(each.text, scheme)
    if (material) yield { material, secretId, change: each }
  }
}

/** What was added to a text comes off before it is decoded; nothing is added first. */
function isShortened(text: string): (each: { readonly text: string }) => boolean {
  return (each) => each.text.length < text.length
}

function* derived(text: string, secretId: string, scheme: WebhookScheme, before?: Change): Generator<KeyChoice> {
  for (const { code, transformation, bytes } of secretBytes(text)) {
    const material = scheme.proof.readKey(bytes, () => undefined)
    const whole = before
      ? { code: before.code, transformation: [...before.transformation, ...transformation] }
      : { code, transformation }
    if (material) yield { material, secretId, change: whole }
  }
}

/** A scheme with shared secrets can use any bytes as one. */
function takesAnyBytes({ proof }: WebhookScheme): boolean {
  return proof.algorithm.startsWith('hmac') || proof.algorithm === 'token'
}

/**
 * The key that the scheme reads from a text. White space at the ends is refused by the library itself, but a sender may well have it in its
 * secret: then the bytes are those of the text.
 */
function readText(text: string, scheme: WebhookScheme): KeyMaterial | undefined {
  if (text === '') return undefined
  if (!isSecretText(text, scheme) && takesAnyBytes(scheme)) {
    const bytes = /\s$/.test(text) && scheme.secret(text.trim()) ? encodeText(text) : undefined
    return bytes && scheme.proof.readKey(bytes, () => undefined)
  }
  try {
    return readSecret({ option: 'secrets', path: 'secrets', rules: scheme, use: 'verify' }, text).material
  } catch {
    return undefined // not in the scheme's form
  }
}
