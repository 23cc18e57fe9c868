// Circle.
// https://developers.circle.com/wallets/webhook-notifications

import { base64 } from '../proof/mac-encoding.ts'
import { ecdsaP256 } from '../proof/public-key/ecdsa-p256.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Circle: ECDSA P-256 over the body, as base64 of DER, in `X-Circle-Signature`. The public key is fetched once from Circle by the id in
 * `X-Circle-Key-Id`: configure it, and never fetch an address that a request names. No timestamp is signed.
 */
export const circle: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'circle',
  headers: { signature: 'x-circle-signature' },
  signed: ['body'],
  proof: ecdsaP256,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  dedupeBy: { bodyId: '/notificationId' }, // the same on each of the retries
})
