import { type EventDelivery, expressWebhook, readPayload, type StandardSchema } from '@fluxora/verify/express'
import { createWebhookRoute } from '@fluxora/verify/fetch'
import express from 'express'

interface Events {
  'stream.updated': { streamId: string; amount: string }
  'stream.closed': { streamId: string }
}

// In handlers of http and fetch, the event's name decides the payload's type.
export const route = createWebhookRoute<Events>({ secrets: process.env.WEBHOOK_SECRET }, async (delivery) => {
  switch (delivery.event) {
    case 'stream.updated':
      return console.log(delivery.json().amount)
    case 'stream.closed':
      return console.log(delivery.json().streamId)
  }
})

// The same in Express and Fastify.
export const typed = express()
typed.post('/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET }), (req, res) => {
  const delivery = req.webhook as EventDelivery<Events>
  if (delivery.event === 'stream.updated') console.log(delivery.json().amount)
  res.json({ ok: true })
})

// Validate after verifying, with zod, valibot, arktype, or this package's decimalSchema().
export function validating(transfer: StandardSchema<{ amount: string }>): express.Express {
  const app = express()
  app.post('/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET }), async (req, res) => {
    const { amount } = await readPayload(req.webhook, transfer)
    res.json({ ok: true, amount })
  })
  return app
}
