// Fluxora streaming backend, README "Webhook signature verification". The MAC covers the timestamp and the body; the delivery id
// is required and stable over retries, but not signed, so it is bound to the content that it first came with.

import { hexAnyCase } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/** Fluxora: hex HMAC-SHA256 of `timestamp.body` in `x-fluxora-signature`. The default scheme. */
export const fluxora: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'fluxora',
  headers: {
    deliveryId: 'x-fluxora-delivery-id',
    timestamp: 'x-fluxora-timestamp',
    signature: 'x-fluxora-signature',
    event: 'x-fluxora-event',
  },
  signed: ['timestamp', '.', 'body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hexAnyCase, trim: true }),
  required: ['deliveryId'],
  dedupeBy: 'deliveryIdAndContent',
})
