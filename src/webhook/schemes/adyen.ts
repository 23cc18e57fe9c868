// Adyen, platform webhooks, whose signature is in a header. (Notifications sign some fields of each item: describe them with defineScheme.)
// https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures

import { decodeHex } from '../../shared/encoding.ts'
import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Adyen: base64 HMAC-SHA256 of the body in `HmacSignature`, under a key that is written in hexadecimal. No timestamp is signed.
 */
export const adyen: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'adyen',
  headers: { signature: 'hmacsignature' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: base64 }),
  secret: (text) => decodeHex(text, 'any case'),
  secretForm: 'hexadecimal digits',
})
