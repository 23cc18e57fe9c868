// Zoom.
// https://developers.zoom.us/docs/api/webhooks/

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Zoom: `v0=<hex>` over `v0:timestamp:body` in `X-Zm-Signature`. See `zoomHandshake` for the validation of an address.
 */
export const zoom: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'zoom',
  headers: { signature: 'x-zm-signature', timestamp: 'x-zm-request-timestamp' },
  signed: ['v0:', 'timestamp', ':', 'body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex, prefix: 'v0=' }),
  dedupeBy: 'content', // events have no id; `event_ts` tells them apart
})
