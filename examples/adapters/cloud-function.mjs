import { createWebhookListener } from '@fluxora/verify/http'

// Google Cloud Functions and Firebase parse the body, and keep its bytes as `request.rawBody`: they are found there. The secrets are a
// function, for Firebase loads the module when it deploys, where none is set.
export const webhooks = createWebhookListener({ secrets: () => process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})
