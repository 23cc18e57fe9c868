// WorkOS.
// https://workos.com/docs/events/data-syncing/webhooks

import { unixMilliseconds } from '../pipeline/timestamp-formats.ts'
import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildFieldSignature } from './signature-format.ts'

/**
 * WorkOS: `t=<milliseconds>, v1=<hex>` over `t.body` in `WorkOS-Signature`.
 */
export const workos: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'workos',
  headers: { signature: 'workos-signature' },
  signed: ['timestamp', '.', 'body'],
  timestamp: unixMilliseconds,
  signature: /* @__PURE__ */ buildFieldSignature({ encoding: hex, timestamp: 't', signature: 'v1' }),
  dedupeBy: { bodyId: '/id' }, // of the event, the same on each of the retries
})
