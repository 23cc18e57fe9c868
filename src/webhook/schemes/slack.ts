// Slack, "Verifying requests from Slack".
// https://docs.slack.dev/authentication/verifying-requests-from-slack

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/** Slack: `v0=<hex>` over `v0:timestamp:body` in `X-Slack-Signature`. */
export const slack: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'slack',
  headers: { timestamp: 'x-slack-request-timestamp', signature: 'x-slack-signature' },
  signed: ['v0:', 'timestamp', ':', 'body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex, prefix: 'v0=' }),
  dedupeBy: { bodyId: '/event_id' }, // from the Events API; other requests from Slack have none, and are known by their content
})
