// Whether something is a key for public-key signatures. Taken for a shared secret, a public key would let everybody sign: everybody has it.

import { decodeBase64Loosely } from '../../shared/encoding.ts'

/**
 * Whether a text says that it is such a key, or is the base64 of one. A key of a few bare digits says nothing of itself, and may be a secret.
 */
export function isAsymmetricText(text: string): boolean {
  if (/^\s*-----BEGIN [A-Z0-9 ]+-----/.test(text) || /^wh[ps]k_/.test(text)) return true
  if (text.startsWith('{')) return isJsonWebKey(text)
  const bytes = text.startsWith('M') ? decodeBase64Loosely(text) : undefined
  return bytes !== undefined && isAsymmetricBytes(bytes)
}

function isJsonWebKey(text: string): boolean {
  return typeof readMember(text, 'kty') === 'string'
}

function readMember(json: string, name: string): unknown {
  try {
    return JSON.parse(json)?.[name]
  } catch {
    return undefined
  }
}

/** Whether a text says that it is a private key, or is the base64 of one. */
export function isPrivateText(text: string): boolean {
  if (/^\s*-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^whsk_/.test(text)) return true
  if (text.startsWith('{')) return readMember(text, 'd') !== undefined
  const bytes = text.startsWith('M') ? decodeBase64Loosely(text) : undefined
  return bytes !== undefined && isPrivateBytes(bytes)
}

/** Whether bytes are a private key in DER: PKCS #8, PKCS #1 or RFC 5915. All begin with a version, where a public key has none. */
export function isPrivateBytes(bytes: Uint8Array): boolean {
  const content = bytes[0] === 0x30 ? bytes.subarray(2, 7) : new Uint8Array()
  // A length beyond 127 takes one or two bytes more.
  return [0, 1, 2].some((at) => content[at] === 2 && content[at + 1] === 1 && (content[at + 2] ?? 2) <= 1)
}

/** The object identifiers of Ed25519 (RFC 8410), of keys on elliptic curves (RFC 5480) and of RSA (RFC 3279), with tag and length. */
const IDENTIFIERS: readonly (readonly number[])[] = [
  [6, 3, 0x2b, 0x65, 0x70],
  [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1],
  [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1],
]

/** Where the identifier may begin: after a sequence's head or two, and a version number. */
const LATEST_START = 12

/** Whether bytes are the structure of a public or private key in DER: SubjectPublicKeyInfo or PKCS #8. */
export function isAsymmetricBytes(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false
  const isAt = (start: number, identifier: readonly number[]): boolean =>
    identifier.every((byte, offset) => bytes[start + offset] === byte)
  for (let start = 2; start <= LATEST_START; start++) {
    if (IDENTIFIERS.some((identifier) => isAt(start, identifier))) return true
  }
  return false
}
