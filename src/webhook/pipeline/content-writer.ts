// What some schemes sign beyond the timestamp, the id and the body: the seam between the pipeline and the code for it, which only such
// schemes bring along.

import type { Refusal } from '../codes.ts'
import type { ProofEngine, SignedContent } from '../proof/engine.ts'
import type { SignedPart } from '../schemes/signed-part.ts'

/** The request as its host gives it, and what the receiver knows about its address. */
export interface RequestTarget {
  readonly method?: string | undefined
  /** Absolute, or path and query. */
  readonly url?: string | undefined
  /** An origin, or a whole URL: the address as the sender knows it. */
  readonly publicUrl?: string | undefined
}

/** A request whose signed content is to be written. */
export interface ContentRequest extends RequestTarget {
  /** The headers, in any form. */
  readonly bag: unknown
  readonly deliveryId: string | undefined
  /** As text. */
  readonly timestamp: string | undefined
  readonly body: Uint8Array
}

/** What is signed, or why it cannot be told. */
export type WrittenContent =
  | { readonly ok: true; readonly content: SignedContent }
  | Refusal<'missing_signature' | 'malformed_signature' | 'ambiguous_header' | 'signature_mismatch' | 'invalid_body'>

/** Writes exactly what the signature covers. */
export type ContentWriter = (
  parts: {
    readonly before: readonly SignedPart[]
    readonly after: readonly SignedPart[]
    readonly bodySigned: boolean
  },
  request: ContentRequest,
  digest: ProofEngine<unknown>['digest'],
) => WrittenContent | Promise<WrittenContent>

/** Finds what a sender puts into the body in place of a header. */
export interface BodyFields {
  /** JSON Pointers, for documentation. */
  readonly signature: string | undefined
  readonly timestamp: string | undefined
  /** The text or number at each pointer; undefined where there is none. */
  read(body: Uint8Array): { readonly signature: string | undefined; readonly timestamp: string | undefined }
}
