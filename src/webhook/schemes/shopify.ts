// Shopify, "Verify webhook deliveries". Only the body is signed; ids and the trigger time are not.
// https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
//
// Shopify's Events, in preview, have the same headers without the `X-`: https://shopify.dev/docs/apps/build/events/verify-deliveries

import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/** Shopify: base64 HMAC-SHA256 of the body in `X-Shopify-Hmac-Sha256`; for Events, in `Shopify-Hmac-Sha256`. */
export const shopify: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'shopify',
  headers: {
    deliveryId: ['x-shopify-webhook-id', 'shopify-webhook-id'],
    signature: ['x-shopify-hmac-sha256', 'shopify-hmac-sha256'],
    event: ['x-shopify-topic', 'shopify-topic'],
  },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  // As its documentation says. Bodies of genuine events repeat, for example when one order is sent under two topics.
  dedupeBy: 'deliveryId',
})
