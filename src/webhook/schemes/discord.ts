// Discord, interactions and webhook events.
// https://discord.com/developers/docs/interactions/overview

import { hex } from '../proof/mac-encoding.ts'
import { ed25519 } from '../proof/public-key/ed25519.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildSingleSignature } from './signature-format.ts'

/**
 * Discord: Ed25519 over the timestamp and the body, in hex, in `X-Signature-Ed25519`. The key is the public key of the application.
 */
export const discord: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'discord',
  headers: { signature: 'x-signature-ed25519', timestamp: 'x-signature-timestamp' },
  signed: ['timestamp', 'body'],
  proof: ed25519,
  signature: /* @__PURE__ */ buildSingleSignature({ encoding: hex }),
  dedupeBy: { bodyId: '/id' }, // of the interaction; other requests are known by their content
})
