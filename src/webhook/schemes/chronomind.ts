// ChronoMind, backend/src/modules/webhooks/dispatcher.ts. Each attempt is signed again; the body and the id stay the same over retries.

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildFieldSignature } from './signature-format.ts'

/** ChronoMind: `t=<seconds>,v1=<hex>` over `t.body` in `X-Webhook-Signature`. */
export const chronomind: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'chronomind',
  headers: { deliveryId: 'x-webhook-id', signature: 'x-webhook-signature', event: 'x-webhook-event' },
  signed: ['timestamp', '.', 'body'],
  signature: /* @__PURE__ */ buildFieldSignature({ encoding: hex, timestamp: 't', signature: 'v1' }),
  dedupeBy: { bodyId: '/id' }, // the event's id, which is signed with the body; the one in the header is not signed
})
