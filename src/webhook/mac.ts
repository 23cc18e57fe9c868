// What the checks need of a cryptographic library. Two exist: mac-node.ts (node:crypto) and mac-web.ts (WebCrypto).

/** A value, or a promise of it where the engine cannot answer at once. */
export type Made<T, When extends 'sync' | 'async'> = When extends 'sync' ? T : T | Promise<T>

export interface MacEngine<ImportedKey, When extends 'sync' | 'async'> {
  importKey(bytes: Uint8Array): Made<ImportedKey, When>
  /** HMAC-SHA256 of the text `before`, the body and the text `after`, each text as its UTF-8 bytes: 32 bytes. */
  mac(key: ImportedKey, before: string, body: Uint8Array, after: string): Made<Uint8Array, When>
  /** Compares two values of 32 bytes in constant time. */
  equal(a: Uint8Array, b: Uint8Array): boolean
  /** SHA-256 in lower-case hex. */
  digest(data: string | Uint8Array): Made<string, When>
}
