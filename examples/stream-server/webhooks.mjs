// Webhooks in: a route for each of the four systems, each with its own secret. The library checks, and remembers, every delivery.

import { createHash } from 'node:crypto'
import { fastifyWebhook } from '@fluxora/verify/fastify'
import { chronomind, fluxdrop, fluxora, stellarPayment } from '@fluxora/verify/schemes'
import { captureDeliveries } from './capture.mjs'

/**
 * @param {import('fastify').FastifyInstance} app
 * @param {import('./context.mjs').Context} context
 */
export function webhookRoutes(app, { settings, storage, now, metrics, publish, outage }) {
  for (const scheme of [fluxora, stellarPayment, chronomind, fluxdrop]) {
    app.register(async (scope) => {
      const captured = captureDeliveries(scope, (delivery) => publish('delivery', delivery))
      await scope.register(fastifyWebhook, {
        scheme,
        secrets: settings.secrets[/** @type {keyof typeof settings.secrets} */ (scheme.name)],
        dedupe: withOutage(storage.dedupe, outage),
        leaseSeconds: settings.leaseSeconds,
        storeTimeoutSeconds: Math.min(5, settings.leaseSeconds),
        bodyTimeoutSeconds: 5,
        onOutcome: (report) => captured.note({ report: tell(report) }),
        explain: captured.explainer,
      })
      scope.all(`/webhooks/${scheme.name}`, async (request) => {
        const { webhook } = /** @type {{ webhook: import('@fluxora/verify').VerifiedDelivery }} */ (
          /** @type {unknown} */ (request)
        )
        captured.note({ body: webhook.body })
        // The effect. A second time it changes nothing, even if the process died between the first time and the commit of the claim.
        await storage.rows(
          'INSERT INTO received (scheme, identity, event, received_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          ...[scheme.name, identityOf(webhook), webhook.event ?? null, Math.floor(now() * 1000)],
        )
        return { ok: true, deliveryId: webhook.deliveryId }
      })
    })
  }

  /** Counts and logs an outcome. @param {import('@fluxora/verify').OutcomeReport} report */
  function tell({ scheme, status, code, message, deliveryId, event, durationMs, problem, error }) {
    metrics.received.inc({ scheme, code })
    app.log[status >= 500 ? 'error' : 'info'](
      { scheme, status, code, deliveryId, durationMs, problem, err: error },
      message,
    )
    return { at: now() * 1000, scheme, status, code, message, deliveryId, event }
  }
}

/**
 * The id if there is one; else what the library knows the delivery by too, its bytes.
 *
 * @param {import('@fluxora/verify').VerifiedDelivery} delivery
 */
const identityOf = ({ deliveryId, body }) => deliveryId ?? createHash('sha256').update(body).digest('hex')

/**
 * A store that fails while the page's outage is on: deliveries get the library's 503, and come back later.
 *
 * @param {import('@fluxora/verify').DedupeStore} store
 * @param {{ isOn: boolean }} outage
 * @returns {import('@fluxora/verify').DedupeStore}
 */
const withOutage = (store, outage) => ({
  commit: (claim, retentionMs) => store.commit(claim, retentionMs),
  release: (claim) => store.release(claim),
  extend: (claim, leaseMs) => store.extend?.(claim, leaseMs) ?? Promise.resolve(false),
  claim: async (request) => {
    if (outage.isOn) throw new Error('The outage is on.')
    return store.claim(request)
  },
})
