// Dropbox.
// https://www.dropbox.com/developers/reference/webhooks

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Dropbox: hex HMAC-SHA256 of the body in `X-Dropbox-Signature`. The body only names the accounts that changed, and is the same for
 * each change of one account: every delivery is handled, so a handler must not mind a repetition.
 */
export const dropbox: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'dropbox',
  headers: { signature: 'x-dropbox-signature' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: 'none', // a copy cannot be told from the next change
})
