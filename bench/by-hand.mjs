// The baseline of the webhook benchmarks: what you would write by hand, without any checks.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { SECRET } from './payloads.mjs'

export const HAND = 'createHmac + timingSafeEqual'

const key = Buffer.from(SECRET)

/** True if the headers carry the Fluxora scheme's signature of the body. */
export function verifyByHand(headers, body) {
  const { 'x-fluxora-timestamp': timestamp, 'x-fluxora-signature': signature } = headers
  const mac = createHmac('sha256', key).update(`${timestamp}.`).update(body).digest()
  return timingSafeEqual(mac, Buffer.from(signature, 'hex'))
}
