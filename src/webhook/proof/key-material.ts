// What a configured secret is, once it is read: the bytes of a key, and what they are for. A key says what it is for, so nothing that is
// received can choose an algorithm.

/** The hash functions that senders use in an HMAC (RFC 2104, FIPS 180-4). No scheme has SHA-384; a diagnosis tries it. */
export type MacHash = 'sha1' | 'sha256' | 'sha384' | 'sha512'

/** A key, and what it is for. */
export type KeyMaterial =
  | { readonly kind: 'hmac'; readonly hash: MacHash; readonly bytes: Uint8Array }
  /** The secret itself travels in the request. */
  | { readonly kind: 'token'; readonly bytes: Uint8Array }
  /** Checks signatures. `bytes` is a SubjectPublicKeyInfo in DER (RFC 5280). */
  | { readonly kind: 'public'; readonly rules: PublicKeyRules; readonly bytes: Uint8Array }
  /** Makes signatures. `bytes` is a PKCS #8 structure in DER (RFC 5958). */
  | { readonly kind: 'private'; readonly rules: PublicKeyRules; readonly bytes: Uint8Array }

/** What the two cryptographic libraries have to be told about an algorithm with public keys. */
export interface PublicKeyRules {
  readonly node: { readonly hash: 'sha256' | undefined; readonly dsaEncoding?: 'der' }
  readonly web: {
    readonly key: { readonly name: string; readonly namedCurve?: string; readonly hash?: string }
    readonly signature: { readonly name: string; readonly hash?: string }
    /** The signature as WebCrypto takes it; undefined if it has no such form. By default as it is. */
    readonly convert?: (signature: Uint8Array) => Uint8Array | undefined
    /** The signature as senders write it, of what WebCrypto makes. By default as it is. */
    readonly write?: (made: Uint8Array) => Uint8Array
  }
}

/** How many bytes a signature may have. */
export interface SignatureLength {
  readonly least: number
  readonly most: number
}

/** How the signatures of a scheme are proven: the algorithm, the length of a signature, and how its keys are read. */
export interface Proof {
  readonly algorithm: WebhookAlgorithm
  readonly length: SignatureLength
  /**
   * Reads a key as it was configured. `toBytes` is the scheme's own way from text to bytes. Undefined for a text that is not in a form that
   * is taken here.
   */
  readKey(secret: string | Uint8Array, toBytes: (text: string) => Uint8Array | undefined): KeyMaterial | undefined
}

/** The algorithms that a scheme can be defined with. */
export type WebhookAlgorithm =
  | 'hmac-sha256'
  | 'hmac-sha1'
  | 'hmac-sha512'
  | 'ed25519'
  | 'ecdsa-p256-sha256'
  | 'rsa-sha256'
  | 'token'
