import { fastifyWebhook } from '@fluxora/verify/fastify'
import fastify from 'fastify'

export const app = fastify()

// A scope of its own: its routes are webhooks, all others keep their parsers.
app.register(async (scope) => {
  await scope.register(fastifyWebhook, { secrets: process.env.WEBHOOK_SECRET })
  scope.post('/webhooks', async (request) => {
    console.log('once', request.webhook.deliveryId, request.webhook.json())
    return { ok: true }
  })
})
