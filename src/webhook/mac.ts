// What the checks need of a cryptographic library. Two exist: mac-node.ts (node:crypto) and mac-web.ts (WebCrypto).

/** HMAC-SHA256 and SHA-256, at once or by promise. */
export interface MacEngine<ImportedKey> {
  importKey(bytes: Uint8Array): ImportedKey | Promise<ImportedKey>
  /** HMAC-SHA256 of the text `before`, the body and the text `after`, each text as its UTF-8 bytes: 32 bytes. */
  mac(key: ImportedKey, before: string, body: Uint8Array, after: string): Uint8Array | Promise<Uint8Array>
  /** Compares two values of 32 bytes in constant time. */
  equal(a: Uint8Array, b: Uint8Array): boolean
  /** SHA-256 in lower-case hex. */
  digest(data: string | Uint8Array): string | Promise<string>
}

/** An engine that answers at once. */
export interface SyncMacEngine<ImportedKey> extends MacEngine<ImportedKey> {
  importKey(bytes: Uint8Array): ImportedKey
  mac(key: ImportedKey, before: string, body: Uint8Array, after: string): Uint8Array
  digest(data: string | Uint8Array): string
}
