import { createWebhookRoute } from '@fluxora/verify/fetch'

const route = createWebhookRoute({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})

Bun.serve({ port: process.env.PORT ?? 3000, fetch: route })
