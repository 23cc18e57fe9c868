// Zendesk.
// https://developer.zendesk.com/documentation/webhooks/verifying/

import { iso8601 } from '../pipeline/timestamp-formats.ts'
import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Zendesk: base64 HMAC-SHA256 of timestamp and body in `X-Zendesk-Webhook-Signature`. The timestamp is in ISO 8601.
 */
export const zendesk: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'zendesk',
  headers: {
    signature: 'x-zendesk-webhook-signature',
    timestamp: 'x-zendesk-webhook-signature-timestamp',
    deliveryId: 'x-zendesk-webhook-invocation-id',
  },
  signed: ['timestamp', 'body'],
  timestamp: iso8601,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  dedupeBy: 'deliveryId', // the same on each of the retries
})
