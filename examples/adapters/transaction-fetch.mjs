import { createWebhookRoute } from '@fluxora/verify/fetch'
import { postgresDedupeStore } from '@fluxora/verify/stores/postgres'
import pg from 'pg'
import { transactionOn } from './transaction.mjs'

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
pool.on('error', (error) => console.error('A connection to Postgres was lost.', error.message))
export const store = postgresDedupeStore(pool) // await store.migrate() once, before the first delivery

// In ./http the handler gets the same `transaction`.
export const route = createWebhookRoute(
  { secrets: process.env.WEBHOOK_SECRET, transaction: transactionOn(pool, store) },
  async (delivery, { transaction }) => {
    const client = /** @type {import('pg').PoolClient} */ (transaction)
    await client.query('INSERT INTO payments (delivery) VALUES ($1)', [delivery.deliveryId])
  },
)
