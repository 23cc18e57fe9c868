import { expressWebhook } from '@fluxora/verify/express'
import { postgresDedupeStore } from '@fluxora/verify/stores/postgres'
import express from 'express'
import pg from 'pg'
import { transactionOn } from './transaction.mjs'

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
pool.on('error', (error) => console.error('A connection to Postgres was lost.', error.message))
export const store = postgresDedupeStore(pool) // await store.migrate() once, before the first delivery

const webhook = expressWebhook({ secrets: process.env.WEBHOOK_SECRET, transaction: transactionOn(pool, store) })

export const app = express()
app.post('/webhooks', webhook, async (req, res) => {
  const client = /** @type {import('pg').PoolClient} */ (req.webhookTransaction)
  await client.query('INSERT INTO payments (delivery) VALUES ($1)', [req.webhook.deliveryId])
  res.json({ ok: true }) // sent after COMMIT; if COMMIT fails, 503 is sent instead
})
