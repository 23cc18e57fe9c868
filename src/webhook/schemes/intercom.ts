// Intercom.
// https://developers.intercom.com/docs/references/webhooks/webhook-models

import { hmacSha1 } from '../proof/hmac.ts'
import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Intercom: `sha1=<hex>`, HMAC-SHA1 of the body, in `X-Hub-Signature`. SHA-1 is no longer collision-resistant; an HMAC of it still holds.
 * No timestamp is signed.
 */
export const intercom: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'intercom',
  headers: { signature: 'x-hub-signature' },
  signed: ['body'],
  proof: hmacSha1,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex, prefix: 'sha1=' }),
  dedupeBy: { bodyId: '/id' }, // of the notification, the same on each of the retries
})
