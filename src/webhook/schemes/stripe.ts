// Stripe, "Verify webhook signatures manually". The secret is used exactly as written, including `whsec_`.
// https://docs.stripe.com/webhooks

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildFieldSignature } from './signature-format.ts'

/** Stripe: `t=<seconds>,v1=<hex>` over `t.body` in `Stripe-Signature`. */
export const stripe: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'stripe',
  headers: { signature: 'stripe-signature' },
  signed: ['timestamp', '.', 'body'],
  signature: /* @__PURE__ */ buildFieldSignature({ encoding: hex, timestamp: 't', signature: 'v1' }),
  dedupeBy: { bodyId: '/id' }, // the event's id: the same on each retry, even if the rest of the body changes
})
