import { fastifyWebhook } from '@fluxora/verify/fastify'
import fastify from 'fastify'

export const app = fastify()

// Only the routes of this scope are webhooks. All others keep their parsers.
app.register(async (scope) => {
  await scope.register(fastifyWebhook, { secrets: process.env.WEBHOOK_SECRET })
  scope.post('/webhooks', async (request) => {
    console.log('once', request.webhook.deliveryId, request.webhook.json())
    return { ok: true }
  })
})
await app.listen({ port: Number(process.env.PORT ?? 3000) })
