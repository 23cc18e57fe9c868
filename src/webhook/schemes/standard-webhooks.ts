// Standard Webhooks specification, "Signature scheme": the id is signed, and the secret is base64 after `whsec_`.

import { decodeBase64Loosely } from '../../shared/encoding.ts'
import { base64 } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildVersionedSignature } from './signature-format.ts'

/** Standard Webhooks: `v1,<base64>` over `id.timestamp.body` in `webhook-signature`; several while the sender rotates its secret. */
export const standardWebhooks: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'standardWebhooks',
  headers: { deliveryId: 'webhook-id', timestamp: 'webhook-timestamp', signature: 'webhook-signature' },
  signed: ['deliveryId', '.', 'timestamp', '.', 'body'],
  signature: /* @__PURE__ */ buildVersionedSignature({ encoding: base64, version: 'v1' }),
  secret: readStandardSecret,
  secretForm: 'base64, with or without whsec_ before it',
})

/** The prefixes of the specification. A doubled one, or one in capitals, would otherwise be read as url-safe base64. */
const PREFIX = /^wh(sec|sk|pk)_/i

function readStandardSecret(text: string): Uint8Array | undefined {
  const digits = text.startsWith('whsec_') ? text.slice(6) : text
  return PREFIX.test(digits) ? undefined : decodeBase64Loosely(digits)
}
