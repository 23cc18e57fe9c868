import { createWebhookRoute } from '@fluxora/verify/fetch'

const route = createWebhookRoute({ secrets: Deno.env.get('WEBHOOK_SECRET') }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})

Deno.serve({ port: Number(Deno.env.get('PORT') ?? 3000) }, route)
