// A delivery in the making: what goes into it, and how its signature and headers are written. For fixtures only.

import { concatBytes } from '../shared/bytes.ts'
import { hmacSha256 } from '../shared/hmac.ts'
import { WebhookError } from '../shared/webhook-error.ts'
import { writeSigned } from '../webhook/pipeline/signed-content.ts'
import type { WebhookScheme } from '../webhook/schemes/scheme.ts'
import { readSecret } from '../webhook/secrets.ts'

/** A request as its sender makes it, ready for `sendTestDelivery`, `fetch`, `app.inject` or supertest. */
export interface TestDelivery<Body extends string | Uint8Array = string | Uint8Array> {
  /** By lower-case name, `content-type` included. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

/** All that goes into one delivery. */
export interface Draft {
  readonly scheme: WebhookScheme
  readonly key: Uint8Array
  readonly deliveryId: string | undefined
  /** As text, so a tampering can write it wrongly. */
  readonly timestamp: string
  readonly event: string | undefined
  readonly body: Uint8Array
}

/** The headers of a delivery: those of the scheme, and the content type. */
export function writeHeaders(draft: Draft, signature: string = writeSignature(draft)): Record<string, string> {
  const { headers: names } = draft.scheme
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  const write = ([name]: readonly string[], value: string | undefined): void => {
    if (name !== undefined && value !== undefined) headers[name] = value
  }
  write(names.deliveryId, draft.deliveryId)
  write(names.timestamp, draft.timestamp)
  write(names.signature, signature)
  write(names.event, draft.event)
  return headers
}

/** The value of the signature header. */
export function writeSignature(draft: Draft, mac: Uint8Array = macOf(draft)): string {
  return draft.scheme.signature.write([mac], draft.timestamp)
}

export function macOf({ scheme, key, deliveryId, timestamp, body }: Draft): Uint8Array {
  const fields = { deliveryId, timestamp }
  const [before, after] = [writeSigned(scheme.before, fields), writeSigned(scheme.after, fields)]
  const encoder = new TextEncoder()
  return hmacSha256(key, concatBytes([encoder.encode(before), body, encoder.encode(after)]))
}

/** The key bytes of a secret. Throws a `WebhookError` for one that the scheme cannot use, and for a scheme that is not signed here. */
export function keyOf(scheme: WebhookScheme, secret: string | Uint8Array | undefined): Uint8Array {
  demandHmac(scheme)
  const { material } = readSecret({ option: 'secret', path: 'secret', rules: scheme, use: 'sign' }, secret)
  if (material.kind === 'hmac') return material.bytes
  throw unsigned()
}

/** First of all, so that nobody is asked for a key that would not help. Throws a `WebhookError`. */
export function demandHmac({ proof, content, bodyFields }: WebhookScheme): void {
  if (proof.algorithm !== 'hmac-sha256' || content || bodyFields?.signature) throw unsigned()
}

function unsigned(): WebhookError {
  return new WebhookError(
    'invalid_scheme',
    'Fixtures are signed by HMAC-SHA256 only: use createWebhookSigner.',
    'scheme',
  )
}

/** Visible ASCII, spaces allowed inside: any transport carries it unchanged. */
export function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value)
}
