// What it costs to refuse a delivery before any MAC is computed: a header is missing, malformed, or too old.

import { createWebhookSigner, createWebhookVerifier } from '@fluxora/verify'
import { HAND, verifyByHand } from './by-hand.mjs'
import { compare } from './harness.mjs'
import { bodyOf, headersOf, SECRET } from './payloads.mjs'
import { bench } from './results.mjs'

const { table, aim, done } = bench('refusals', {
  title: 'Refusing a delivery',
  about:
    'Deliveries of 1,024 bytes that are refused because of their headers, before any MAC is computed, compared with the plain crypto calls that verify a good delivery.',
})

const body = bodyOf(1024)
const headers = headersOf(body, createWebhookSigner({ secrets: SECRET }).sign({ body, deliveryId: 'dlv_01HV3K9B2Q' }))
const verifier = createWebhookVerifier({ secrets: SECRET })
const { 'x-fluxora-signature': signature, ...unsigned } = headers
const { 'x-fluxora-delivery-id': _, ...nameless } = headers
const refused = {
  missing_signature: unsigned,
  missing_delivery_id: nameless,
  malformed_signature: { ...headers, 'x-fluxora-signature': signature.slice(1) },
  timestamp_outside_tolerance: { ...headers, 'x-fluxora-timestamp': '1600000000' },
}

const floor = () => verifyByHand(headers, body)
const cases = { [HAND]: floor }
for (const [code, given] of Object.entries(refused)) {
  cases[code] = () => verifier.verify({ headers: given, body }).code
  if (cases[code]() !== code) throw new Error(`Expected ${code}, got ${cases[code]()}.`)
}
if (!floor() || !verifier.verify({ headers, body }).ok) throw new Error('The good delivery was refused.')

const rows = await compare(cases)
table('1,024 bytes', rows)
for (const { name, ratio } of rows.slice(1)) aim(`${name}, relative to the plain calls`, ratio, 0.05)
done()
