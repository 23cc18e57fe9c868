// What verifying costs beside the bare node:crypto calls that a user would write by hand: createHmac and timingSafeEqual, no checks.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { createWebhookReceiver, createWebhookSigner, createWebhookVerifier } from '@fluxora/verify'
import { compare, print } from './harness.mjs'

const secret = 'whsec_3f9c1ab2d4e5f60718293a4b5c6d7e8f'
const now = 1_710_000_000
const verifier = createWebhookVerifier({ secrets: secret, now: () => now })
const signer = createWebhookSigner({ secrets: secret, now: () => now })

/** The headers of a request as Node gives them, the signed ones among them. */
function headersOf(body) {
  return {
    host: 'hooks.example.com',
    'user-agent': 'Fluxora-Webhook-Dispatcher/2.0',
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'content-type': 'application/json',
    'content-length': String(body.length),
    connection: 'keep-alive',
    'x-request-id': '0b8c2f6e-5a8e-4f44-9d9f-0d6f2e0a7c11',
    ...signer.sign({ body, deliveryId: 'dlv_01HV3K9B2Q', event: 'stream.updated' }),
  }
}

for (const size of [256, 1024, 65_536, 262_144]) {
  const body = Buffer.from(
    JSON.stringify({ event: 'stream.updated', memo: 'é'.repeat(8), pad: '' }).padEnd(size - 8, ' '),
  )
  const headers = headersOf(body)
  const key = Buffer.from(secret)

  const floor = () => {
    const mac = createHmac('sha256', key).update(`${headers['x-fluxora-timestamp']}.`).update(body).digest()
    return timingSafeEqual(mac, Buffer.from(headers['x-fluxora-signature'], 'hex'))
  }
  const verify = () => verifier.verify({ headers, body }).ok
  if (floor() !== true || verify() !== true) throw new Error('not the same verdict')
  print(`verify, ${body.length} bytes`, await compare({ 'createHmac + timingSafeEqual': floor, verify }))
}

{
  const body = Buffer.alloc(1024, 0x20)
  const headers = headersOf(body)
  const { 'x-fluxora-signature': _, ...unsigned } = headers
  const stale = { ...headers, 'x-fluxora-timestamp': '1600000000' }
  const malformed = { ...headers, 'x-fluxora-signature': 'sha256=abc' }
  const key = Buffer.from(secret)
  const floor = () =>
    timingSafeEqual(
      createHmac('sha256', key).update(`${now}.`).update(body).digest(),
      Buffer.from(headers['x-fluxora-signature'], 'hex'),
    )
  print(
    'refusals, 1,024 bytes',
    await compare({
      'createHmac + timingSafeEqual': floor,
      'missing signature': () => verifier.verify({ headers: unsigned, body }),
      'malformed signature': () => verifier.verify({ headers: malformed, body }),
      stale: () => verifier.verify({ headers: stale, body }),
    }),
  )
}

{
  // Each delivery is another one, as in life: its id and its body are new, its signature is made outside of what is measured.
  const receiver = createWebhookReceiver({ secrets: secret, now: () => now })
  const deliveries = Array.from({ length: 200_000 }, (_, i) => {
    const body = Buffer.from(JSON.stringify({ id: i }).padEnd(1024, ' '))
    return { headers: { ...headersOf(body), ...signer.sign({ body, deliveryId: `d-${i}` }) }, body }
  })
  let next = 0
  const take = () => deliveries[next++ % deliveries.length]
  const handle = () => {}
  print(
    'receiver with memory dedupe, 1,024 bytes',
    await compare(
      { verify: () => verifier.verify(take()).ok, receive: async () => (await receiver.receive(take(), handle)).ok },
      { rounds: 3 },
    ),
  )
}
