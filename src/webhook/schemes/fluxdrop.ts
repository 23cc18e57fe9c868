// Flux Drop, "Verifying signatures". Only the body is signed, and the delivery header names an attempt, not a delivery. The
// document adds a timestamp, which is checked if it is sent.

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/** Flux Drop: hex HMAC-SHA256 of the body in `X-Fluxdrop-Signature`. */
export const fluxdrop: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'fluxdrop',
  headers: {
    deliveryId: 'x-fluxdrop-delivery',
    timestamp: 'x-fluxdrop-timestamp',
    signature: 'x-fluxdrop-signature',
    event: 'x-fluxdrop-event',
  },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
})
