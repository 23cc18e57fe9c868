// Stellar Payment API, WEBHOOK_SIGNATURE_GUIDE.md. Only the body is signed. The timestamp is required and checked, but anyone who has
// one delivery can send it with a fresh timestamp, so the defence against replays is the dedupe record (kept for 30 days by default).

import { hexAnyCase } from '../proof/mac-encoding.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/** Stellar Payment API: `sha256=<hex>` of the body in `Stellar-Signature`, later renamed `PLUTO-Signature`. */
export const stellarPayment: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'stellarPayment',
  headers: {
    timestamp: ['stellar-timestamp', 'pluto-timestamp'],
    signature: ['stellar-signature', 'pluto-signature'],
  },
  signed: ['body'],
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hexAnyCase, prefix: 'sha256=', trim: true }),
  required: ['timestamp'],
})
