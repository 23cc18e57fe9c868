// The proofs and digests of WebCrypto. No other file of this room touches it. Neither this file nor anything it imports needs Node.

import { encodeHex } from '../../shared/encoding.ts'
import type { ProofEngine, SignedContent } from './engine.ts'
import type { KeyMaterial, MacHash, PublicKeyRules } from './key-material.ts'

/** A key, ready to use. Keys are imported once and cannot be read back. */
export type WebKey =
  | { readonly kind: 'hmac'; readonly key: CryptoKey }
  | { readonly kind: 'token'; readonly bytes: Uint8Array; readonly digest: Uint8Array }
  | { readonly kind: 'public' | 'private'; readonly rules: PublicKeyRules['web']; readonly key: CryptoKey }

/** Everything by WebCrypto. */
export const webEngine: ProofEngine<WebKey> = /* @__PURE__ */ Object.freeze({
  importKey,
  async matches(key: WebKey, content: SignedContent, candidates: readonly Uint8Array[]): Promise<boolean> {
    switch (key.kind) {
      case 'hmac':
        return hasSame(new Uint8Array(await crypto.subtle.sign('HMAC', key.key, join(content))), candidates)
      case 'token':
        return hasSame(key.digest, await Promise.all(candidates.map(sha256)))
      case 'public':
        return isSignedBy(key, content, candidates)
      case 'private':
        return false // it can only sign
    }
  },
  async digest(data: string | Uint8Array): Promise<string> {
    return encodeHex(await sha256(typeof data === 'string' ? encoder.encode(data) : data))
  },
})

/** The signature of the content. Rejects with a TypeError for a public key, which cannot sign. */
export async function webSign(key: WebKey, content: SignedContent): Promise<Uint8Array> {
  switch (key.kind) {
    case 'hmac':
      return new Uint8Array(await crypto.subtle.sign('HMAC', key.key, join(content)))
    case 'token':
      return key.bytes
    case 'private': {
      const { signature, write = (made: Uint8Array) => made } = key.rules
      return write(new Uint8Array(await crypto.subtle.sign(signature, key.key, join(content))))
    }
    case 'public':
      throw new TypeError('A public key cannot sign.')
  }
}

const HASH_NAMES: Readonly<Record<MacHash, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}

/** Rejects as WebCrypto does for a structure that is not a key, and for an algorithm that the runtime lacks. */
async function importKey(material: KeyMaterial): Promise<WebKey> {
  const bytes = material.bytes as BufferSource
  switch (material.kind) {
    case 'hmac': {
      const parameters = { name: 'HMAC', hash: HASH_NAMES[material.hash] }
      return { kind: 'hmac', key: await crypto.subtle.importKey('raw', bytes, parameters, false, ['sign']) }
    }
    case 'token':
      return { kind: 'token', bytes: material.bytes, digest: await sha256(material.bytes) }
    case 'public': {
      const rules = material.rules.web
      return { kind: 'public', rules, key: await crypto.subtle.importKey('spki', bytes, rules.key, false, ['verify']) }
    }
    case 'private': {
      const rules = material.rules.web
      return { kind: 'private', rules, key: await crypto.subtle.importKey('pkcs8', bytes, rules.key, false, ['sign']) }
    }
  }
}

async function isSignedBy(
  { rules, key }: Extract<WebKey, { kind: 'public' | 'private' }>,
  content: SignedContent,
  candidates: readonly Uint8Array[],
): Promise<boolean> {
  const { convert = (signature: Uint8Array) => signature } = rules
  for (const candidate of candidates) {
    const signature = convert(candidate)
    const isValid =
      signature && (await crypto.subtle.verify(rules.signature, key, signature as BufferSource, join(content)))
    if (isValid) return true
  }
  return false
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', join({ before: '', body: bytes, after: '' })))
}

/** Compares with every candidate, in constant time. */
function hasSame(expected: Uint8Array, candidates: readonly Uint8Array[]): boolean {
  let matches = false
  for (const candidate of candidates) matches = isSame(expected, candidate) || matches
  return matches
}

/** Exits nowhere early and never branches on the bytes. `crypto.subtle.verify` would compute the MAC again for each candidate. */
function isSame(mac: Uint8Array, candidate: Uint8Array): boolean {
  let difference = mac.length ^ candidate.length
  // Past the end of a candidate there is nothing to compare with: the lengths differ already.
  for (let i = 0; i < mac.length; i++) difference |= (mac[i] ?? 0) ^ (candidate[i] ?? 0)
  return difference === 0
}

/**
 * WebCrypto takes one buffer, and not one that can be resized. What must be joined is written into a buffer that is used again and again:
 * `sign` and `digest` take a copy before they return their promise (Web Cryptography API, sections 14.3.3 and 14.3.5).
 */
function join({ before, body, after }: SignedContent): BufferSource {
  if (before === '' && after === '' && !(body.buffer as { resizable?: boolean }).resizable) return body as BufferSource
  // Text of n UTF-16 units has at most 3n bytes of UTF-8.
  const most = 3 * (before.length + after.length) + body.length
  if (scratch.length < most) scratch = new Uint8Array(2 * most)
  const buffer = scratch
  if (most > KEPT) scratch = new Uint8Array(0)
  let length = encoder.encodeInto(before, buffer).written
  buffer.set(body, length)
  length += body.length
  length += encoder.encodeInto(after, buffer.subarray(length)).written
  return buffer.subarray(0, length)
}

/** A buffer larger than half a MiB is not kept: few applications raise the body limit that far, and large bodies are rare even there. */
const KEPT = 2 ** 19
let scratch = /* @__PURE__ */ new Uint8Array(0)

const encoder = /* @__PURE__ */ new TextEncoder()
