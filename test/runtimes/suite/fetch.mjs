// ./fetch: WebCrypto and a route. Any host.

import {
  createAsyncWebhookSigner,
  createAsyncWebhookVerifier,
  createWebhookRoute,
  isWebhookError,
} from '@fluxora/verify/fetch'
import {
  base64,
  circle,
  defineScheme,
  discord,
  intercom,
  paystack,
  singleSignature,
  square,
  standardWebhooks,
  telegram,
} from '@fluxora/verify/schemes'
import { deliveries, publishedDeliveries } from './data.mjs'
import { codeOf, same, test } from './harness.mjs'

for (const { name, scheme, secret, now, headers, body, code } of [...deliveries, ...publishedDeliveries]) {
  test(`fetch: ${name}`, async () => {
    const verifier = createAsyncWebhookVerifier({
      scheme,
      secrets: ['another-one', secret].filter(fits(scheme)),
      now: () => now,
    })
    for (const bag of [headers, new Headers(headers), Object.entries(headers), new Map(Object.entries(headers))]) {
      const verdict = await verifier.verify({ headers: bag, body })
      same(verdict.code, code, name)
      if (verdict.ok) same(verdict.delivery.body, body)
    }
    if (code !== 'ok') return
    const changed = body.slice()
    if (changed.length > 0) changed[0] ^= 1
    const verdict = await verifier.verify({ headers, body: changed.length > 0 ? changed : 'x' })
    same([verdict.ok, verdict.status, verdict.code], [false, 401, 'signature_mismatch'])
  })
}

test('fetch: deliveries verified at the same time', async () => {
  const all = deliveries.filter(({ code, body }) => code === 'ok' && body.length > 0)
  const verify = ({ scheme, secret, now, headers }, body) =>
    createAsyncWebhookVerifier({ scheme, secrets: secret, now: () => now }).verify({ headers, body })
  const answers = await Promise.all(
    all.flatMap((delivery) => {
      const changed = delivery.body.slice()
      changed[changed.length - 1] ^= 1
      return [verify(delivery, delivery.body), verify(delivery, changed), verify(delivery, delivery.body)]
    }),
  )
  same(
    answers.map(({ code }) => code),
    all.flatMap(() => ['ok', 'signature_mismatch', 'ok']),
  )
})

for (const { name, scheme, secret, now, headers, body, code } of deliveries) {
  if (code !== 'ok') continue
  test(`fetch: signs ${name}`, async () => {
    const signer = createAsyncWebhookSigner({ scheme, secrets: secret, now: () => now })
    const deliveryId = headers[scheme.headers.deliveryId[0]]
    const signed = await signer.sign({ body, deliveryId })
    same(Object.entries(signed).sort(), Object.entries(headers).sort())
  })
}

test('fetch: signs by every algorithm what its verifier takes', async () => {
  const body = '{"id":1}'
  const url = 'https://example.test/hooks?a=1'
  for (const [scheme, secrets, known] of [
    [intercom, 'topsecret', 'topsecret'],
    [paystack, 'topsecret', 'topsecret'],
    [telegram, 'topsecret', 'topsecret'],
    [square, 'topsecret', 'topsecret'],
    ...(await keyPairs()),
  ]) {
    const headers = await createAsyncWebhookSigner({ scheme, secrets }).sign({ body, url })
    const verdict = await createAsyncWebhookVerifier({ scheme, secrets: known }).verify({ headers, body, url })
    same([scheme.name, verdict.code], [scheme.name, 'ok'])
  }
})

test('fetch: refusals', async () => {
  const { scheme, secret, now, headers, body } = deliveries[0]
  const verifier = createAsyncWebhookVerifier({ scheme, secrets: secret, now: () => now, maxBodyBytes: 1000 })
  const say = async (change, given = body) =>
    (await verifier.verify({ headers: { ...headers, ...change }, body: given })).code
  same(await say({ 'x-fluxora-signature': undefined }), 'missing_signature')
  same(await say({ 'x-fluxora-signature': 'nonsense' }), 'malformed_signature')
  same(await say({ 'x-fluxora-signature': [headers['x-fluxora-signature'], '0'] }), 'ambiguous_header')
  same(await say({ 'x-fluxora-timestamp': undefined }), 'missing_timestamp')
  same(await say({ 'x-fluxora-timestamp': '1e9' }), 'invalid_timestamp')
  same(await say({ 'x-fluxora-timestamp': '1' }), 'timestamp_outside_tolerance')
  same(await say({ 'x-fluxora-delivery-id': undefined }), 'missing_delivery_id')
  same(await say({ 'content-encoding': 'gzip' }), 'unsupported_content_encoding')
  same(await say({}, { parsed: true }), 'body_already_parsed')
  same(await say({}, '\ud800'), 'invalid_body')
  same(await say({}, new Uint8Array(1001)), 'payload_too_large')
})

test('fetch: misuse throws', () => {
  same(
    codeOf(() => createAsyncWebhookVerifier({ secrets: ' ' })),
    'invalid_secret',
  )
  same(
    codeOf(() => createAsyncWebhookVerifier({ secrets: 'plain', scheme: standardWebhooks })),
    'invalid_secret',
  )
  same(
    codeOf(() => createAsyncWebhookVerifier({ secrets: 'a', toleranceSeconds: Number.NaN })),
    'invalid_option',
  )
  same(
    codeOf(() => createWebhookRoute({ secrets: 'a' })),
    'invalid_option',
  )
  try {
    createWebhookRoute({ secrets: '' }, () => {})
  } catch (error) {
    same(isWebhookError(error), true)
  }
})

test('fetch: a route receives once', async () => {
  const { scheme, secret, now, headers, body } = deliveries[0]
  const runs = []
  let fails = true
  const route = createWebhookRoute({ scheme, secrets: secret, now: () => now, maxBodyBytes: 1000 }, (delivery) => {
    runs.push(delivery.json())
    if (fails) throw new Error('broken')
  })
  const post = async (init = {}) => {
    const response = await route(
      new Request('https://example.test/webhooks', { method: 'POST', headers, body, ...init }),
    )
    return [response.status, (await response.json()).error ?? 'ok', response.headers.get('content-type')]
  }
  const json = 'application/json; charset=utf-8'
  same(await post(), [500, 'handler_failed', json])
  fails = false
  same(await post(), [200, 'ok', json])
  same(await post(), [200, 'ok', json])
  same(runs, [{ event: 'stream.updated' }, { event: 'stream.updated' }])
  same(await post({ body: `${new TextDecoder().decode(body)} ` }), [401, 'signature_mismatch', json])
  same(await post({ body: 'x'.repeat(1001) }), [413, 'payload_too_large', json])
  same(await post({ method: 'PUT' }), [405, 'method_not_allowed', json])
  const used = new Request('https://example.test/', { method: 'POST', headers, body })
  await used.text()
  same((await (await route(used)).json()).error, 'body_already_parsed')
})

test('fetch: of many attempts at the same time, only one runs', async () => {
  const { scheme, secret, now, headers, body } = deliveries[0]
  let runs = 0
  let open
  const gate = new Promise((resolve) => {
    open = resolve
  })
  const route = createWebhookRoute({ scheme, secrets: secret, now: () => now }, async () => {
    runs++
    await gate
  })
  let answered = 0
  const attempt = async () => {
    const response = await route(new Request('https://example.test/', { method: 'POST', headers, body }))
    if (++answered === 7) open() // the one that runs answers last
    return response
  }
  const attempts = Array.from({ length: 8 }, attempt)
  const statuses = (await Promise.all(attempts)).map(({ status }) => status).sort()
  same([runs, statuses], [1, [200, 503, 503, 503, 503, 503, 503, 503]])
})

/** True for secrets that have the form that the scheme requires. */
function fits(scheme) {
  return (secret) => scheme.secret(secret) !== undefined
}

/** Each scheme of public keys with a new private key, as a JSON Web Key and as PEM, and the public one. */
async function keyPairs() {
  const rsa = defineScheme({
    name: 'rsa',
    headers: { signature: 'x-signature' },
    signed: [{ bodyHash: 'sha256-hex' }, 'body'],
    algorithm: 'rsa-sha256',
    signature: singleSignature({ encoding: base64 }),
  })
  const found = []
  for (const [scheme, algorithm] of [
    [discord, { name: 'Ed25519' }],
    [circle, { name: 'ECDSA', namedCurve: 'P-256' }],
    [
      rsa,
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: 2048,
        publicExponent: Uint8Array.of(1, 0, 1),
      },
    ],
  ]) {
    const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const pem = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))))
    const { key_ops: _, ext: _ext, ...jwk } = await crypto.subtle.exportKey('jwk', pair.privateKey)
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...known } = jwk
    found.push([scheme, `-----BEGIN PRIVATE KEY-----\n${pem}\n-----END PRIVATE KEY-----`, known])
    found.push([scheme, jwk, known])
  }
  return found
}
