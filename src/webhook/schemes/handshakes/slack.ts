// Slack, "url_verification": docs.slack.dev/reference/events/url_verification

import type { VerifiedDelivery } from '../../verified-delivery.ts'
import { echo, jsonOf, memberOf, type WebhookHandshake } from './handshake.ts'

/**
 * Slack's handshake: a signed request of the type `url_verification`, whose challenge is answered as plain text. One that is not signed is
 * refused like any other request.
 *
 * @returns A handshake for the `handshake` option of an adapter.
 * @see {@link https://docs.slack.dev/reference/events/url_verification}
 *
 * @example
 * ```ts
 * const options = { scheme: slack, secrets: process.env.SLACK_SIGNING_SECRET, handshake: slackHandshake() }
 * app.post('/webhooks', expressWebhook(options), handler)
 * ```
 */
export function slackHandshake(): WebhookHandshake {
  return Object.freeze({
    name: 'slack',
    signatureHeader: 'x-slack-signature',
    answerDelivery(delivery: VerifiedDelivery) {
      const body = jsonOf(delivery)
      return memberOf(body, 'type') === 'url_verification' ? echo(memberOf(body, 'challenge')) : undefined
    },
  })
}
