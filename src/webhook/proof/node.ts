// The proofs and digests of node:crypto. No other file of this room touches it.

import * as crypto from 'node:crypto'
import type { ImmediateProofEngine, SignedContent } from './engine.ts'
import type { KeyMaterial, MacHash, PublicKeyRules } from './key-material.ts'
import { MAC_BYTES } from './mac-encoding.ts'

/** A key, ready to use. */
export type NodeKey =
  | FastKey
  | { readonly kind: 'hmac'; readonly hash: MacHash; readonly bytes: Uint8Array }
  | { readonly kind: 'token'; readonly bytes: Uint8Array; readonly digest: Uint8Array }
  | { readonly kind: 'public' | 'private'; readonly rules: PublicKeyRules['node']; readonly key: crypto.KeyObject }

/** A key as HMAC-SHA256 uses it (RFC 2104): padded to a block, then XORed with the inner and with the outer pad. */
interface FastKey {
  readonly kind: 'hmac-sha256'
  readonly bytes: Uint8Array
  readonly inner: Uint8Array
  readonly outer: Uint8Array
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
  const block = new Uint8Array(BLOCK)
  block.set(bytes.length > BLOCK ? sha256(bytes) : bytes)
  return {
    kind: 'hmac-sha256',
    bytes,
    inner: block.map((byte) => byte ^ 0x36),
    outer: block.map((byte) => byte ^ 0x5c),
  }
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

/** SHA-256's block, in bytes. */
const BLOCK = 64

// Creating an Hmac object costs more than hashing a few KiB. For short messages it is faster to follow the definition,
//
//   HMAC(key, message) = H(outer pad || H(inner pad || message))
//
// with two calls of the one-shot `crypto.hash` (Node 20.12 and later) over one buffer that is used again and again. That is safe because
// everything between the first write and the last read is synchronous. Digests travel as `latin1` text, one character a byte, which is the
// cheapest form to get out of C++. If the function is missing, or the message is so long that copying it costs more than this saves,
// createHmac does the work. bench/verify.mjs has the figures; the tests have RFC 4231 and a comparison with createHmac over key lengths.
const ONE_SHOT = 4096
type OneShotHash = (algorithm: 'sha256', data: string | Uint8Array, encoding: 'hex' | 'latin1') => string
const oneShot = crypto.hash as OneShotHash | undefined
// Text of n UTF-16 units has at most 3n bytes of UTF-8.
const memory = /* @__PURE__ */ new ArrayBuffer(BLOCK + 3 * ONE_SHOT)
const scratch = /* @__PURE__ */ Buffer.from(memory)
const finish = /* @__PURE__ */ Buffer.alloc(BLOCK + MAC_BYTES)
const computed = /* @__PURE__ */ Buffer.alloc(MAC_BYTES)
const received = /* @__PURE__ */ Buffer.alloc(MAC_BYTES)

/** Leaves the MAC in `computed`, which the next call overwrites. */
function computeMac(key: FastKey, { before, body, after }: SignedContent): Uint8Array {
  if (!oneShot || before.length + body.length + after.length > ONE_SHOT) {
    crypto.createHmac('sha256', key.bytes).update(before).update(body).update(after).digest().copy(computed)
    return computed
  }
  scratch.set(key.inner)
  let length = BLOCK + writeText(before, BLOCK)
  scratch.set(body, length)
  length += body.length
  length += writeText(after, length)
  finish.set(key.outer)
  finish.write(oneShot('sha256', new Uint8Array(memory, 0, length), 'latin1'), BLOCK, 'latin1')
  computed.write(oneShot('sha256', finish, 'latin1'), 'latin1')
  return computed
}

/** Writes a text into the scratch buffer and returns how many bytes it took. Most texts are a few digits, which need no call into C++. */
function writeText(text: string, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 127) return scratch.write(text, at)
    scratch[at + i] = unit
  }
  return text.length
}
