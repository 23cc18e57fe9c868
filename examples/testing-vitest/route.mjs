// A webhook route for any host of Fetch handlers: it credits an account for each payment that was settled.

import { parseDecimal } from '@fluxora/verify/decimal'
import { createWebhookRoute } from '@fluxora/verify/fetch'

/**
 * @param {object} options
 * @param {string} options.secret
 * @param {() => number} [options.now]
 * @param {(units: bigint) => void} options.credit
 */
export function createPaymentRoute({ secret, now, credit }) {
  return createWebhookRoute({ secrets: secret, now }, (delivery) => {
    const { amount } = /** @type {{ amount?: unknown }} */ (delivery.json())
    const result = parseDecimal(amount)
    // An amount that is none would be none on the next attempt too: it is noted, not sent again.
    if (!result.ok) return console.warn(`delivery ${delivery.deliveryId}: ${result.code}`)
    credit(result.units)
  })
}
