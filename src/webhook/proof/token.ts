// A token: the secret itself, sent in a header. It proves that the sender knows the secret, and nothing about the body: whoever sees one
// request can send any other. It is worth as much as the TLS connection that it travels over.

import type { KeyMaterial, Proof } from './key-material.ts'

/** Longer tokens are not read. */
export const MAX_TOKEN_BYTES = 4096

/** The secret itself, compared in constant time. */
export const token: Proof = /* @__PURE__ */ Object.freeze({
  algorithm: 'token',
  length: /* @__PURE__ */ Object.freeze({ least: 1, most: MAX_TOKEN_BYTES }),
  readKey(secret: string | Uint8Array, toBytes: (text: string) => Uint8Array | undefined): KeyMaterial | undefined {
    const bytes = typeof secret === 'string' ? toBytes(secret) : secret
    return bytes && bytes.length <= MAX_TOKEN_BYTES ? { kind: 'token', bytes } : undefined
  },
})
