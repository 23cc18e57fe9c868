import { createWebhookRoute } from '@fluxora/verify/fetch'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const route = createWebhookRoute({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})

const app = new Hono()
app.all('/webhooks', (context) => route(context.req.raw))
export const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })
