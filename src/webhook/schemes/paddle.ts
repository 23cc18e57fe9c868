// Paddle Billing.
// https://developer.paddle.com/webhooks/signature-verification

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildFieldSignature } from './signature-format.ts'

/**
 * Paddle: `ts=<seconds>;h1=<hex>` over `ts:body` in `Paddle-Signature`; several `h1` while a secret is rotated.
 */
export const paddle: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'paddle',
  headers: { signature: 'paddle-signature' },
  signed: ['timestamp', ':', 'body'],
  signature: /* @__PURE__ */ buildFieldSignature({ encoding: hex, timestamp: 'ts', signature: 'h1', separator: ';' }),
  dedupeBy: { bodyId: '/event_id' }, // the same on each of the retries
})
