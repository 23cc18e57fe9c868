import { createServer } from 'node:http'
import { expect } from 'vitest'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'
import { isReachable, POSTGRES_URL } from '../../stores/servers.ts'

process.env.DATABASE_URL = POSTGRES_URL
process.env.WEBHOOK_SECRET = 'topsecret'
const report = (): void => {}
const book = async (client: pg.PoolClient, { id }: { id: string }): Promise<void> => {
  await client.query('INSERT INTO booked_by_the_docs (id) VALUES ($1)', [id])
}
//// block

if (await isReachable('PostgreSQL', POSTGRES_URL)) {
  await store.migrate()
  await pool.query('CREATE TABLE IF NOT EXISTS booked_by_the_docs (id text)')
  await pool.query('TRUNCATE booked_by_the_docs')
  const body = JSON.stringify({ id: crypto.randomUUID() })
  const delivery = signTestDelivery({ secret: 'topsecret', body })
  for (let copy = 0; copy < 2; copy++) {
    expect((await sendTestDelivery(createServer(webhooks), delivery)).status).toBe(200)
  }
  expect((await pool.query('SELECT id FROM booked_by_the_docs')).rows).toEqual([JSON.parse(body)])
}
await pool.end()
