// Alchemy Notify.
// https://www.alchemy.com/docs/reference/notify-api-quickstart

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Alchemy: hex HMAC-SHA256 of the body in `X-Alchemy-Signature`. No timestamp is signed.
 */
export const alchemy: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'alchemy',
  headers: { signature: 'x-alchemy-signature' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: { bodyId: '/id' }, // the id of the event, the same on each of the retries
})
