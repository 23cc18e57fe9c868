import { expressWebhook } from '@fluxora/verify/express'
import express from 'express'

/** @type {Map<string, { id: string, secret: string }>} */
export const merchants = new Map() // or your database

export const app = express()
app.post(
  '/webhooks/:merchant',
  expressWebhook({
    // Called only if the headers and the timestamp are in order. If it finds nothing, the answer is missing_secret.
    tenant({ url = '' }) {
      const merchant = merchants.get(url.split('/').at(-1) ?? '')
      return merchant && { namespace: merchant.id, secrets: merchant.secret }
    },
  }),
  (req, res) => {
    console.log('once', req.webhook.deliveryId, req.webhook.json())
    res.json({ ok: true })
  },
)
