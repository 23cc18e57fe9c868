// Mailgun.
// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks

import { bodyFields } from '../pipeline/body-fields.ts'
import { requestContent } from '../pipeline/request-content.ts'
import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Mailgun: hex HMAC-SHA256 of the timestamp and a random token, all three inside the body under `signature`. The rest of the body is **not
 * signed**: whoever captures a delivery can put another event beside its signature, once, within the tolerance.
 */
export const mailgun: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'mailgun',
  headers: {},
  signed: ['timestamp', { bodyField: '/signature/token' }],
  content: requestContent,
  bodyFields: /* @__PURE__ */ bodyFields({ signature: '/signature/signature', timestamp: '/signature/timestamp' }),
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: { bodyId: '/signature/token' }, // what is signed: a captured signature works only once
})
