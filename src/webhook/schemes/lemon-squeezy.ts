// Lemon Squeezy.
// https://docs.lemonsqueezy.com/help/webhooks/signing-requests

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Lemon Squeezy: hex HMAC-SHA256 of the body in `X-Signature`. No timestamp is signed.
 */
export const lemonSqueezy: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'lemonSqueezy',
  headers: { signature: 'x-signature', event: 'x-event-name' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: 'content', // events have no id
})
