// Does the time of a refusal tell where a forged signature is wrong? In the manner of dudect (Reparaz, Balasch, Verbauwhede 2017): two
// classes of forgeries, wrong in the first byte and wrong in the last, in random order; Welch's t over the times, cropped at several
// percentiles: `npm run timing`. An absolute t above 4.5 would be a sign, above 10 a plain one. A report: noise of the machine is no verdict.

import { createHmac, randomInt } from 'node:crypto'
import { createAsyncWebhookVerifier } from '@fluxora/verify/fetch'
import { chronomind, fluxdrop, fluxora, github, slack, stellarPayment, stripe } from '@fluxora/verify/schemes'
import { createWebhookSigner, createWebhookVerifier } from '@fluxora/verify/webhook'
import { mean } from '../shared/statistics.mjs'
import { record } from './figures.mjs'

const NOW = 1_710_000_000
const now = () => NOW
const MEASURES = Number(process.argv[2] ?? 100_000)
const body = Buffer.from(JSON.stringify({ amount: '1.50', note: 'x'.repeat(200) }))

/** The headers of a delivery whose signature is wrong in one byte. */
function forge(scheme, byte) {
  const headers = createWebhookSigner({ scheme, secrets: 'topsecret', now }).sign({
    body,
    ...(scheme.headers.deliveryId.length > 0 && { deliveryId: 'd1' }),
  })
  const name = scheme.headers.signature[0]
  const digits = headers[name].slice(-64)
  const at = 2 * byte
  const other = digits[at] === '0' ? '1' : '0'
  return {
    headers: { ...headers, [name]: headers[name].slice(0, -64) + digits.slice(0, at) + other + digits.slice(at + 1) },
    body,
  }
}

function welch(one, other) {
  const stats = (values) => {
    const middle = mean(values)
    const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
    return { middle, error: variance / values.length }
  }
  const [a, b] = [stats(one), stats(other)]
  return (a.middle - b.middle) / Math.sqrt(a.error + b.error)
}

/** The largest t, by its size, over all measures and over those below some percentiles. */
function largestT(classes) {
  const sorted = [...classes[0], ...classes[1]].sort((a, b) => a - b)
  let largest = 0
  for (const crop of [0.5, 0.75, 0.9, 0.95, 0.99, 1]) {
    const limit = sorted[Math.min(sorted.length - 1, Math.floor(crop * sorted.length))]
    const [one, other] = classes.map((times) => times.filter((time) => time <= limit))
    if (one.length < 100 || other.length < 100) continue
    const t = welch(one, other)
    if (Math.abs(t) > Math.abs(largest)) largest = t
  }
  return largest
}

const rows = []
function report(name, classes) {
  const t = largestT(classes)
  rows.push({ name, t: Number(t.toFixed(2)), measures: classes[0].length + classes[1].length })
  console.log(`${t.toFixed(2).padStart(8)}  ${name}, ${classes[0].length + classes[1].length} measures`)
}

for (const scheme of [fluxora, stellarPayment, chronomind, fluxdrop, stripe, github, slack]) {
  const verifier = createWebhookVerifier({ scheme, secrets: 'topsecret', now })
  const forgeries = [forge(scheme, 0), forge(scheme, 31)]
  for (const forgery of forgeries)
    if (verifier.verify(forgery).code !== 'signature_mismatch') throw new Error(`${scheme.name}: not a forgery`)
  for (let i = 0; i < 20_000; i++) verifier.verify(forgeries[i & 1])
  const classes = [[], []]
  for (let i = 0; i < MEASURES; i++) {
    const which = randomInt(2)
    const start = process.hrtime.bigint()
    verifier.verify(forgeries[which])
    classes[which].push(Number(process.hrtime.bigint() - start))
  }
  report(scheme.name, classes)
}

{
  const verifier = createAsyncWebhookVerifier({ secrets: 'topsecret', now })
  const forgeries = [forge(fluxora, 0), forge(fluxora, 31)]
  for (let i = 0; i < 2000; i++) await verifier.verify(forgeries[i & 1])
  const classes = [[], []]
  for (let i = 0; i < MEASURES / 5; i++) {
    const which = randomInt(2)
    const start = process.hrtime.bigint()
    await verifier.verify(forgeries[which])
    classes[which].push(Number(process.hrtime.bigint() - start))
  }
  report('fluxora by WebCrypto', classes)
}

{
  // That the method sees something: two texts, compared by a loop that stops at the first difference.
  const expected = createHmac('sha256', 'topsecret').update(body).digest('hex')
  const forged = [expected.replace(/^./, 'x'), expected.replace(/.$/, 'x')]
  const compare = (given) => {
    for (let i = 0; i < expected.length; i++) if (given[i] !== expected[i]) return false
    return true
  }
  for (let i = 0; i < 20_000; i++) compare(forged[i & 1])
  const classes = [[], []]
  for (let i = 0; i < MEASURES / 10; i++) {
    const which = randomInt(2)
    const start = process.hrtime.bigint()
    for (let again = 0; again < 10; again++) compare(forged[which])
    classes[which].push(Number(process.hrtime.bigint() - start))
  }
  report('for comparison, a loop that stops at the first difference', classes)
}

const own = rows.slice(0, -1)
const largest = own.reduce((one, other) => (Math.abs(other.t) > Math.abs(one.t) ? other : one))
record('timing', 'npm run timing', {
  largestT: largest.t,
  of: largest.name,
  earlyExitT: rows.at(-1)?.t,
  t: Object.fromEntries(rows.map(({ name, t }) => [name, t])),
})
