// The vocabulary of the search. A delivery is refused because something in it, or in the configuration, is not what it was when the sender
// signed. A change takes one such thing back; what is computed after it is compared with the signature that was received.

import type { SignedContent } from '../webhook/proof/engine.ts'
import type { KeyMaterial } from '../webhook/proof/key-material.ts'
import type { FindingCode } from './finding.ts'

/** What was taken back, and the finding that it is if the signature then matches. */
export interface Change {
  readonly code: FindingCode
  /** In words: `body: final line break removed`. Usually one. */
  readonly transformation: readonly string[]
}

/** The body as it may have been. */
export interface BodyChange extends Change {
  readonly body: Uint8Array
}

/** A key that may have made the signature. Without a change, it is a secret as the scheme reads it. */
export interface KeyChoice {
  readonly material: KeyMaterial
  readonly secretId: string
  readonly change: Change | undefined
}

/** What may have been signed, made from a body. Undefined where it cannot be written. */
export type ContentOf = (body: Uint8Array) => SignedContent | undefined | Promise<SignedContent | undefined>

/** A way to write what is signed. Without a change, it is the scheme's own. */
export interface ContentChoice {
  readonly write: ContentOf
  readonly change: Change | undefined
}

/** A signature that may have been received. Without a change, it is what the scheme itself reads. */
export interface Received {
  readonly bytes: Uint8Array
  readonly change: Change | undefined
}

export function change(code: FindingCode, ...transformation: readonly string[]): Change {
  return { code, transformation }
}
