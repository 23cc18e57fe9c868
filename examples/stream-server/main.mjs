// Starts the stream server, sends it the tour's deliveries over loopback HTTP, and prints each answer, with the reason.
// Exits with 1 if an answer is not the expected one. With --serve it keeps running instead, on PORT or 3000.

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

// The tour's clock is stopped, so that the accrued amounts are the same in every run.
const startedAt = Math.floor(Date.now() / 1000)
const isServing = process.argv.includes('--serve')

const { server, indexer } = createStreamServer({
  secrets,
  now: isServing ? () => Date.now() / 1000 : () => startedAt,
  // The business action. It takes a moment, so that two deliveries can overlap.
  async handle(delivery) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (failing) {
      failing = false
      throw new Error('The database is unavailable.')
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
    console.log(`${answer === expected ? 'ok  ' : 'FAIL'} ${name.padEnd(24)}${answer.padEnd(54)}${why}`)
    if (answer !== expected) console.log(`${' '.repeat(29)}expected: ${expected}`)
  }
  server.close()
  server.closeAllConnections()
  console.log(unexpected === 0 ? '\nAll answers are as expected.' : `\n${unexpected} answers are not as expected.`)
  process.exitCode = unexpected === 0 ? 0 : 1
}
