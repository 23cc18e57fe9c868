// Twitch, "Handling Webhook Events", "Responding to a challenge request": dev.twitch.tv/docs/eventsub/handling-webhook-events

import type { VerifiedDelivery } from '../../verified-delivery.ts'
import { echo, jsonOf, memberOf, type WebhookHandshake } from './handshake.ts'

/**
 * Twitch's handshake: a signed request with a challenge, which is answered as plain text. It is told by its body. The header
 * `Twitch-Eventsub-Message-Type` says the same, but is not signed.
 *
 * @returns A handshake for the `handshake` option of an adapter.
 * @see {@link https://dev.twitch.tv/docs/eventsub/handling-webhook-events#responding-to-a-challenge-request}
 *
 * @example
 * ```ts
 * const options = { scheme: twitch, secrets: process.env.TWITCH_SECRET, handshake: twitchHandshake() }
 * app.post('/webhooks', expressWebhook(options), handler)
 * ```
 */
export function twitchHandshake(): WebhookHandshake {
  return Object.freeze({
    name: 'twitch',
    signatureHeader: 'twitch-eventsub-message-signature',
    answerDelivery(delivery: VerifiedDelivery) {
      const body = jsonOf(delivery)
      const challenge = memberOf(body, 'challenge')
      // A notification has an event, a revocation neither an event nor a challenge.
      if (challenge === undefined || memberOf(body, 'event') !== undefined) return undefined
      return echo(challenge)
    },
  })
}
