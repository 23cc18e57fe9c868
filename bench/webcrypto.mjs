// The verifier over WebCrypto, compared with plain subtle calls with a key that is imported once.

import { createWebhookSigner } from '@fluxora/verify'
import { createAsyncWebhookVerifier } from '@fluxora/verify/fetch'
import { fluxora, github } from '@fluxora/verify/schemes'
import { compare } from './harness.mjs'
import { bodyOf, bytesText, forgedFrom, headersOf, SECRET, SIZES } from './payloads.mjs'
import { bench } from './results.mjs'

const { table, aim, done } = bench('webcrypto', {
  title: 'Verifying over WebCrypto',
  about:
    'createAsyncWebhookVerifier of ./fetch, compared with plain crypto.subtle calls with a key that is imported once. WebCrypto takes a single buffer. The first two rows get that buffer ready-made; the third joins timestamp and body by hand, as your own code would have to. The github scheme signs only the body, so it has nothing to join.',
})

const { subtle } = crypto
const algorithm = { name: 'HMAC', hash: 'SHA-256' }
const key = await subtle.importKey('raw', Buffer.from(SECRET), algorithm, false, ['sign', 'verify'])
const schemes = { fluxora, github }

for (const size of SIZES) {
  const body = bodyOf(size)
  const forged = forgedFrom(body)
  const of = Object.fromEntries(
    Object.entries(schemes).map(([name, scheme]) => {
      const signed = createWebhookSigner({ scheme, secrets: SECRET }).sign({ body, deliveryId: 'dlv_1', event: 'e' })
      const verifier = createAsyncWebhookVerifier({ scheme, secrets: SECRET })
      const headers = headersOf(body, signed)
      return [name, { headers, verify: async (bytes) => (await verifier.verify({ headers, body: bytes })).ok }]
    }),
  )
  const { 'x-fluxora-timestamp': timestamp, 'x-fluxora-signature': signature } = of.fluxora.headers
  const mac = Buffer.from(signature, 'hex')
  const ready = new Map([body, forged].map((bytes) => [bytes, Buffer.concat([Buffer.from(`${timestamp}.`), bytes])]))
  const cases = {
    'subtle.verify, one buffer': (bytes) => subtle.verify('HMAC', key, mac, ready.get(bytes)),
    'subtle.sign, one buffer': async (bytes) =>
      Buffer.from(await subtle.sign('HMAC', key, ready.get(bytes))).equals(mac),
    'subtle.verify by hand, joined and decoded': (bytes) =>
      subtle.verify('HMAC', key, Buffer.from(signature, 'hex'), Buffer.concat([Buffer.from(`${timestamp}.`), bytes])),
    '@fluxora/verify/fetch (fluxora)': of.fluxora.verify,
    '@fluxora/verify/fetch (github)': of.github.verify,
  }
  for (const [name, call] of Object.entries(cases)) {
    if ((await call(body)) !== true || (await call(forged)) !== false) throw new Error(`${name} gives another verdict.`)
  }
  const rows = await compare(Object.fromEntries(Object.entries(cases).map(([name, call]) => [name, () => call(body)])))
  table(bytesText(size), rows)
  for (const { name, ratio } of rows.slice(3)) aim(`${bytesText(size)}, ${name} relative to subtle.verify`, ratio, 1.1)
}
done()
