// Twitch EventSub.
// https://dev.twitch.tv/docs/eventsub/handling-webhook-events/

import { iso8601 } from '../pipeline/timestamp-formats.ts'
import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Twitch: `sha256=<hex>` of id, timestamp and body in `Twitch-Eventsub-Message-Signature`. The timestamp is in ISO 8601. Twitch asks to
 * refuse messages older than ten minutes.
 */
export const twitch: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'twitch',
  headers: {
    deliveryId: 'twitch-eventsub-message-id',
    timestamp: 'twitch-eventsub-message-timestamp',
    signature: 'twitch-eventsub-message-signature',
    event: 'twitch-eventsub-subscription-type',
  },
  signed: ['deliveryId', 'timestamp', 'body'],
  timestamp: iso8601,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex, prefix: 'sha256=' }),
})
