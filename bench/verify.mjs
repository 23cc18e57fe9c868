// Verifying one accepted delivery, compared with code written by hand and with the senders' own libraries. Each gets the bytes that arrived
// and uses its own scheme. First, each is checked with a good and with a forged delivery.

import { deepStrictEqual } from 'node:assert'
import { HAND } from './by-hand.mjs'
import { compare } from './harness.mjs'
import { bodyOf, bytesText, forgedFrom, SIZES } from './payloads.mjs'
import { bench } from './results.mjs'
import { OURS, verifyCases } from './verify-cases.mjs'

const { table, aim, done } = bench('verify', {
  title: 'Verifying a delivery',
  about:
    'One accepted delivery, given as the bytes that arrived. The first row is the code you would write by hand, without any checks: createHmac, update, timingSafeEqual. Each library verifies its own scheme, called as its documentation shows. If it takes text, decoding the bytes is included. “parses” means that it returns the parsed JSON. Ours appears once for each of these schemes.',
  peers: ['@octokit/webhooks-methods', 'stripe', 'standardwebhooks', 'svix'],
})

/** The rows that the picture shows. */
const PLOTTED = {
  [HAND]: 'by hand, no checks',
  [OURS]: '@fluxora/verify',
  '@octokit/webhooks-methods': '@octokit/webhooks-methods',
  svix: 'svix',
  '@fluxora/verify (stripe), parses': '@fluxora/verify, parses',
  'stripe, parses': 'stripe, parses',
  'standardwebhooks, parses': 'standardwebhooks, parses',
}

/** What verifying may cost at most, relative to the code by hand. */
const MOST = { 256: 0.55, 1024: 0.66, 4096: 0.75, 8192: 0.85, 16384: 0.92, 32768: 1, 65536: 1.05, 262144: 1.05 }

for (const size of SIZES) {
  const body = bodyOf(size)
  const value = JSON.parse(body.toString())
  const forged = forgedFrom(body)
  const cases = verifyCases(body)
  for (const [name, { verify, parses }] of Object.entries(cases)) {
    deepStrictEqual(await verify(body), parses ? value : true, name)
    deepStrictEqual(await accepts(verify, forged), false, name)
  }
  const calls = Object.fromEntries(Object.entries(cases).map(([name, { verify }]) => [name, () => verify(body)]))
  const rows = await compare(calls)
  table(bytesText(size), rows, { plot: { title: `Verify ${bytesText(size)}`, rows: PLOTTED } })
  const ratio = rows.find(({ name }) => name === OURS).ratio
  aim(`verify ${bytesText(size)}, relative to ${HAND}`, ratio, MOST[size])
}
done()

async function accepts(verify, body) {
  try {
    return Boolean(await verify(body))
  } catch {
    return false
  }
}
