// Calendly.
// https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildFieldSignature } from './signature-format.ts'

/**
 * Calendly: `t=<seconds>,v1=<hex>` over `t.body` in `Calendly-Webhook-Signature`.
 */
export const calendly: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'calendly',
  headers: { signature: 'calendly-webhook-signature' },
  signed: ['timestamp', '.', 'body'],
  signature: /* @__PURE__ */ buildFieldSignature({ encoding: hex, timestamp: 't', signature: 'v1' }),
  dedupeBy: 'content', // events have no id; `created_at` tells them apart
})
