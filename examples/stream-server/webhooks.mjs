// The webhook endpoints: one listener for each of the four systems, each with its own secret.

import { memoryDedupeStore } from '@fluxora/verify'
import { createWebhookListener } from '@fluxora/verify/http'
import { chronomind, fluxdrop, fluxora, stellarPayment } from '@fluxora/verify/schemes'

/**
 * @param {{
 *   secrets: Record<'fluxora' | 'stellarPayment' | 'chronomind' | 'fluxdrop', string>,
 *   handle: (delivery: import('@fluxora/verify').VerifiedDelivery) => unknown,
 *   log: (report: import('@fluxora/verify').OutcomeReport) => void,
 * }} options
 * @returns listeners by path
 */
export function createWebhookRoutes({ secrets, handle, log }) {
  // One store for all of them: each scheme has its own namespace.
  const dedupe = memoryDedupeStore()
  return new Map(
    [fluxora, stellarPayment, chronomind, fluxdrop].map((scheme) => {
      const secret = secrets[/** @type {keyof typeof secrets} */ (scheme.name)]
      const listener = createWebhookListener(
        { scheme, secrets: secret, dedupe, onOutcome: log, bodyTimeoutSeconds: 5 },
        (delivery) => handle(delivery),
      )
      return [`/webhooks/${scheme.name}`, listener]
    }),
  )
}
