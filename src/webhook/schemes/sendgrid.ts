// SendGrid, event webhook.
// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features

import { base64 } from '../proof/mac-encoding.ts'
import { ecdsaP256 } from '../proof/public-key/ecdsa-p256.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * SendGrid: ECDSA P-256 over the timestamp and the body, as base64 of DER, in `X-Twilio-Email-Event-Webhook-Signature`. The key is the base64
 * that the dashboard shows.
 */
export const sendgrid: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'sendgrid',
  headers: {
    signature: 'x-twilio-email-event-webhook-signature',
    timestamp: 'x-twilio-email-event-webhook-timestamp',
  },
  signed: ['timestamp', 'body'],
  proof: ecdsaP256,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  dedupeBy: 'content', // a body holds many events; each has its own sg_event_id
  maxBodyBytes: 1_048_576, // batches of events
})
