import { createWebhookRoute } from '@fluxora/verify/fetch'

// A function, because Next.js loads its routes at build time, when the secret is not set.
export const POST = createWebhookRoute({ secrets: () => process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})
