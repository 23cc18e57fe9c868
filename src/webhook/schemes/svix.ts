// Svix, which sends for Clerk, Resend and many others: Standard Webhooks under its own names.
// https://docs.svix.com/receiving/verifying-payloads/how-manual

import type { WebhookScheme } from './scheme.ts'
import { buildStandardWebhooks } from './standard-webhooks.ts'

/**
 * Svix: `v1,<base64>` over `id.timestamp.body` in `svix-signature`, and since the standard in `webhook-signature` too.
 */
export const svix: WebhookScheme = /* @__PURE__ */ buildStandardWebhooks({
  name: 'svix',
  headers: {
    deliveryId: ['svix-id', 'webhook-id'],
    timestamp: ['svix-timestamp', 'webhook-timestamp'],
    signature: ['svix-signature', 'webhook-signature'],
  },
})
