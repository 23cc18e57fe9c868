import { expressWebhook, readPayload, type StandardSchema } from '@fluxora/verify/express'
import { createWebhookRoute } from '@fluxora/verify/fetch'
import express from 'express'

interface Events {
  'stream.updated': { streamId: string; amount: string }
  'stream.closed': { streamId: string }
}

// Types by event name.
export const route = createWebhookRoute<Events>({ secrets: 'topsecret' }, async (delivery) => {
  switch (delivery.event) {
    case 'stream.updated':
      return console.log(delivery.json().amount)
    case 'stream.closed':
      return console.log(delivery.json().streamId)
  }
})

// Validation after verification: zod, valibot, arktype, or decimalSchema() of this package.
export function validating(transfer: StandardSchema<{ amount: string }>): express.Express {
  const app = express()
  app.post('/webhooks', expressWebhook({ secrets: 'topsecret' }), async (req, res) => {
    const { amount } = await readPayload(req.webhook, transfer)
    res.json({ ok: true, amount })
  })
  return app
}
