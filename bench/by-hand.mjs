// The floor of the webhook benches: what one would write by hand, without any check.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { SECRET } from './payloads.mjs'

export const HAND = 'createHmac + timingSafeEqual'

const key = Buffer.from(SECRET)

/** Whether the Fluxora scheme's signature in the headers is that of the body. */
export function verifyByHand(headers, body) {
  const { 'x-fluxora-timestamp': timestamp, 'x-fluxora-signature': signature } = headers
  const mac = createHmac('sha256', key).update(`${timestamp}.`).update(body).digest()
  return timingSafeEqual(mac, Buffer.from(signature, 'hex'))
}
