// A webhook route for any host of Fetch handlers. It credits an account for each settled payment.

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
    // An invalid amount would be invalid on the next attempt too, so log it and do not ask for a retry.
    if (!result.ok) return console.warn(`delivery ${delivery.deliveryId}: ${result.code}`)
    credit(result.units)
  })
}
