// Meta: WhatsApp, Instagram, Messenger and the other webhooks of the Graph API.
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Meta: `sha256=<hex>` of the body in `X-Hub-Signature-256`, under the secret of the app. No timestamp is signed.
 */
export const meta: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'meta',
  headers: { signature: 'x-hub-signature-256' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex, prefix: 'sha256=' }),
  dedupeBy: 'content', // deliveries have no id
})
