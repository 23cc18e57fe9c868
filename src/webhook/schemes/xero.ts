// Xero.
// https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/

import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Xero: base64 HMAC-SHA256 of the body in `X-Xero-Signature`. No timestamp is signed. Xero wants an answer without a body: see
 * `xeroHandshake`.
 */
export const xero: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'xero',
  headers: { signature: 'x-xero-signature' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  dedupeBy: 'content', // the sequence numbers of the events are part of the body
})
