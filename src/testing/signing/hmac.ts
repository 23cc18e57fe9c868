// HMAC (RFC 2104) by each of the hashes that senders use, synchronously and on every runtime. For fixtures only, as sha256.ts is.

import { concatBytes } from '../../shared/bytes.ts'
import { sha1 } from './sha1.ts'
import { sha256 } from './sha256.ts'
import { sha512 } from './sha512.ts'

/** A hash function, and the length of its blocks in bytes. */
interface Hash {
  readonly block: number
  readonly digest: (message: Uint8Array) => Uint8Array
}

const HASHES: Readonly<Record<HashName, Hash>> = {
  sha1: { block: 64, digest: sha1 },
  sha256: { block: 64, digest: sha256 },
  sha512: { block: 128, digest: sha512 },
}

export type HashName = 'sha1' | 'sha256' | 'sha512'

export function hmac(name: HashName, key: Uint8Array, message: Uint8Array): Uint8Array {
  const { block, digest } = HASHES[name]
  const padded = new Uint8Array(block)
  padded.set(key.length > block ? digest(key) : key)
  const inner = digest(concatBytes([padded.map((byte) => byte ^ 0x36), message]))
  return digest(concatBytes([padded.map((byte) => byte ^ 0x5c), inner]))
}
