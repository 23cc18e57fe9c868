// Ed25519 (RFC 8032). Keys are 32 bytes; Standard Webhooks writes them as whpk_ (public) and whsk_ (private) before base64.

import { concatBytes } from '../../../shared/bytes.ts'
import { decodeBase64Loosely } from '../../../shared/encoding.ts'
import type { KeyMaterial, Proof, PublicKeyRules } from '../key-material.ts'
import { isMeantFor, jwkBytes, readDigits, readJwk, readPem } from './forms.ts'
import { isWeak } from './small-order.ts'

const KEY_BYTES = 32

const rules: PublicKeyRules = /* @__PURE__ */ Object.freeze({
  node: { hash: undefined },
  web: { key: { name: 'Ed25519' }, signature: { name: 'Ed25519' } },
})

// RFC 8410: the structures around a key of 32 bytes, which are always the same.
const SPKI = /* @__PURE__ */ Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0)
const PKCS8 = /* @__PURE__ */ Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)

/** Ed25519 signatures of 64 bytes. */
export const ed25519: Proof = /* @__PURE__ */ Object.freeze({
  algorithm: 'ed25519',
  length: /* @__PURE__ */ Object.freeze({ least: 64, most: 64 }),
  readKey(secret: string | Uint8Array): KeyMaterial | undefined {
    if (typeof secret !== 'string') return publicKey(secret)
    const bare = publicKey(readDigits(secret, KEY_BYTES))
    return readTaggedEd25519Key(secret) ?? bare
  },
})

/** Only forms that say what they are: `whpk_`, `whsk_`, PEM and JWK. Bare digits could be the secret of an HMAC. */
export function readTaggedEd25519Key(text: string): KeyMaterial | undefined {
  if (text.startsWith('whpk_')) return publicKey(decodeBase64Loosely(text.slice(5)))
  // Of the 64 bytes that some libraries keep, the first 32 are the private key.
  if (text.startsWith('whsk_')) return privateKey(decodeBase64Loosely(text.slice(5))?.slice(0, KEY_BYTES))
  const jwk = readJwk(text)
  if (jwk) return readEd25519Jwk(jwk)
  return (
    fromStructure(readPem(text, 'PUBLIC KEY'), SPKI, publicKey) ??
    fromStructure(readPem(text, 'PRIVATE KEY'), PKCS8, privateKey)
  )
}

/** RFC 8037. */
function readEd25519Jwk(jwk: Readonly<Record<string, unknown>>): KeyMaterial | undefined {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || !isMeantFor(jwk, ['EdDSA', 'Ed25519'])) return undefined
  if (jwk.d === undefined) return publicKey(jwkBytes(jwk, 'x'))
  return privateKey(jwkBytes(jwk, 'd'))
}

type ReadKey = (bytes: Uint8Array | undefined) => KeyMaterial | undefined

function publicKey(bytes: Uint8Array | undefined): KeyMaterial | undefined {
  if (bytes?.length === SPKI.length + KEY_BYTES) return fromStructure(bytes, SPKI, publicKey)
  if (bytes?.length !== KEY_BYTES || isWeak(bytes)) return undefined
  return { kind: 'public', rules, bytes: concatBytes([SPKI, bytes]) }
}

function privateKey(bytes: Uint8Array | undefined): KeyMaterial | undefined {
  if (bytes?.length !== KEY_BYTES) return undefined
  return { kind: 'private', rules, bytes: concatBytes([PKCS8, bytes]) }
}

function fromStructure(der: Uint8Array | undefined, head: Uint8Array, read: ReadKey): KeyMaterial | undefined {
  const isIt = der?.length === head.length + KEY_BYTES && head.every((byte, at) => der[at] === byte)
  if (isIt) return read(der.slice(head.length))
  return undefined
}
