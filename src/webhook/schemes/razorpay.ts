// Razorpay.
// https://razorpay.com/docs/webhooks/validate-test/

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Razorpay: hex HMAC-SHA256 of the body in `X-Razorpay-Signature`. No timestamp is signed.
 */
export const razorpay: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'razorpay',
  headers: { signature: 'x-razorpay-signature', deliveryId: 'x-razorpay-event-id' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: 'deliveryId', // as its documentation says
})
