// Zoom, "Using webhooks", "Validate your webhook endpoint": developers.zoom.us/docs/api/webhooks

import { encodeHex } from '../../../shared/encoding.ts'
import type { VerifiedDelivery } from '../../verified-delivery.ts'
import { jsonOf, type MacOfText, memberOf, type PossibleAnswer, type WebhookHandshake } from './handshake.ts'

/**
 * Zoom's handshake: a signed `endpoint.url_validation`, answered with its `plainToken` and the HMAC of it under the secret that Zoom signed
 * with. Whoever could have texts of his choice signed that way could forge deliveries. So a request without a valid signature gets no
 * `encryptedToken`, and a token must be a word of up to 128 characters: what Zoom signs for a delivery, `v0:timestamp:body`, is none.
 *
 * @returns A handshake for the `handshake` option of an adapter.
 * @see {@link https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint}
 *
 * @example
 * ```ts
 * const options = { scheme: zoom, secrets: process.env.ZOOM_SECRET_TOKEN, handshake: zoomHandshake() }
 * app.post('/webhooks', expressWebhook(options), handler)
 * ```
 */
export function zoomHandshake(): WebhookHandshake {
  return Object.freeze({
    name: 'zoom',
    signatureHeader: 'x-zm-signature',
    async answerDelivery(delivery: VerifiedDelivery, mac: MacOfText): Promise<PossibleAnswer> {
      const body = jsonOf(delivery)
      if (memberOf(body, 'event') !== 'endpoint.url_validation') return undefined
      const plainToken = memberOf(memberOf(body, 'payload'), 'plainToken')
      if (typeof plainToken !== 'string' || !TOKEN.test(plainToken)) return 'refused'
      const encryptedToken = encodeHex(await mac(plainToken))
      return {
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ plainToken, encryptedToken }),
      }
    },
  })
}

/** Base64 in either alphabet. Without a colon it cannot be what a signature covers. */
const TOKEN = /^[A-Za-z0-9+/_=-]{1,128}$/
