import { createWebhookRoute } from '@fluxora/verify/fetch'
import { createWebhookListener } from '@fluxora/verify/http'

// A handshake: the sender expects its challenge back, unchanged.
export const listener = createWebhookListener({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
  const { type, challenge } = /** @type {{ type?: string, challenge?: string }} */ (delivery.json())
  if (type === 'url_verification') return { status: 200, headers: { 'content-type': 'text/plain' }, body: challenge }
  console.log('once', delivery.deliveryId, delivery.json())
})

// The same with a Response. A status of 300 or more releases the delivery: here the sender is asked to come back in a minute.
export const route = createWebhookRoute({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
  const { type, challenge } = /** @type {{ type?: string, challenge?: string }} */ (delivery.json())
  if (type === 'url_verification') return new Response(challenge)
  if (type === 'not_yet') return new Response('later', { status: 503, headers: { 'retry-after': '60' } })
  console.log('once', delivery.deliveryId, delivery.json())
})
