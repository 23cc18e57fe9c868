// app/webhooks/route.js
import { createWebhookRoute } from '@fluxora/verify/fetch'

export const POST = createWebhookRoute({ secrets: process.env.WEBHOOK_SECRET ?? 'topsecret' }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})
