import { createWebhookListener } from '@fluxora/verify/http'
import { pino } from 'pino'

/** Logs each outcome as one flat line, without body, secret or signature. */
export function loggedListener(logger = pino()) {
  return createWebhookListener(
    {
      secrets: process.env.WEBHOOK_SECRET,
      onOutcome({ error, ...report }) {
        const level = report.problem || report.status >= 500 ? 'error' : report.ok ? 'info' : 'warn'
        logger[level]({ ...report, err: error }, report.message)
      },
    },
    async (delivery) => {
      console.log('once', delivery.deliveryId, delivery.json())
    },
  )
}
