// What the checks need of a cryptographic library. Two exist: mac-node.ts (node:crypto) and mac-web.ts (WebCrypto).

/** HMAC-SHA256 and SHA-256, at once or by promise. */
export interface MacEngine<ImportedKey> {
  importKey(bytes: Uint8Array): ImportedKey | Promise<ImportedKey>
  /**
   * Whether one of the candidates is the HMAC-SHA256 of the text `before`, the body and the text `after`, each text as its UTF-8 bytes.
   * One MAC is computed, and compared with every candidate in constant time, whatever was found before.
   */
  matches(
    key: ImportedKey,
    before: string,
    body: Uint8Array,
    after: string,
    candidates: readonly Uint8Array[],
  ): boolean | Promise<boolean>
  /** SHA-256 in lower-case hex. */
  digest(data: string | Uint8Array): string | Promise<string>
}

/** What several calls of an engine came to: at once where none of them is a promise. */
export function all<T>(answers: readonly (T | Promise<T>)[]): readonly T[] | Promise<T[]> {
  return answers.some((answer) => answer instanceof Promise) ? Promise.all(answers) : (answers as readonly T[])
}
