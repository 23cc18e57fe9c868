// Mux.
// https://www.mux.com/docs/core/verify-webhook-signatures

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildFieldSignature } from './signature-format.ts'

/**
 * Mux: `t=<seconds>,v1=<hex>` over `t.body` in `Mux-Signature`.
 */
export const mux: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'mux',
  headers: { signature: 'mux-signature' },
  signed: ['timestamp', '.', 'body'],
  signature: /* @__PURE__ */ buildFieldSignature({ encoding: hex, timestamp: 't', signature: 'v1' }),
  dedupeBy: { bodyId: '/id' }, // of the event, the same on each of the retries
})
