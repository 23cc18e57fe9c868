import { createWebhookRoute } from '@fluxora/verify/fetch'
import { Hono } from 'hono'

const route = createWebhookRoute({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})

export const app = new Hono()
app.all('/webhooks', (context) => route(context.req.raw))
