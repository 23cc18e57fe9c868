// A million new deliveries through one receiver with its memory store: does the cost stay flat, and the memory bounded?

import { setTimeout } from 'node:timers/promises'
import { createWebhookReceiver } from '@fluxora/verify'
import { median } from '../scripts/shared/statistics.mjs'
import { deliveryOf } from './deliveries.mjs'
import { quick, timeEach } from './harness.mjs'
import { SECRET } from './payloads.mjs'
import { bench } from './results.mjs'

const DELIVERIES = quick ? 100_000 : 1_000_000
const BATCH = 2_500
const { table, aim, done } = bench('scaling', {
  title: 'A million deliveries',
  about:
    'One receiver with its memory store (at most 100,000 entries). The deliveries come one after another, are all new, have 1,024 bytes each, and are handled. Each row is a tenth of them. The heap is measured at the end of the tenth, after a full garbage collection; CPU time includes garbage collection.',
})

let handled = 0
const receiver = createWebhookReceiver({ secrets: SECRET })
const receive = (delivery) => receiver.receive(delivery, () => void handled++)

// Warm up the compiler, with another receiver.
const other = createWebhookReceiver({ secrets: SECRET })
await timeEach(
  Array.from({ length: 20_000 }, (_, at) => deliveryOf(at)),
  (delivery) => other.receive(delivery, () => {}),
)

const rows = []
for (let tenth = 0; tenth < 10; tenth++) {
  const times = []
  for (let done = 0; done < DELIVERIES / 10; done += BATCH) {
    const from = (tenth * DELIVERIES) / 10 + done
    const batch = Array.from({ length: BATCH }, (_, at) => deliveryOf(from + at))
    // CPU time, not elapsed time: over a minute, other load on the machine comes and goes.
    const before = process.cpuUsage()
    await timeEach(batch, receive)
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / BATCH)
  }
  globalThis.gc()
  await setTimeout(20) // array buffers are freed slightly later
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  rows.push({
    deliveries: ((tenth + 1) * DELIVERIES) / 10,
    microseconds: median(times),
    best: Math.min(...times),
    heap: heapUsed / 2 ** 20,
    outside: arrayBuffers / 2 ** 20,
  })
}
if (handled !== DELIVERIES) throw new Error(`${handled} of ${DELIVERIES} deliveries were handled.`)

table('tenth by tenth', rows, {
  columns: [
    { key: 'deliveries', title: 'deliveries so far' },
    { key: 'microseconds', title: 'CPU µs per delivery (median batch)', digits: 1 },
    { key: 'best', title: 'least', digits: 1 },
    { key: 'heap', title: 'heap, MiB', digits: 1 },
    { key: 'outside', title: 'array buffers, MiB', digits: 1 },
  ],
})
const [first, second, last] = [rows[0], rows[1], rows.at(-1)]
aim('CPU µs in the last tenth, relative to the first', last.microseconds / first.microseconds, 1.2)
aim('heap at the end, relative to the end of the second tenth', last.heap / second.heap, 1.05)
done()
