// app/webhooks/route.js
import { createWebhookRoute } from '@fluxora/verify/fetch'

// A function, for Next.js loads its routes while it builds, where no secret is set.
export const POST = createWebhookRoute({ secrets: () => process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})
