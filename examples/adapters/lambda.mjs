import { createWebhookReceiver } from '@fluxora/verify/webhook'

const receiver = createWebhookReceiver({
  secrets: process.env.WEBHOOK_SECRET /* , dedupe: a shared store */,
})

/**
 * API Gateway (payload 1.0 and 2.0), function URLs and load balancers.
 *
 * @param {any} event
 */
export async function handler(event) {
  const method = event.requestContext?.http?.method ?? event.httpMethod
  const headers = event.multiValueHeaders ?? event.headers
  const body = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64') : (event.body ?? '')
  const outcome = await receiver.receive({ method, headers, body }, async (delivery) => {
    console.log('once', delivery.deliveryId, delivery.json())
  })
  return {
    statusCode: outcome.status,
    headers: { 'content-type': 'application/json', ...outcome.headers },
    body: JSON.stringify(outcome.status < 400 ? { ok: true } : { error: outcome.code, message: outcome.message }),
  }
}
