import { fastifyWebhook } from '@fluxora/verify/fastify'
import { postgresDedupeStore } from '@fluxora/verify/stores/postgres'
import fastify from 'fastify'
import pg from 'pg'
import { transactionOn } from './transaction.mjs'

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
pool.on('error', (error) => console.error('A connection to Postgres was lost.', error.message))
export const store = postgresDedupeStore(pool)

export const app = fastify()
app.register(async (scope) => {
  await store.migrate()
  await scope.register(fastifyWebhook, {
    secrets: process.env.WEBHOOK_SECRET,
    transaction: transactionOn(pool, store),
  })
  scope.post('/webhooks', async (request) => {
    const client = /** @type {import('pg').PoolClient} */ (request.webhookTransaction)
    await client.query('INSERT INTO payments (delivery) VALUES ($1)', [request.webhook.deliveryId])
    return { ok: true }
  })
})
