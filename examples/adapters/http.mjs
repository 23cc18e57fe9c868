import { createServer } from 'node:http'
import { createWebhookListener } from '@fluxora/verify/http'

const webhooks = createWebhookListener({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})

export const server = createServer((request, response) => {
  if (request.url === '/webhooks') return webhooks(request, response)
  response.writeHead(404).end()
})
server.listen(process.env.PORT ?? 3000)
