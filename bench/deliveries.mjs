// As many new deliveries as needed, because a receiver handles each one only once.

import { createWebhookSigner } from '@fluxora/verify'
import { bodyOf, headersOf, SECRET } from './payloads.mjs'

const signer = createWebhookSigner({ secrets: SECRET })
const template = bodyOf(1024, 'evt_0000000000').toString()

/** A signed delivery of 1,024 bytes. Each number gives a different delivery. */
export function deliveryOf(number) {
  const digits = String(number).padStart(10, '0')
  const body = Buffer.from(template.replace('evt_0000000000', `evt_${digits}`))
  return { headers: headersOf(body, signer.sign({ body, deliveryId: `dlv_${digits}` })), body }
}
