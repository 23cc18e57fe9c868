// What receiving exactly once costs on top of verifying. As in real life, each delivery is a new one; signing is not measured.

import { createWebhookReceiver, createWebhookVerifier } from '@fluxora/verify'
import { createAsyncWebhookVerifier, createWebhookRoute } from '@fluxora/verify/fetch'
import { deliveryOf } from './deliveries.mjs'
import { compareFresh } from './harness.mjs'
import { SECRET } from './payloads.mjs'
import { bench } from './results.mjs'

const { table, aim, done } = bench('receiver', {
  title: 'Receiving exactly once',
  about:
    'Deliveries of 1,024 bytes, one after another, each of them new. The first row only verifies them; the second verifies, claims in the memory store, handles and commits. A duplicate is verified and looked up.',
})

let made = 0
const make = () => deliveryOf(made++)

let handled = 0
const handle = () => void handled++

{
  const verifier = createWebhookVerifier({ secrets: SECRET })
  const receiver = createWebhookReceiver({ secrets: SECRET })
  const again = createWebhookReceiver({ secrets: SECRET })
  const known = make()
  await again.receive(known, () => {})
  let received = 0
  const rows = await compareFresh(
    {
      verify: (delivery) => verifier.verify(delivery).ok || fail(),
      'receive with memory dedupe': async (delivery) => {
        received++
        return (await receiver.receive(delivery, handle)).code === 'ok' || fail()
      },
      'receive a duplicate': async () => (await again.receive(known, handle)).code === 'duplicate_delivery' || fail(),
    },
    { make, batch: 5000, rounds: 15 },
  )
  if (handled !== received) throw new Error(`${handled} of ${received} deliveries were handled.`)
  table('node:crypto', rows)
  aim('receive with memory dedupe, relative to verify', rows[1].ratio, 1.5)
}

{
  const verifier = createAsyncWebhookVerifier({ secrets: SECRET })
  const route = createWebhookRoute({ secrets: SECRET }, handle)
  const rows = await compareFresh(
    {
      verify: async ({ delivery }) => (await verifier.verify(delivery)).ok || fail(),
      'route (Request to Response), with memory dedupe': async ({ request }) =>
        (await route(request)).status === 200 || fail(),
    },
    {
      make: () => {
        const delivery = make()
        const { connection: _, ...headers } = delivery.headers
        return { delivery, request: new Request('http://localhost/', { method: 'POST', ...delivery, headers }) }
      },
      batch: 1000,
      rounds: 9,
    },
  )
  table('WebCrypto', rows)
}
done()

function fail() {
  throw new Error('A good delivery was refused.')
}
