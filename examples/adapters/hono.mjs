import { createWebhookRoute } from '@fluxora/verify/fetch'
import { Hono } from 'hono'

const route = createWebhookRoute(
  { secrets: globalThis.process?.env.WEBHOOK_SECRET ?? 'topsecret' },
  async (delivery) => {
    console.log('once', delivery.deliveryId, delivery.json())
  },
)

export const app = new Hono()
app.all('/webhooks', (context) => route(context.req.raw))
