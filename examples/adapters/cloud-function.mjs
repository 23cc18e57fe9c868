import { createWebhookListener } from '@fluxora/verify/http'

// Google Cloud Functions and Firebase parse the body, and keep its bytes as `request.rawBody`: they are found there.
export const webhooks = createWebhookListener(
  { secrets: process.env.WEBHOOK_SECRET ?? 'topsecret' },
  async (delivery) => {
    console.log('once', delivery.deliveryId, delivery.json())
  },
)
