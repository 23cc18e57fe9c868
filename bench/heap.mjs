// What one verification allocates, by the size of the body. run.mjs starts it with young generations so large that nothing is collected
// between the two readings, so that the difference is all that was allocated; a collection in between would be noticed, and is an error.

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
    'Bytes allocated by one call, without any collection in between: on the JavaScript heap, and outside of it in array buffers. Over WebCrypto a scheme that signs more than the body must join it in a buffer of its own.',
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
  '@fluxora/verify, a duplicate received': (delivery) => {
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
table('bytes a call, by size of the body', rows, { columns })
const [, ours] = rows
const [, , large, larger] = SIZES
const added = ours[`heap${larger}`] + ours[`outside${larger}`] - ours[`heap${large}`] - ours[`outside${large}`]
aim(`bytes that ${kib(larger)} allocate more than ${kib(large)}`, added, 64)
done()

/** The mean over many calls, once the compiler is done with them. */
async function allocatedBy(call, size) {
  const isAsync = call() instanceof Promise
  // Some tens of MiB outside of the heap would bring on a collection of their own.
  const calls = Math.min(2000, 2 ** 24 / size)
  for (let i = 0; i < 2000; i++) isAsync ? await call() : call()
  globalThis.gc()
  await setTimeout(5)
  collections = 0
  const before = process.memoryUsage()
  for (let i = 0; i < calls; i++) isAsync ? await call() : call()
  const after = process.memoryUsage()
  await setTimeout(5) // the observer is told later
  if (collections > 0) throw new Error('collected in between: run with --min-semi-space-size and --max-semi-space-size')
  return {
    heap: (after.heapUsed - before.heapUsed) / calls,
    outside: (after.arrayBuffers - before.arrayBuffers) / calls,
  }
}

function kib(size) {
  return size < 1024 ? `${size} B` : `${size / 1024} KiB`
}
