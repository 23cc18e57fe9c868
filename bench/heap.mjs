// What one verification allocates, by body size. run.mjs starts it with young generations so large that no garbage collection runs between
// the two readings, so the difference is everything that was allocated. If a collection does run, the benchmark notices and fails.

import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { createWebhookReceiver, createWebhookSigner, createWebhookVerifier } from '@fluxora/verify'
import { createAsyncWebhookVerifier } from '@fluxora/verify/fetch'
import { fluxora, github } from '@fluxora/verify/schemes'
import { HAND, verifyByHand } from './by-hand.mjs'
import { bodyOf, headersOf, SECRET, SIZES } from './payloads.mjs'
import { bench } from './results.mjs'

const { table, aim, done } = bench('heap', {
  title: 'Memory',
  about:
    'Bytes that one call allocates, on the JavaScript heap and outside it in array buffers. No garbage collection runs during the measurement. Over WebCrypto, a scheme that signs more than the body has to join the parts in a new buffer.',
})

let collections = 0
new PerformanceObserver((list) => {
  collections += list.getEntries().length
}).observe({ entryTypes: ['gc'] })

const secrets = SECRET
const handle = () => {}
const makers = {
  [HAND]:
    ({ body, headers }) =>
    () =>
      verifyByHand(headers, body),
  '@fluxora/verify': (delivery) => {
    const verifier = createWebhookVerifier({ secrets })
    return () => verifier.verify(delivery).ok
  },
  '@fluxora/verify, receive a duplicate': (delivery) => {
    const receiver = createWebhookReceiver({ secrets })
    return async () => (await receiver.receive(delivery, handle)).ok
  },
  '@fluxora/verify/fetch (github)': (_, delivery) => {
    const verifier = createAsyncWebhookVerifier({ scheme: github, secrets })
    return async () => (await verifier.verify(delivery)).ok
  },
  '@fluxora/verify/fetch (fluxora)': (delivery) => {
    const verifier = createAsyncWebhookVerifier({ secrets })
    return async () => (await verifier.verify(delivery)).ok
  },
}

const rows = []
for (const [name, make] of Object.entries(makers)) {
  const row = { name }
  for (const size of SIZES) {
    const body = bodyOf(size)
    const deliveries = [fluxora, github].map((scheme) => ({
      body,
      headers: headersOf(
        body,
        createWebhookSigner({ scheme, secrets }).sign({ body, deliveryId: 'dlv_1', event: 'e' }),
      ),
    }))
    const { heap, outside } = await allocatedBy(make(...deliveries), size)
    row[`heap${size}`] = heap
    row[`outside${size}`] = outside
  }
  rows.push(row)
}

const columns = [
  { key: 'name', title: 'case' },
  ...SIZES.map((size) => ({ key: `heap${size}`, title: `heap, ${kib(size)}`, digits: 0 })),
  ...SIZES.map((size) => ({ key: `outside${size}`, title: `outside, ${kib(size)}`, digits: 0 })),
]
table('bytes per call, by body size', rows, { columns })
const [, ours] = rows
const [large, larger] = SIZES.slice(-2)
const added = ours[`heap${larger}`] + ours[`outside${larger}`] - ours[`heap${large}`] - ours[`outside${large}`]
aim(`bytes that ${kib(larger)} allocate on top of ${kib(large)}`, added, 64)
done()

/** The mean over many calls, after the compiler has warmed up. */
async function allocatedBy(call, size) {
  const isAsync = call() instanceof Promise
  // A few tens of MiB outside the heap would trigger a collection.
  const calls = Math.min(2000, 2 ** 24 / size)
  for (let i = 0; i < 2000; i++) isAsync ? await call() : call()
  globalThis.gc()
  await setTimeout(5)
  collections = 0
  const before = process.memoryUsage()
  for (let i = 0; i < calls; i++) isAsync ? await call() : call()
  const after = process.memoryUsage()
  await setTimeout(5) // the observer is notified later
  if (collections > 0)
    throw new Error('A garbage collection ran. Start with --min-semi-space-size and --max-semi-space-size.')
  return {
    heap: (after.heapUsed - before.heapUsed) / calls,
    outside: (after.arrayBuffers - before.arrayBuffers) / calls,
  }
}

function kib(size) {
  return size < 1024 ? `${size} B` : `${size / 1024} KiB`
}
