// The forms in which people have keys: PEM and JWK (JSON), and bytes written in hexadecimal or base64.

import { decodeBase64Loosely, decodeHex } from '../../../shared/encoding.ts'

/** The DER inside PEM (RFC 7468) with this label; undefined if the text is not that. */
export function readPem(text: string, label: string): Uint8Array | undefined {
  const form = new RegExp(`^-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----$`)
  // A key in an environment variable often has its line breaks written as \n.
  const digits = form.exec(text.replaceAll('\\n', '\n').trim())?.[1]
  if (digits === undefined) return undefined
  return decodeBase64Loosely(digits.replace(/\s/g, ''))
}

/** A JSON Web Key (RFC 7517) as text; undefined if the text is not one. */
export function readJwk(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { ...value }
    return undefined
  } catch {
    return undefined
  }
}

/** A member of a JWK that is base64url, of so many bytes; undefined if it is not. */
export function jwkBytes(jwk: Readonly<Record<string, unknown>>, name: string, bytes?: number): Uint8Array | undefined {
  const text = jwk[name]
  const value = typeof text === 'string' ? decodeBase64Loosely(text) : undefined
  return bytes === undefined || value?.length === bytes ? value : undefined
}

/** Hexadecimal of so many bytes, or base64 of any number. */
export function readDigits(text: string, bytes: number): Uint8Array | undefined {
  return text.length === 2 * bytes && /^[0-9a-f]+$/i.test(text)
    ? decodeHex(text, 'any case')
    : decodeBase64Loosely(text)
}

/** Whether a JWK's own word on what it is for, if it has one, allows signatures by this algorithm (RFC 7517 sections 4.2 and 4.4). */
export function isMeantFor(jwk: Readonly<Record<string, unknown>>, algorithms: readonly string[]): boolean {
  const isForSignatures = jwk.use === undefined || jwk.use === 'sig'
  return isForSignatures && (jwk.alg === undefined || algorithms.some((name) => name === jwk.alg))
}
