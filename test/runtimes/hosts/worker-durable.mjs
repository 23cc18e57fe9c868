// workerd with a Durable Object: the recipe of docs/dedupe.md passes the conformance kit, and a route handles each delivery once.

import { createWebhookRoute } from '@fluxora/verify/fetch'
import { dedupeStoreConformance } from '@fluxora/verify/testing/plain'
import { Deliveries, durableDedupeStore } from '../../../examples/adapters/durable-deliveries.ts'
import { deliveries } from '../suite/data.mjs'
import { runTests, same, test } from '../suite/harness.mjs'

export { Deliveries }

let count = 0
let namespace

dedupeStoreConformance('a Durable Object', () => durableDedupeStore(namespace, `store ${count++}`), {
  describe: (_name, add) => add(),
  it: (name, run) => test(`durable: ${name}`, run),
})

test('durable: a route handles a delivery once, though its copies come at the same time', async () => {
  const { scheme, secret, now, headers, body } = deliveries.find(({ code }) => code === 'ok')
  let handled = 0
  const dedupe = durableDedupeStore(namespace, 'route')
  const route = createWebhookRoute({ scheme, secrets: secret, now: () => now, dedupe }, () => {
    handled++
  })
  const post = () => route(new Request('https://example.com/', { method: 'POST', headers, body }))
  const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await post()).status))
  same(handled, 1)
  same(
    statuses.filter((status) => ![200, 503].includes(status)),
    [],
  )
  same((await (await post()).json()).duplicate, true)
})

const worker = {
  async test(_controller, env) {
    namespace = env.DELIVERIES
    const { passed, failures } = await runTests()
    console.log(JSON.stringify({ host: 'Durable Objects', passed, failures }))
    if (failures.length > 0) throw new Error(failures.join('\n'))
  },
}

// biome-ignore lint/style/noDefaultExport: what a worker is
export default worker
