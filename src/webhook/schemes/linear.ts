// Linear.
// https://linear.app/developers/webhooks

import { bodyFields } from '../pipeline/body-fields.ts'
import { unixMilliseconds } from '../pipeline/timestamp-formats.ts'
import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Linear: hex HMAC-SHA256 of the body in `Linear-Signature`. The timestamp is `webhookTimestamp` inside the body, in milliseconds.
 */
export const linear: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'linear',
  headers: { signature: 'linear-signature', deliveryId: 'linear-delivery', event: 'linear-event' },
  signed: ['body'],
  timestamp: unixMilliseconds,
  bodyFields: /* @__PURE__ */ bodyFields({ timestamp: '/webhookTimestamp' }),
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: 'deliveryId', // its own header for this; `webhookTimestamp` differs between the retries
})
