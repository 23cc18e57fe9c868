import { createWebhookListener } from '@fluxora/verify/http'

export const config = { api: { bodyParser: false } }

const listener = createWebhookListener({ secrets: () => process.env.WEBHOOK_SECRET }, async (delivery) => {
  console.log('once', delivery.deliveryId, delivery.json())
})

// biome-ignore lint/style/noDefaultExport: what Next.js asks for
export default listener
