// Starts the stream server, sends it the deliveries of the tour over real loopback HTTP, and prints what was answered and why.
// Exits with 1 if any answer is not the expected one. With --serve it stays up instead, on PORT or 3000.

import { once } from 'node:events'
import { createStreamServer } from './server.mjs'
import { chainTour } from './tour-chain.mjs'
import { streamTour } from './tour-streams.mjs'
import { webhookTour } from './tour-webhooks.mjs'

const secrets = {
  fluxora: 'fluxora-example-secret',
  stellarPayment: 'whsec_stellar-example-secret',
  chronomind: 'whsec_chronomind-example-secret',
  fluxdrop: 'fluxdrop-example-secret',
}

/** @type {Map<string, number>} */
const handled = new Map()
let failing = false

// The tour's clock stands still, so that what has accrued is the same in every run.
const startedAt = Math.floor(Date.now() / 1000)
const isServing = process.argv.includes('--serve')

const { server, indexer } = createStreamServer({
  secrets,
  now: isServing ? () => Date.now() / 1000 : () => startedAt,
  // The business action. It takes a moment, so that two deliveries can meet in it.
  async handle(delivery) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (failing) {
      failing = false
      throw new Error('The database is away.')
    }
    const id = delivery.deliveryId ?? 'without id'
    handled.set(id, (handled.get(id) ?? 0) + 1)
  },
})

if (isServing) {
  server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log('listening', server.address()))
} else {
  await tour()
}

async function tour() {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const origin = `http://127.0.0.1:${port}`
  const handler = {
    failNext: () => {
      failing = true
    },
    count: (/** @type {string} */ id) => handled.get(id) ?? 0,
  }
  let unexpected = 0
  for (const { name, expected, send, why } of [
    ...webhookTour(origin, secrets, handler),
    ...streamTour(origin, startedAt),
    ...chainTour(origin, indexer),
  ]) {
    const answer = await send()
    if (answer !== expected) unexpected++
    console.log(`${answer === expected ? 'ok ' : 'NOT'}  ${name.padEnd(23)}${answer.padEnd(54)}${why}`)
    if (answer !== expected) console.log(`     ${''.padEnd(23)}${expected} was expected`)
  }
  server.close()
  server.closeAllConnections()
  console.log(
    unexpected === 0 ? '\nEvery answer is the expected one.' : `\n${unexpected} answers are not the expected ones.`,
  )
  process.exitCode = unexpected === 0 ? 0 : 1
}
