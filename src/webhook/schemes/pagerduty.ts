// PagerDuty, webhooks v3.
// https://developer.pagerduty.com/docs/verifying-webhook-signatures

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildVersionedSignature } from './signature-format.ts'

/**
 * PagerDuty: `v1=<hex>,v1=<hex>` of the body in `X-PagerDuty-Signature`; several while a secret is rotated. No timestamp is signed.
 */
export const pagerduty: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'pagerduty',
  headers: { signature: 'x-pagerduty-signature', deliveryId: 'x-webhook-id' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildVersionedSignature({ encoding: hex, version: 'v1', joint: '=', separator: ',' }),
  dedupeBy: { bodyId: '/event/id' }, // the same on each of the retries; `X-Webhook-Id` names the delivery
})
