// Every answer that the webhook core can give, with its HTTP status. The README's table is checked against this one.

/** What a verification or a received delivery came to. Stable: a code is never renamed or given another meaning. */
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
  delivery_in_progress: 503,
  delivery_id_conflict: 409,
  overloaded: 429,
  store_unavailable: 503,
  handler_failed: 500,
  method_not_allowed: 405,
  body_timeout: 408,
  request_aborted: 400,
} as const

/** The HTTP status that goes with each code (`duplicate_delivery` is 200 unless `duplicateStatus` says 409). Frozen. */
export const WEBHOOK_STATUS: typeof status = /* @__PURE__ */ Object.freeze(status)

/** A refusal: what was wrong, as a code for machines and a sentence for people. It never holds a secret or a signature. */
export interface Refusal {
  readonly ok: false
  readonly status: number
  readonly code: WebhookCode
  readonly message: string
}

export function refuse(code: WebhookCode, message: string): Refusal {
  return { ok: false, status: WEBHOOK_STATUS[code], code, message }
}
