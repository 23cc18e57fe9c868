// One worker of the sender's crash test: a dispatcher that may be killed at any moment.
// Arguments: the built package, the database, the schema, the base address of the endpoints.

import { pathToFileURL } from 'node:url'
import pg from 'pg'

const [dist, place, schema] = process.argv.slice(2)
const load = (entry) => import(pathToFileURL(`${dist}/${entry}.js`))
const { addressGuard, createDispatcher, createWebhookSender, defineRetrySchedule } = await load('sender')
const { postgresDeliveryLog } = await load('sender/postgres')

const pool = new pg.Pool({ connectionString: place, max: 6, application_name: schema })
pool.on('error', () => {})
pool.on('connect', (client) => client.on('error', () => {}))

const sender = createWebhookSender({
  schedule: defineRetrySchedule({ delaysMs: [100, 200, 400, 800], jitter: true }),
  guard: addressGuard({ allow: ['127.0.0.0/8'], allowHttp: true }),
  timeoutMs: 500,
})
const endpoints = async (id) => {
  const { rows } = await pool.query(`SELECT url FROM ${schema}.endpoints WHERE id = $1`, [id])
  return rows[0] && { id, url: rows[0].url, secrets: 'crash-test-secret' }
}
const dispatcher = createDispatcher({
  sender,
  endpoints,
  log: postgresDeliveryLog(pool, { table: `${schema}.outbox` }),
  leaseSeconds: 3,
  pollMs: 200,
  onAttempt: ({ outcome }) => process.send?.({ outcome }),
  onEndpoint: ({ endpointId, state }) => process.send?.({ endpointId, state }),
  onError: () => process.send?.({ outcome: 'error' }),
})
dispatcher.start()
process.send({ ready: true })
process.on('SIGTERM', async () => {
  await dispatcher.drain({ timeoutMs: 5_000 })
  process.exit()
})
process.on('disconnect', () => process.exit())
