// Xero, "Configuring Your Server", "Intent to receive": developer.xero.com/documentation/guides/webhooks/configuring-your-server

import type { VerifiedDelivery } from '../../verified-delivery.ts'
import { jsonOf, memberOf, type WebhookHandshake } from './handshake.ts'

/**
 * Xero's handshake, the "intent to receive": several requests without events, some with a valid signature and some without. The former are
 * answered 200, the latter 401. Xero wants every answer to have an empty body, so with this handshake the adapter's own answers have none.
 * What your own code answers must be empty too.
 *
 * @returns A handshake for the `handshake` option of an adapter.
 * @see {@link https://developer.xero.com/documentation/guides/webhooks/configuring-your-server}
 *
 * @example
 * ```ts
 * const options = { scheme: xero, secrets: process.env.XERO_WEBHOOK_KEY, handshake: xeroHandshake() }
 * app.post('/webhooks', expressWebhook(options), async (req, res) => {
 *   await credit(req.webhook.json())
 *   res.status(200).end()
 * })
 * ```
 */
export function xeroHandshake(): WebhookHandshake {
  return Object.freeze({
    name: 'xero',
    signatureHeader: 'x-xero-signature',
    emptyAnswers: true,
    answerDelivery(delivery: VerifiedDelivery) {
      const events = memberOf(jsonOf(delivery), 'events')
      return Array.isArray(events) && events.length === 0 ? EMPTY : undefined
    },
  })
}

const EMPTY = { headers: {}, body: '' }
