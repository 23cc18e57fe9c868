// Every answer that the webhook core can give, with its HTTP status. The documented table is checked against this one.

/** What became of a delivery. Stable: a code is never renamed and never gets another meaning. */
export type WebhookCode = keyof typeof status

const status = {
  ok: 200,
  missing_secret: 500,
  missing_delivery_id: 401,
  missing_timestamp: 401,
  missing_signature: 401,
  malformed_signature: 401,
  ambiguous_header: 401,
  unsupported_content_encoding: 415,
  payload_too_large: 413,
  invalid_body: 400,
  body_already_parsed: 500,
  invalid_timestamp: 400,
  timestamp_outside_tolerance: 401,
  signature_mismatch: 401,
  previous_secret_expired: 401,
  duplicate_delivery: 200,
  handshake: 200,
  handshake_refused: 403,
  delivery_in_progress: 503,
  delivery_id_conflict: 409,
  overloaded: 429,
  store_unavailable: 503,
  handler_failed: 500,
  method_not_allowed: 405,
  body_timeout: 408,
  request_aborted: 400,
} as const

/** The HTTP status of each code (`duplicate_delivery` is 200 unless `duplicateStatus` is 409). Frozen. */
export const WEBHOOK_STATUS: typeof status = /* @__PURE__ */ Object.freeze(status)

/** The codes that `verify` can give: what can be said of a delivery without a store, a handler or a look-up of secrets. */
export type VerificationCode = CodesAmong<
  | 'ok'
  | 'missing_delivery_id'
  | 'missing_timestamp'
  | 'missing_signature'
  | 'malformed_signature'
  | 'ambiguous_header'
  | 'unsupported_content_encoding'
  | 'payload_too_large'
  | 'invalid_body'
  | 'body_already_parsed'
  | 'invalid_timestamp'
  | 'timestamp_outside_tolerance'
  | 'signature_mismatch'
  | 'previous_secret_expired'
>

/** The same codes. The compiler checks that each of them exists. */
type CodesAmong<Code extends WebhookCode> = Code

/** A refusal: what is wrong, as a code for machines and a sentence for people. It never holds a secret or a signature. */
export interface Refusal<Code extends WebhookCode = WebhookCode> {
  readonly ok: false
  /** The HTTP status to answer with. */
  readonly status: number
  readonly code: Code
  readonly message: string
}

/** A refusal that `verify` can give. */
export type VerificationRefusal = Refusal<Exclude<VerificationCode, 'ok'>>

export function refuse<Code extends WebhookCode>(code: Code, message: string): Refusal<Code> {
  return { ok: false, status: WEBHOOK_STATUS[code], code, message }
}
