// The proofs and digests of node:crypto. No other file of this room touches it.

import * as crypto from 'node:crypto'
import type { ImmediateProofEngine, SignedContent } from './engine.ts'
import type { KeyMaterial, MacHash, PublicKeyRules } from './key-material.ts'
import { MAC_BYTES } from './mac-encoding.ts'
import { computeShort, isLongKey, isShort, type OneShotHash, type PaddedKey, padKey } from './one-shot-hmac.ts'

/** A key, ready to use. */
export type NodeKey =
  | FastKey
  | { readonly kind: 'hmac'; readonly hash: MacHash; readonly bytes: Uint8Array }
  | { readonly kind: 'token'; readonly bytes: Uint8Array; readonly digest: Uint8Array }
  | { readonly kind: 'public' | 'private'; readonly rules: PublicKeyRules['node']; readonly key: crypto.KeyObject }

/** A key for HMAC-SHA256, the default. */
interface FastKey {
  readonly kind: 'hmac-sha256'
  readonly bytes: Uint8Array
  readonly padded: PaddedKey
}

/** Everything by node:crypto, synchronously. */
export const nodeEngine: ImmediateProofEngine<NodeKey> = /* @__PURE__ */ Object.freeze({
  importKey,
  matches(key: NodeKey, content: SignedContent, candidates: readonly Uint8Array[]): boolean {
    switch (key.kind) {
      case 'hmac-sha256':
        return hasMac(key, content, candidates)
      case 'hmac':
        return hasSame(macOf(key, content), candidates)
      case 'token':
        return hasSame(key.digest, candidates.map(sha256))
      case 'public':
        return isSignedBy(key, join(content), candidates)
      case 'private':
        return false // it can only sign
    }
  },
  digest: (data: string | Uint8Array): string =>
    oneShot ? oneShot('sha256', data, 'hex') : crypto.createHash('sha256').update(data).digest('hex'),
})

/** Throws whatever node:crypto throws for a structure that is not a key. */
function importKey(material: KeyMaterial): NodeKey {
  const { kind, bytes } = material
  switch (kind) {
    case 'hmac':
      return material.hash === 'sha256' ? fastKey(bytes) : material
    case 'token':
      return { kind, bytes, digest: sha256(bytes) }
    case 'public':
      return {
        kind,
        rules: material.rules.node,
        key: crypto.createPublicKey({ key: Buffer.from(bytes), format: 'der', type: 'spki' }),
      }
    case 'private':
      return {
        kind,
        rules: material.rules.node,
        key: crypto.createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' }),
      }
  }
}

/** The signature of the content. Throws a TypeError for a public key, which cannot sign. */
export function nodeSign(key: NodeKey, content: SignedContent): Uint8Array {
  switch (key.kind) {
    case 'hmac-sha256':
      return Uint8Array.from(computeMac(key, content))
    case 'hmac':
      return Uint8Array.from(macOf(key, content))
    case 'token':
      return key.bytes
    case 'private':
      return Uint8Array.from(crypto.sign(key.rules.hash, join(content), { key: key.key, ...encodingOf(key.rules) }))
    case 'public':
      throw new TypeError('A public key cannot sign.')
  }
}

function macOf(
  { hash, bytes }: { hash: MacHash; bytes: Uint8Array },
  { before, body, after }: SignedContent,
): Uint8Array {
  return crypto.createHmac(hash, bytes).update(before).update(body).update(after).digest()
}

/** Compares with every candidate, in constant time. */
function hasSame(expected: Uint8Array, candidates: readonly Uint8Array[]): boolean {
  let matches = false
  for (const candidate of candidates) {
    if (candidate.length === expected.length) matches = crypto.timingSafeEqual(expected, candidate) || matches
  }
  return matches
}

function isSignedBy(
  { rules, key }: Extract<NodeKey, { kind: 'public' | 'private' }>,
  message: Uint8Array,
  candidates: readonly Uint8Array[],
): boolean {
  return candidates.some((candidate) => crypto.verify(rules.hash, message, { key, ...encodingOf(rules) }, candidate))
}

function encodingOf({ dsaEncoding }: PublicKeyRules['node']): { dsaEncoding?: 'der' } {
  return dsaEncoding === undefined ? {} : { dsaEncoding }
}

function join({ before, body, after }: SignedContent): Uint8Array {
  return Buffer.concat([Buffer.from(before), body, Buffer.from(after)])
}

function sha256(bytes: Uint8Array): Uint8Array {
  return crypto.createHash('sha256').update(bytes).digest()
}

function fastKey(bytes: Uint8Array): FastKey {
  return { kind: 'hmac-sha256', bytes, padded: padKey(isLongKey(bytes) ? sha256(bytes) : bytes) }
}

/** Computes one HMAC-SHA256 and compares it with every candidate. */
function hasMac(key: FastKey, content: SignedContent, candidates: readonly Uint8Array[]): boolean {
  computeMac(key, content)
  let matches = false
  for (const candidate of candidates) {
    if (candidate.length !== MAC_BYTES) continue
    received.set(candidate)
    matches = crypto.timingSafeEqual(computed, received) || matches
  }
  return matches
}

/** Missing in Node before 20.12, and in some other runtimes. */
const oneShot = crypto.hash as OneShotHash | undefined
const computed = /* @__PURE__ */ Buffer.alloc(MAC_BYTES)
const received = /* @__PURE__ */ Buffer.alloc(MAC_BYTES)

/** Leaves the MAC in `computed`, which the next call overwrites. */
function computeMac(key: FastKey, content: SignedContent): Uint8Array {
  if (oneShot && isShort(content)) computeShort(oneShot, key.padded, content, computed)
  else {
    const { before, body, after } = content
    crypto.createHmac('sha256', key.bytes).update(before).update(body).update(after).digest().copy(computed)
  }
  return computed
}
