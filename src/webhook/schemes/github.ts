// GitHub, "Validating webhook deliveries". No timestamp; the delivery id is unsigned.
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries

import { hex } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/** GitHub: `sha256=<hex>` of the body in `X-Hub-Signature-256`. */
export const github: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'github',
  headers: { deliveryId: 'x-github-delivery', signature: 'x-hub-signature-256', event: 'x-github-event' },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex, prefix: 'sha256=' }),
  // As its documentation says. Bodies of genuine events repeat, for example when a workflow is dispatched twice with the same inputs.
  dedupeBy: 'deliveryId',
  maxBodyBytes: 25_000_000, // GitHub's own limit is 25 MB
})
