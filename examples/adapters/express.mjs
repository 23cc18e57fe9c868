import { expressWebhook } from '@fluxora/verify/express'
import express from 'express'

export const app = express()

// Before any body parser: the middleware reads the raw bytes of its route itself.
app.post('/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET }), async (req, res) => {
  console.log('once', req.webhook.deliveryId, req.webhook.json())
  res.json({ ok: true }) // a 2xx commits, anything else gives the delivery back to the sender's next try
})

app.use(express.json())
