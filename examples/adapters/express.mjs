import { expressWebhook } from '@fluxora/verify/express'
import express from 'express'

const app = express()

// Mount it before any body parser: the middleware reads the raw body itself.
app.post('/webhooks', expressWebhook({ secrets: process.env.WEBHOOK_SECRET }), async (req, res) => {
  console.log('once', req.webhook.deliveryId, req.webhook.json())
  res.json({ ok: true }) // a 2xx commits; after anything else, the sender's retry runs again
})

app.use(express.json())
export const server = app.listen(process.env.PORT ?? 3000)
