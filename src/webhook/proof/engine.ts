// What the pipeline needs from a cryptographic library. There are two engines: node.ts (node:crypto) and web.ts (WebCrypto).

import type { KeyMaterial } from './key-material.ts'

/** Exactly what a signature covers: the body, and text before and after it. Text counts as its UTF-8 bytes. */
export interface SignedContent {
  readonly before: string
  readonly body: Uint8Array
  readonly after: string
}

/** The proofs and digests of a cryptographic library. An engine answers at once or by promise. */
export interface ProofEngine<ImportedKey> {
  importKey(material: KeyMaterial): ImportedKey | Promise<ImportedKey>
  /**
   * Whether one of the candidates proves the content under this key. For a shared secret it computes one MAC and compares it with every
   * candidate in constant time, even after a match.
   */
  matches(key: ImportedKey, content: SignedContent, candidates: readonly Uint8Array[]): boolean | Promise<boolean>
  /** SHA-256 in lower-case hexadecimal. */
  digest(data: string | Uint8Array): string | Promise<string>
}

/** An engine that answers at once. */
export interface ImmediateProofEngine<ImportedKey> extends ProofEngine<ImportedKey> {
  importKey(material: KeyMaterial): ImportedKey
  matches(key: ImportedKey, content: SignedContent, candidates: readonly Uint8Array[]): boolean
  digest(data: string | Uint8Array): string
}

/** Makes the signature of a content. Throws a TypeError for a public key, which cannot sign. */
export type Sign<ImportedKey> = (key: ImportedKey, content: SignedContent) => Uint8Array | Promise<Uint8Array>

/** What a signer needs of a library. Signing is apart from the proofs, so that a bundle that only verifies is without it. */
export interface SigningEngine<ImportedKey> {
  readonly proof: ProofEngine<ImportedKey>
  readonly sign: Sign<ImportedKey>
}

/** A signing engine that answers at once. */
export interface ImmediateSigningEngine<ImportedKey> {
  readonly proof: ImmediateProofEngine<ImportedKey>
  readonly sign: (key: ImportedKey, content: SignedContent) => Uint8Array
}

/** Several answers of an engine: a list if all of them are there already, otherwise a promise of one. */
export function all<T>(answers: readonly (T | Promise<T>)[]): readonly T[] | Promise<T[]> {
  for (const answer of answers) if (answer instanceof Promise) return Promise.all(answers)
  return answers as readonly T[]
}

/** Goes on with an answer of an engine, at once if it is there already. */
export function withAnswer<T, R>(answer: T | Promise<T>, next: (answer: T) => R | Promise<R>): R | Promise<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer)
}
