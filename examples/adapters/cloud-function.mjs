import { createWebhookListener } from '@fluxora/verify/http'

// Google Cloud Functions and Firebase parse the body and keep its bytes as `request.rawBody`, where the listener finds them. The secret is
// a function because Firebase loads the module when it deploys, and the secret is not set then.
export const webhooks = createWebhookListener({ secrets: () => process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})
