// Paystack.
// https://paystack.com/docs/payments/webhooks/

import { hmacSha512 } from '../proof/hmac.ts'
import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Paystack: hex HMAC-SHA512 of the body in `X-Paystack-Signature`. No timestamp is signed.
 */
export const paystack: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'paystack',
  headers: { signature: 'x-paystack-signature' },
  signed: ['body'],
  proof: hmacSha512,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: 'content', // events have no id
})
