import { createWebhookSigner } from '@fluxora/verify'
import { handler } from './lambda.mjs'

const signer = createWebhookSigner({ secrets: process.env.WEBHOOK_SECRET })
const body = JSON.stringify({ id: 'evt_1', event: 'stream.updated' })

const { statusCode, body: answer } = await handler({
  requestContext: { http: { method: 'POST' } },
  headers: signer.sign({ body, deliveryId: 'evt_1' }),
  isBase64Encoded: false,
  body,
})
console.log(statusCode, answer)
