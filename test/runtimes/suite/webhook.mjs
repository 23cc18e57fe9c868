// ./webhook: node:crypto, synchronous. Node, Bun, Deno, and Workers with Node compatibility.

import { defineScheme, hex, singleSignature } from '@fluxora/verify/schemes'
import {
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  verifyWebhookSignature,
} from '@fluxora/verify/webhook'
import rfc4231 from '../../vectors/rfc4231.json' with { type: 'json' }
import { deliveries, fromHex, publishedDeliveries } from './data.mjs'
import { same, test } from './harness.mjs'

for (const { name, scheme, secret, now, headers, body, code } of [...deliveries, ...publishedDeliveries]) {
  test(`webhook: ${name}`, () => {
    const verifier = createWebhookVerifier({ scheme, secrets: secret, now: () => now })
    same(verifier.verify({ headers, body }).code, code)
    if (code !== 'ok') return
    const again = createWebhookSigner({ scheme, secrets: secret, now: () => now }).sign({
      body,
      deliveryId: 'dlv',
      timestamp: now,
    })
    same(verifier.verify({ headers: again, body }).code, 'ok')
  })
}

for (const { case: name, key, data, mac } of rfc4231.cases) {
  test(`webhook: RFC 4231 case ${name}`, () => {
    const bare = defineScheme({
      name: 'bare',
      headers: { signature: 'x-mac' },
      signed: ['body'],
      signature: singleSignature({ encoding: hex }),
    })
    const signed = createWebhookSigner({ scheme: bare, secrets: fromHex(key) }).sign({ body: fromHex(data) })
    same(signed['x-mac'].slice(0, mac.length), mac)
  })
}

test('webhook: the contract in one call', () => {
  const { secret, now, headers, body } = deliveries[0]
  const input = {
    secret,
    now,
    deliveryId: headers['x-fluxora-delivery-id'],
    timestamp: headers['x-fluxora-timestamp'],
    signature: headers['x-fluxora-signature'],
    rawBody: body,
  }
  same(verifyWebhookSignature(input).code, 'ok')
  same(verifyWebhookSignature({ ...input, rawBody: 'x' }).code, 'signature_mismatch')
  same(verifyWebhookSignature({ ...input, isDuplicateDelivery: () => true }).code, 'duplicate_delivery')
})

test('webhook: a receiver claims, commits and releases', async () => {
  const { scheme, secret, now, headers, body } = deliveries[0]
  const receiver = createWebhookReceiver({ scheme, secrets: secret, now: () => now })
  const codes = []
  for (const handle of [() => Promise.reject(new Error('broken')), () => {}, () => {}]) {
    codes.push((await receiver.receive({ headers, body }, handle)).code)
  }
  same(codes, ['handler_failed', 'ok', 'duplicate_delivery'])
})
