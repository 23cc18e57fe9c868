// The headers of a Fluxora delivery, signed with nothing but node:crypto, so that a script's sender does not depend on this library.

import { createHmac } from 'node:crypto'

/** @param {{ secret: string, id: string, timestamp: number, body: string | Uint8Array }} delivery `timestamp` in Unix seconds. */
export function fluxoraHeaders({ secret, id, timestamp, body }) {
  return {
    'x-fluxora-delivery-id': id,
    'x-fluxora-timestamp': String(timestamp),
    'x-fluxora-signature': createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex'),
  }
}
