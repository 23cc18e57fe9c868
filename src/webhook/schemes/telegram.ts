// Telegram bots.
// https://core.telegram.org/bots/api#setwebhook

import { token } from '../proof/token.ts'
import { buildScheme, type WebhookScheme } from './scheme.ts'
import { buildTokenFormat } from './signature-format.ts'

/**
 * Telegram: the secret itself in `X-Telegram-Bot-Api-Secret-Token`. Nothing is signed: it is worth as much as the TLS connection.
 */
export const telegram: WebhookScheme = /* @__PURE__ */ buildScheme({
  name: 'telegram',
  headers: { signature: 'x-telegram-bot-api-secret-token' },
  signed: [],
  proof: token,
  signature: /* @__PURE__ */ buildTokenFormat(),
  dedupeBy: { bodyId: '/update_id' }, // the same on each of the retries
})
