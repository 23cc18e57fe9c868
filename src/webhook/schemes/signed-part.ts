// The parts that a signature can cover.

/** A part of what is signed: the name of a field, something made of the request, or a text. */
export type SignedPart =
  | SignedField
  | 'sortedFormFields'
  | SignedHeader
  | SignedBodyHash
  | SignedBodyField
  | SignedText
  | (string & {})

/** The fields of a delivery that may be signed. `url` is the whole URL as the sender knows it, `path` what follows its host. */
export type SignedField = 'timestamp' | 'deliveryId' | 'body' | 'method' | 'url' | 'path'

/** The value of a header. */
export interface SignedHeader {
  readonly header: string
}

/** The SHA-256 of the body, in lower-case hexadecimal. */
export interface SignedBodyHash {
  readonly bodyHash: 'sha256-hex'
}

/** Text or a number inside the body, at a JSON Pointer. What is not named so is not signed. */
export interface SignedBodyField {
  readonly bodyField: string
}

/** A text that is signed as its own UTF-8 bytes, even if it looks like the name of a field. */
export interface SignedText {
  readonly text: string
}
