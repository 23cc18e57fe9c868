// Square.
// https://developer.squareup.com/docs/webhooks/step3validate

import { requestContent } from '../pipeline/request-content.ts'
import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Square: base64 HMAC-SHA256 of the notification URL and the body in `X-Square-HmacSha256-Signature`. The URL is the one in the dashboard:
 * give the receiver `publicUrl` where a proxy changes it. No timestamp is signed.
 */
export const square: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'square',
  headers: { signature: 'x-square-hmacsha256-signature' },
  signed: ['url', 'body'],
  content: requestContent,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  dedupeBy: { bodyId: '/event_id' }, // the same on each of the retries
})
