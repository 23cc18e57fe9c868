// Does the time of a refusal reveal where a forged signature is wrong? `npm run timing` tests that as dudect does (Reparaz, Balasch,
// Verbauwhede 2017): two classes of forgeries, wrong in the first byte and wrong in the last, in random order, and Welch's t over the times,
// cropped at several percentiles. An absolute t above 4.5 is a weak sign, and one above 10 a clear sign. It only reports, and never fails,
// because a noisy machine proves nothing.

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

/** The t with the largest absolute value, over all times and over those below some percentiles. */
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

/** Times two calls in random order, and returns the nanoseconds of each run: one list for each call. */
async function timesOf(calls, { measures, warmUp }) {
  for (let i = 0; i < warmUp; i++) await calls[i & 1]()
  const classes = [[], []]
  for (let i = 0; i < measures; i++) {
    const which = randomInt(2)
    const start = process.hrtime.bigint()
    const result = calls[which]()
    if (result instanceof Promise) await result
    classes[which].push(Number(process.hrtime.bigint() - start))
  }
  return classes
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
    if (verifier.verify(forgery).code !== 'signature_mismatch')
      throw new Error(`The forgery for ${scheme.name} is not a signature_mismatch.`)
  const calls = forgeries.map((forgery) => () => verifier.verify(forgery))
  report(scheme.name, await timesOf(calls, { measures: MEASURES, warmUp: 20_000 }))
}

{
  const verifier = createAsyncWebhookVerifier({ secrets: 'topsecret', now })
  const calls = [forge(fluxora, 0), forge(fluxora, 31)].map((forgery) => () => verifier.verify(forgery))
  report('fluxora over WebCrypto', await timesOf(calls, { measures: MEASURES / 5, warmUp: 2000 }))
}

{
  // To show that the method works: two texts, compared by a loop that stops at the first difference.
  const expected = createHmac('sha256', 'topsecret').update(body).digest('hex')
  const forged = [expected.replace(/^./, 'x'), expected.replace(/.$/, 'x')]
  const compare = (given) => {
    for (let i = 0; i < expected.length; i++) if (given[i] !== expected[i]) return false
    return true
  }
  const calls = forged.map((given) => () => {
    for (let again = 0; again < 10; again++) compare(given)
  })
  const classes = await timesOf(calls, { measures: MEASURES / 10, warmUp: 2000 })
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
