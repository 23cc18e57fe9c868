// What a diagnosis says.

/**
 * Why a delivery was refused. docs/runbook.md has a section for each code, under its name. Stable: a code is never renamed and never gets
 * another meaning.
 */
export type FindingCode =
  // The secret
  | 'secret_whitespace'
  | 'secret_quoted'
  | 'secret_escaped_newline'
  | 'secret_derivation'
  | 'secret_encoded'
  | 'secret_other'
  | 'secret_expired'
  | 'secret_unusable'
  | 'secret_truncated'
  // The body
  | 'body_newline'
  | 'body_line_endings'
  | 'body_bom'
  | 'body_trimmed'
  | 'body_reserialized'
  | 'body_key_order'
  | 'body_unicode_escapes'
  | 'body_html_escapes'
  | 'body_slash_escapes'
  | 'body_numbers'
  | 'body_charset'
  | 'body_replacement'
  | 'body_normalized'
  | 'body_base64'
  | 'body_wrapped'
  | 'body_form_field'
  | 'body_compressed'
  | 'body_empty'
  | 'body_truncated'
  | 'body_parsed'
  // What is signed beside the body, and how
  | 'content_form'
  | 'content_id'
  | 'content_timestamp'
  | 'content_url'
  | 'scheme_other'
  | 'algorithm_other'
  | 'key_kind'
  // The headers
  | 'signature_encoding'
  | 'signature_header'
  | 'header_missing'
  | 'header_repeated'
  // The time
  | 'clock_skew'
  | 'timestamp_milliseconds'
  | 'timestamp_zone'
  | 'timestamp_reused'
  // None of these
  | 'nothing_matches'

/**
 * How sure a finding is.
 *
 * - `proven`: a signature was computed again after exactly the named transformation, and is the one that was received.
 * - `fact`: arithmetic, or something that is there or is missing.
 * - `hint`: neither. Look at it, but do not rely on it.
 */
export type Certainty = 'proven' | 'fact' | 'hint'

/** One thing that is wrong with a delivery, or may be. It never holds a secret, a signature or text of the body. */
export interface Finding {
  readonly code: FindingCode
  readonly certainty: Certainty
  /** What was found, in a sentence. */
  readonly message: string
  /** What to do about it. */
  readonly fix: string
  /** The secret that it is about: its `id`, or else its place in the options, `secrets[1]`. */
  readonly secretId?: string
  /** What has to be done to the delivery, or to the secret, to get the signature that was received: `['body: final line break removed']`. */
  readonly transformation?: readonly string[]
}

/** Why a delivery was refused, as far as it can be told. */
export interface Diagnosis {
  /** What a verifier says about the delivery with the secrets that can be used. */
  readonly verdict: { readonly ok: boolean; readonly code: string; readonly message: string }
  /** The most certain first. None if the delivery is genuine. */
  readonly findings: readonly Finding[]
  /** What was tried, and so is not the cause unless a finding says so. */
  readonly excluded: Excluded
}

/** How far the search went. */
export interface Excluded {
  /** Ways in which a secret, a body, the signed content or the algorithm may have been changed. */
  readonly transformations: number
  readonly secrets: number
  readonly schemes: number
  /** What was hashed, in bytes. Each signature counts for at least 1,024. */
  readonly hashedBytes: number
  /** Whether everything was tried that was to be tried. False if `maxHashedBytes` ended the search. */
  readonly complete: boolean
}
