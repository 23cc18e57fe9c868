// Typeform.
// https://www.typeform.com/developers/webhooks/secure-your-webhooks/

import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Typeform: `sha256=<base64>` of the body in `Typeform-Signature`. No timestamp is signed.
 */
export const typeform: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'typeform',
  headers: { signature: 'typeform-signature' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64, prefix: 'sha256=' }),
  dedupeBy: { bodyId: '/event_id' }, // the same on each of the retries
})
